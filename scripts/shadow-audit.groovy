// Are the monitor's shadow tables what the guest's own tables make them, after every exit?
//
// Runs a guest under shadow paging with the audit on: after each exit (or each hundredth, as --audit says) every invariant of the tables is
// derived anew from the bytes in host memory: that an entry leads to the frame behind the guest's page and allows no more than the guest's
// tables, that what is traced cannot be stored to, that no frame of another owner can be reached. Then the guest's faults are told by
// what they meant to shadow paging.
//
// Usage: shell/trapline run scripts/shadow-audit.groovy [--kernel FILE] [--initrd FILE] [--append STR] [--mem SIZE] [--technique NAME]
//     [--audit LEVEL] [--limit N]
//   --kernel, --initrd, --append, --mem  the guest, as boot takes them (the small system, with 32M)
//   --technique NAME                     hvm or trap (hvm)
//   --audit LEVEL                        entries (what changed), full, or full:100 for each 100th exit (entries)
//   --limit N                            instructions of virtual time (30000000)
//
// Prints a row for each invariant that was violated, or none, and the counters; exits with 1 if one was:
//
//   27 invariants held after each of 1034 exits
//   true faults         8
def o = options(kernel: '', initrd: '', append: '', mem: '32M', technique: 'hvm', audit: 'entries', limit: 30_000_000L)
def machine = boot(o.subMap('kernel', 'initrd', 'append', 'mem', 'technique', 'audit').findAll { it.value } + [paging: 'shadow'])
machine.run o.limit
def invariants = machine.cmd('info audit')
def broken = invariants.findAll { it.violations > 0 }
long exits = machine.exits*.count.sum(0L)
if (broken) {
  show broken
} else {
  println "${invariants.size()} invariants held after each of $exits exits"
}
show machine.shadow
check('the guest was left for the monitor') { exits > 0 }
check('shadow tables are coherent') { broken.isEmpty() }
