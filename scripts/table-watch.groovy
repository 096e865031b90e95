// Does anything change a guest's descriptor tables after they are set up?
//
// A check for rootkits and stray stores: lets the guest start, keeps its IDT and GDT, then watches the memory of both and the
// instructions LIDT and LGDT, and compares the tables at the end. What an operating system may do, marking a task busy or a segment
// accessed, is told apart from a gate that leads elsewhere.
//
// Usage: shell/trapline run [--kernel ...] scripts/table-watch.groovy [--after N | --from TEXT] [--limit N] [--plant]
//   --after N    instructions after which the tables have to stand (1000000)
//   --from TEXT  or the text the guest has printed by then
//   --limit N    instructions of virtual time to watch (30000000)
//   --plant      turn a gate halfway, as a rootkit would, to see it found
//
// Prints stores and loads as they come and what differs at the end; exits with 1 if a gate or descriptor has changed:
//
//   IDT at 0x113000, 256 gates; GDT at 0x100818, 6 descriptors
//   gate 0x2f: 0x100392 <gate_47> -> 0x10bee0
//   FAILED  the gates are as they were
def o = options(after: 1_000_000L, from: '', limit: 30_000_000L, plant: false)
o.from ? expect(o.from) : machine.run(o.after)
def hex = { long n -> '0x' + Long.toHexString(n) }
def gates = { tables.idt.collectEntries { [it.vector, [it.kind, it.selector, it.offset, it.dpl, it.present]] } }
// The accessed bit of a segment and the busy bit of a task are the processor's own.
def descriptors = { tables.gdt.collectEntries { [it.selector, it.raw & ~(0x3L << 40)] } }
long idt = tables.idtr.base, gdt = tables.gdtr.base
def symbols = tables.idt.collectEntries { [it.vector, it.symbol] }
def gatesBefore = gates(), descriptorsBefore = descriptors()
println "IDT at ${hex(idt)}, ${gatesBefore.size()} gates; GDT at ${hex(gdt)}, ${descriptorsBefore.size()} descriptors"
// In long mode a gate has 16 bytes.
int gateBytes = cpu.mode ==~ /long64|compat.*/ ? 16 : 8
def events = []
def seen = { e, String what -> events << [count: e.count, what: what, by: e.symbol ?: hex(e.rip)] }
on("mem l:${hex(idt)}/${hex(Math.max(8, gatesBefore.size() * gateBytes))} w") { e -> seen(e, "store into the IDT at ${hex(e.address)}") }
on("mem l:${hex(gdt)}/${hex(Math.max(8, descriptorsBefore.size() * 8))} w") { e -> seen(e, "store into the GDT at ${hex(e.address)}") }
on('insn lidt') { e -> seen(e, 'LIDT') }
on('insn lgdt') { e -> seen(e, 'LGDT') }
machine.run o.limit.intdiv(2)
if (o.plant) {
  // One that is not used before the end: a system that jumps there would not get that far.
  def gate = tables.idt.findAll { it.present && it.vector != 0x80 }.max { it.vector }
  mem.write "l:${hex(idt + gate.vector * gateBytes)}", [0xe0, 0xbe]
}
if (!machine.ended) {
  machine.run o.limit.intdiv(2)
}
if (events) {
  table events
}
def differs = { before, after -> (before.keySet() + after.keySet()).findAll { before[it] != after[it] } }
def moved = differs(gatesBefore, gates())
moved.each { v -> println "gate ${hex(v)}: ${hex(gatesBefore[v][2])} <${symbols[v] ?: ''}> -> ${hex(gates()[v][2])}" }
def replaced = differs(descriptorsBefore, descriptors())
replaced.each { s -> println "descriptor ${hex(s)}: ${hex(descriptorsBefore[s] ?: 0)} -> ${hex(descriptors()[s] ?: 0)}" }
check('the tables are where they were') { tables.idtr.base == idt && tables.gdtr.base == gdt }
check('the gates are as they were') { moved.isEmpty() }
check('the descriptors are as they were') { replaced.isEmpty() }
