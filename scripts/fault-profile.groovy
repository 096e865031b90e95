// Where do a guest's page faults come from: which addresses, which code, what kind?
//
// Listens to #PF as it is about to be delivered to the guest, and counts by kind (not present or forbidden; read, write or fetch; user or
// kernel), by page, and by the instruction that faulted. Faults that only the monitor sees (hidden ones of shadow paging) are not the
// guest's and are not counted here; exit-costs.groovy is about those.
//
// Usage: shell/trapline run [--kernel ...] scripts/fault-profile.groovy [--limit N] [--top N]
//   --limit N  instructions of virtual time to run (60000000)
//   --top N    rows of each table (10)
//
// Prints three tables and a bar for each kind; exits with 1 if the guest had no page fault:
//
//   kind                     times
//   not present write user   8
def o = options(limit: 60_000_000L, top: 10)
def kinds = [:].withDefault { 0 }
def pages = [:].withDefault { 0 }
def places = [:].withDefault { 0 }
on('exc pf') { e ->
  long error = e.error
  def why = error & 8 ? 'reserved bit' : error & 1 ? 'forbidden' : 'not present'
  def access = error & 16 ? 'fetch' : error & 2 ? 'write' : 'read'
  kinds["$why $access ${error & 4 ? 'user' : 'kernel'}".toString()]++
  pages['0x' + Long.toHexString(e.address & ~0xfffL)]++
  places[e.symbol ?: '0x' + Long.toHexString(e.rip)]++
}
machine.run o.limit
def top = { String head, Map counts -> table counts.sort { -it.value }.take(o.top).collect { k, n -> [(head): k, times: n] }; println() }
top 'kind', kinds
top 'page', pages
top 'instruction', places
if (kinds) {
  bars kinds
}
check('the guest has page faults') { kinds.size() > 0 }
