// Does any guest reach what is not its own, whatever it does?
//
// Hostile guests (random code at CPL 0 and 3, ports, devices in memory, page tables, DMA, hypercalls, and VMCBs damaged bit by bit) run
// beside a guest whose result is known, under each technique and kind of paging. After every exit the tables the hardware walks, what the
// processor remembers, the VMCBs, the permission maps and the frames behind devices are followed, byte by byte, to the owners of frames.
//
// Usage: shell/trapline run scripts/isolation-audit.groovy [--exits N] [--seed N] [--kind KIND] [--technique TECHNIQUE] [--leak LEAK]
//
//   --exits N      exits of hostile guests for each row, 400 if not given; 40000 make a million in all (about an hour)
//   --seed N       another seed, other guests
//   --kind K       only this kind: code, user_code, system, ports, mmio, tables, dma, hypercalls, vmcb
//   --technique T  only this: hvm/shadow, hvm/nested, trap/shadow
//   --leak L       a fault of the monitor put in on purpose, to see that it is found: frame, monitor, device, translation, intercept, port
//
// Prints one line for each kind of guest and technique: guests made, exits, ways to a frame that were followed, VMCBs refused by the
// monitor and by VMRUN, guests that ended, the most instructions carried out for one exit, right results of the known guest, violations.
// Ends with 0 if there is no violation, else with 1 and what was found:
//
//   guest       technique    guests  exits  followed  refused  invalid  ended  steps  results  violations
//   code        hvm/shadow   2       574    74731     0        0        0      1      2        0
//   ...
//   ok      no frame of another guest or of the monitor was reached after any of 31,868 exits
import dev.trapline.vm.hostile.Experiment
import dev.trapline.vm.hostile.Hostile
import dev.trapline.vm.hostile.Technique
import dev.trapline.vm.vmm.Leak

def o = options(exits: 400L, seed: 1L, kind: '', technique: '', leak: '')
def named = { values, name, what ->
  if (!name) {
    return values as List
  }
  def found = values.findAll { it.name().equalsIgnoreCase(name) || it.toString() == name }
  found ?: fail("--$what $name: one of ${values*.toString().join(', ')} expected")
}
if (o.exits < 1) {
  fail("--exits $o.exits: 1 or more expected")
}
def leak = o.leak ? Optional.of(named(Leak.values(), o.leak, 'leak')[0]) : Optional.empty()
def kinds = named(Hostile.values(), o.kind, 'kind')
def techniques = named(Technique.values(), o.technique, 'technique')
def experiment = new Experiment(o.seed, leak)
def rows = []
techniques.each { t ->
  kinds.findAll { Experiment.applies(it, t) }.each { k -> rows << experiment.run(k, t, o.exits) }
}
table(['guest', 'technique', 'guests', 'exits', 'followed', 'refused', 'invalid', 'ended', 'steps', 'results', 'violations'],
    rows.collect { [it.kind(), it.technique(), it.attacks(), it.exits(), it.followed(), it.refused(), it.invalid(), it.ended(), it.steps(),
        it.witnesses(), it.violations().size()] })
def found = rows.collectMany { it.violations() }
def exits = rows.sum { it.exits() } ?: 0
found.each { println it }
check("no frame of another guest or of the monitor was reached after any of ${String.format('%,d', exits)} exits") {
  rows && found.isEmpty()
}
