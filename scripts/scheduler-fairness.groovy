// Does the monitor's scheduler give each guest its share?
//
// Runs guests that compute without a pause side by side, with the weights of --weights, for --limit instructions of the host, and compares
// the processor time each had with its weight. Round robin knows no weights: there all shares are to be equal.
//
// Usage: shell/trapline run scripts/scheduler-fairness.groovy [--policy NAME] [--weights A,B,...] [--limit N] [--within PERCENT]
//   --policy NAME     credit, bvt or round-robin (credit)
//   --weights A,B,..  one for each guest (256,512,256)
//   --limit N         instructions of the host (30000000)
//   --within PERCENT  of the host's time by which a share may be off (3)
//
// Prints a row for each guest and a time line of who ran when; exits with 1 if a share is further off:
//
//   guest  weight  ran       share  wanted  waited
//   g1     256     7500075   25.0   25.0    22300223
def o = options(policy: 'credit', weights: '256,512,256', limit: 30_000_000L, within: 3.0d)
def weights = o.weights.split(',')*.toInteger()
def spin = File.createTempFile('spin', '.asm')
spin.deleteOnExit()
spin.text = 'bits 32\norg 0x100000\nstart: inc eax\n jmp start\n'
def guests = group {
  scheduler o.policy
  weights.eachWithIndex { w, i -> guest("g${i + 1}") { kernel spin.path; memory '4M'; weight w } }
}
// The time line: who had most of each of the first 60 half slices.
final long PIECE = 50_000
def ran = { guests.guests.collect { it.view.ran } }
def before = ran()
def line = new StringBuilder()
60.times {
  guests.run PIECE
  def now = ran()
  def did = [now, before].transpose().collect { it[0] - it[1] }
  line << (did.indexOf(did.max()) + 1)
  before = now
}
guests.run Math.max(0L, o.limit - guests.time)
before = ran()
long all = before.sum()
def rows = guests.guests.withIndex().collect { g, i ->
  double wanted = o.policy == 'round-robin' ? 100.0d / weights.size() : 100.0d * weights[i] / weights.sum()
  [guest: g.name, weight: weights[i], ran: before[i], share: 100.0d * before[i] / all, wanted: wanted, waited: g.view.waited]
}
table rows
println "\nwho ran in the first $line.length half slices: $line"
bars rows.collectEntries { [it.guest, it.share] }
rows.each { r ->
  check("$r.guest has its share") { assert Math.abs(r.share - r.wanted) <= o.within }
}
