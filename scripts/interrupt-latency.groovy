// How punctual are a guest's interrupts, and how long do their handlers take?
//
// Listens to interrupts as they are delivered, and to the end-of-interrupt that closes each. The lateness of a vector is how far its
// deliveries stray from an even beat (the median of the intervals, counted on from the first); the handler's time is from the delivery to
// the end of interrupt, at the PIC or the local APIC. Virtual time: instructions.
//
// Usage: shell/trapline run [--kernel ...] [--technique hvm|trap] scripts/interrupt-latency.groovy [--limit N]
//   --limit N  instructions of virtual time to run (60000000)
//
// Prints a row for each vector and a histogram of the lateness of the most frequent; exits with 1 if none came twice:
//
//   vector  times  beat     lateness: median  most   handler: median  most
//   0x20    27     1000000  12                1208   44               61
def o = options(limit: 60_000_000L)
def deliveries = [:].withDefault { [] }
def handlers = [:].withDefault { [] }
def open = []
def ended = { long now ->
  if (open) {
    def (vector, since) = open.pop()
    handlers[vector] << now - since
  }
}
on('irq') { e ->
  deliveries[e.number] << e.count
  open.push([e.number, e.count])
}
on('io 0x20 out') { e -> if ((e.value & 0x20) != 0) { ended(e.count) } }
if (machine.session.inspect().board().any { it.name() == 'lapic' }) {
  on('mmio 0xfee000b0 write') { e -> ended(e.count) }
}
machine.run o.limit

def median = { list -> list ? list.sort(false)[list.size().intdiv(2)] : null }
def late = { times ->
  def intervals = [times.drop(1), times].transpose().collect { it[0] - it[1] }
  long beat = median(intervals)
  [beat, beat == 0 ? [] : times.collect { t -> long off = (t - times[0]) % beat; Math.min(off, beat - off) }]
}
def rows = deliveries.findAll { it.value.size() > 2 }.sort { -it.value.size() }.collect { vector, times ->
  def (beat, lateness) = late(times)
  def took = handlers[vector]
  [vector: '0x' + Long.toHexString(vector), times: times.size(), beat: beat, 'lateness: median': median(lateness), most: lateness.max(),
      'handler: median': median(took), 'longest': took.max()]
}
table rows
if (rows) {
  def (beat, lateness) = late(deliveries.max { it.value.size() }.value)
  println "\nlateness of vector ${rows[0].vector}, in instructions"
  def steps = lateness.countBy { it == 0 ? 0L : 1L << (63 - Long.numberOfLeadingZeros(it)) }.sort()
  bars steps.collectEntries { ["from $it.key".toString(), it.value] }
}
check('interrupts come with a beat') { rows.size() > 0 }
