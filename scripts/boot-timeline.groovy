// Where does the time go while a guest starts?
//
// Listens to the lines the guest prints and takes the virtual time of each; what lies between two lines is the time of what the earlier
// one announced. Virtual time is counted in instructions, so the figures are the same in every run.
//
// Usage: shell/trapline run [--kernel ...] scripts/boot-timeline.groovy [--until TEXT] [--limit N] [--top N]
//   --until TEXT  the line that ends the boot (the guest's end)
//   --limit N     instructions of virtual time at most (2000000000)
//   --top N       how many of the longest steps are shown as bars (10)
//
// Prints each line under its time, with what it took, then the longest steps; exits with 1 if nothing was printed or --until never came:
//
//   seconds    took      line
//   0.000114   0.000073  starting processes
def o = options(until: '', limit: 2_000_000_000L, top: 10)
def lines = []
def reached = o.until.isEmpty()
on('console') { e ->
  if (!e.text.isBlank()) {
    lines << [e.time, e.text.strip()]
  }
  if (o.until && e.text.contains(o.until)) {
    reached = true
    stop()
  }
}
machine.run o.limit
long end = machine.cpu.place.nanoseconds
def steps = lines.withIndex().collect { l, i -> [at: l[0], took: (i + 1 < lines.size() ? lines[i + 1][0] : end) - l[0], line: l[1]] }
def seconds = { long ns -> String.format(Locale.ROOT, '%.6f', ns / 1e9d) }
table steps.collect { [seconds: seconds(it.at), took: seconds(it.took), line: it.line.take(90)] }
println "\nthe longest steps, in milliseconds, of ${seconds(end)} seconds"
bars steps.sort { -it.took }.take(o.top).collectEntries { ["${it.line.take(40)} @${seconds(it.at)}".toString(), it.took / 1e6d] }
check('the guest prints lines') { lines.size() > 0 }
check('the boot comes to its end') { reached }
