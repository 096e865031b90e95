// Which pages does a guest touch, and when?
//
// Watches loads and stores in a range of linear addresses and draws a map: a row for each page that was touched (or group of pages, if
// there are many), a column for each slice of time, the darker the more accesses.
//
// Usage: shell/trapline run [--kernel ...] scripts/heat-map.groovy [--from ADDRESS] [--bytes N] [--skip N] [--limit N] [--svg FILE]
//   --from ADDRESS  where the range begins (0x100000)
//   --bytes N       how long it is (0x20000)
//   --skip N        instructions to run before (0)
//   --limit N       instructions of virtual time to watch (300000)
//   --svg FILE      accesses of each page as a picture
//
// Prints the map and the hottest pages; exits with 1 if nothing was touched:
//
//   0x00111000 |  .-=++##@@%%**++==--........  |  1423 reads  980 writes
def o = options(from: '0x100000', bytes: 0x20000L, skip: 0L, limit: 300_000L, svg: '')
final int COLUMNS = 60, ROWS = 32
long from = Long.decode(o.from)
machine.run o.skip
long begin = machine.cpu.place.count
long grain = Math.max(4096L, Long.highestOneBit(Math.max(1L, o.bytes.intdiv(ROWS) - 1)) << 1)
def heat = [:].withDefault { new int[COLUMNS] }
def reads = [:].withDefault { 0 }
def writes = [:].withDefault { 0 }
on("mem l:$o.from/${o.bytes} rw") { e ->
  long page = (e.address - from).intdiv(grain)
  int column = Math.min(COLUMNS - 1, ((e.count - begin) * COLUMNS).intdiv(o.limit))
  heat[page][column]++
  e.write ? writes[page]++ : reads[page]++
}
machine.run o.limit
def inks = ' .:-=+*#%@'
int most = heat.values().collect { it.max() }.max() ?: 1
def name = { long page -> String.format('0x%08x', from + page * grain) }
heat.sort().each { page, cells ->
  def row = cells.collect { n -> inks[n == 0 ? 0 : Math.min(9, 1 + (int) (8 * Math.log(n) / Math.max(1e-9, Math.log(most))))] }.join()
  println "${name(page)} |$row| ${reads[page]} reads ${writes[page]} writes"
}
println "\na row is ${grain.intdiv(1024)} KiB, a column ${o.limit.intdiv(COLUMNS)} instructions; the darkest is $most accesses"
def hottest = heat.keySet().collectEntries { [name(it), reads[it] + writes[it]] }.sort { -it.value }
bars hottest.take(8)
if (o.svg) {
  svg o.svg, "accesses to memory from $o.from", hottest.sort { it.key }
}
check('memory is touched') { heat.size() > 0 }
