package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.DataWatch;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.disasm.Disassembler;
import dev.trapline.vm.isa.disasm.Syntax;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Walk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Our processor, an instruction at a time, with all it did at its edges. Nothing outside interrupts it and no device timer runs; a
 * repeated string instruction is one step, from its first element to its last or to its fault.
 */
final class Ours implements DataWatch, AutoCloseable {
  /** Stores that are kept of one step; each is an address and a length below it. */
  private static final int LENGTH_BITS = 4;
  /** The most bytes delivery pushes: six quadwords. */
  private static final int FRAME = 48;
  /** Pages that may be RAM behind ROM. */
  private static final int EXPANSION = 0xc0;
  private static final int EXPANSION_END = 0x100;

  private final Machine machine;
  private final Cpu cpu;
  private final Decoder decoder = new Decoder(X86.set());
  private long[] stores = new long[64];
  private int storeCount;
  private final List<Event> events = new ArrayList<>();
  private boolean raised;
  private Insn insn;
  private Registers before;
  private long beforeCount;

  Ours(Machine machine) {
    this.machine = machine;
    this.cpu = machine.cpu();
    cpu.mem.watch(this);
    machine.listen(this::happened);
  }

  /** The machine goes on alone. */
  @Override
  public void close() {
    cpu.mem.watch(null);
    machine.listen(null);
  }

  Cpu cpu() {
    return cpu;
  }

  Machine machine() {
    return machine;
  }

  /** Pages of RAM that are not all zeros, as the processor sees them, by page number. */
  SortedMap<Integer, byte[]> ram(long size) {
    PhysicalMemory memory = machine.memory();
    var pages = new TreeMap<>(memory.contents().headMap((int) (size >>> PhysicalMemory.PAGE_SHIFT)));
    for (int page = EXPANSION; page < EXPANSION_END; page++) {
      long at = (long) page << PhysicalMemory.PAGE_SHIFT;
      pages.remove(page);
      if (memory.isRam(at)) {
        pages.put(page, new byte[PhysicalMemory.PAGE]);
        memory.peek(at, pages.get(page), 0, PhysicalMemory.PAGE);
      }
    }
    return pages;
  }

  @Override
  public boolean watches(long linear, long pa) {
    return true;
  }

  @Override
  public void accessed(long linear, long pa, int bytes, Access access) {
    if (access == Access.WRITE) {
      if (storeCount == stores.length) {
        stores = Arrays.copyOf(stores, 2 * storeCount);
      }
      stores[storeCount++] = pa << LENGTH_BITS | bytes;
    }
  }

  private void happened(Event e) {
    events.add(e);
    raised |= e instanceof Event.Raised;
  }

  /** Decodes what comes next; {@link #step} then executes it. */
  void prepare() {
    storeCount = 0;
    events.clear();
    raised = false;
    before = Registers.of(cpu);
    beforeCount = cpu.count;
    insn = decode();
  }

  private Insn decode() {
    try {
      return decoder.decode(i -> byteAt(linearRip() + i), cpu.codeSize());
    } catch (Fault | Decoder.TooLong e) {
      return null;
    }
  }

  private int byteAt(long linear) {
    long at = cpu.mode64() ? linear : linear & 0xffffffffL;
    return (int) cpu.mem.physical().read(cpu.mem.fetchAddress(at), 1);
  }

  long linearRip() {
    long linear = cpu.seg[Cpu.CS].base + cpu.rip;
    return cpu.mode64() ? linear : linear & 0xffffffffL;
  }

  /** Executes it. */
  void step() {
    run();
    if (events.stream().anyMatch(e -> e instanceof Event.Raised || e instanceof Event.Interrupt)) {
      frame();
    }
  }

  /** Delivery's stores are not told: what now is on top of the stack counts as stored. */
  private void frame() {
    Segment ss = cpu.seg[Cpu.SS];
    long sp = cpu.mode64() ? cpu.r[Cpu.RSP] : cpu.r[Cpu.RSP] & (ss.big() ? 0xffffffffL : 0xffff);
    Walk walk = new Walk();
    for (int i = 0; i < FRAME; i += Integer.BYTES) {
      long linear = cpu.mode64() ? sp + i : ss.base + sp + i & 0xffffffffL;
      cpu.mem.walker().walk(cpu.mem.paging(), linear, Access.READ, cpu.cpl == 3, true, false, walk);
      if (walk.fault < 0) {
        accessed(linear, walk.pa, Integer.BYTES, Access.WRITE);
      }
    }
  }

  private void run() {
    long from = linearRip();
    do {
      cpu.attention = false;
      machine.interpreter().run(1);
    } while (insn != null && insn.repeats() && linearRip() == from && !raised && !cpu.shutdown);
  }

  /** Elements of a repeated instruction; 1 for others. */
  long steps() {
    return cpu.count - beforeCount;
  }

  /** The instruction, or null if there was none that could be decoded. */
  Insn insn() {
    return insn;
  }

  Registers before() {
    return before;
  }

  List<Event> events() {
    return events;
  }

  /** Whether the step ended in an exception. */
  boolean raised() {
    return raised;
  }

  int storeCount() {
    return storeCount;
  }

  long storeAddress(int i) {
    return stores[i] >>> LENGTH_BITS;
  }

  int storeLength(int i) {
    return (int) stores[i] & (1 << LENGTH_BITS) - 1;
  }

  /** What comes next: its address, bytes and text, put together when asked for. */
  Supplier<String> disassembled() {
    Insn in = insn;
    int selector = cpu.seg[Cpu.CS].selector;
    long rip = cpu.rip;
    byte[] bytes = new byte[in == null ? 0 : in.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) byteAt(linearRip() + i);
    }
    return () -> String.format("%04x:%08x  %-36s%s", selector, rip, HexFormat.ofDelimiter(" ").formatHex(bytes),
        in == null ? "(no instruction)" : new Disassembler(decoder).format(in, rip, Syntax.INTEL));
  }
}
