package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.isa.asm.Assembly;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.mem.PhysicalMemory;

/**
 * What of the monitor stands in the linear address space of a deprivileged guest: the real IDT, GDT and TSS, the ring-0 stack, and the
 * code that enters the guest and is entered from it. All its pages are supervisor pages of one slot of the top-level table. A guest in
 * 64-bit mode runs at CPL 3 and cannot reach them; one in 32-bit mode runs in compatibility mode at CPL 1 or 3, whose linear addresses end
 * far below. The guest's own accesses to this slot fault and are carried out by the monitor on the guest's tables.
 */
final class MonitorArea {
  /** Entry of the top-level table; Linux and the BSDs leave it alone, and a guest that does not is served all the same. */
  static final int SLOT = 507;
  static final long LINEAR = -1L << 48 | (long) SLOT << 39;
  private static final long SLOT_SIZE = 1L << 39;

  /** Selectors at the top of the GDT that are the monitor's, and those of the guest that are below them. */
  static final int FIRST_OWN = 0xffd0;
  static final int CODE = 0xffd0;
  private static final int TASK = 0xffe0;
  /** A data segment of ring 3 that stands for the null selector in SS, which hardware at CPL 3 cannot have. */
  static final int NULL_STACK = 0xfff0 | 3;

  private static final long CODE64_DESCRIPTOR = 0x00af9b000000ffffL;
  private static final long TASK_DESCRIPTOR = 0x0000_8b00_0000_0067L;
  static final long NULL_STACK_DESCRIPTOR = 0x00cff3000000ffffL;
  private static final long GATE = 0x0000_8e00_0000_0000L;

  private static final int PAGE = PhysicalMemory.PAGE;
  private static final int IDT = 2;
  private static final int TSS = 3;
  private static final int STACK = 4;
  private static final int GDT = 5;
  private static final int PAGES = GDT + 16;
  private static final int TSS_SIZE = 0x68;
  private static final int RSP0 = 4;
  private static final int IO_MAP = 0x66;

  /** Present, writable, supervisor, accessed, dirty. */
  private static final int ENTRY = 0x63;
  /** What IRETQ pops. */
  static final int IRET_FRAME = 40;
  /** Where a stop in the exit code hands over to the Java part of the monitor. */
  private static final int DOOR = 0xf8;
  private static final int ERRORS = 1 << 8 | 0x1f << 10 | 1 << 17;

  private final PhysicalMemory memory;
  private final long frames;
  private final long top;
  private int filled;
  private final long entry32;
  private final long entry64;
  /** Told when the exit code has been run through. */
  private Runnable left = () -> {};

  MonitorArea(Machine host, FrameTable table) {
    Owner owner = new Owner.Monitor("code, stack and descriptor tables below deprivileged guests");
    this.memory = table.memory();
    this.frames = table.take(owner, PAGES);
    long directories = table.take(owner);
    long directory = table.take(owner);
    long pages = table.take(owner);
    memory.write(directories, 8, directory | ENTRY);
    memory.write(directory, 8, pages | ENTRY);
    for (int i = 0; i < PAGES; i++) {
      memory.write(pages + 8 * i, 8, frames + (long) i * PAGE | ENTRY);
    }
    this.top = directories | ENTRY;
    Assembly code = new Assembler(X86.set()).assemble(source());
    memory.poke(frames, code.bytes(), 0, code.bytes().length);
    this.entry32 = code.symbols().get("entry32");
    this.entry64 = code.symbols().get("entry64");
    fillTables();
    table.seal(frames, STACK);
    table.seal(directories, 1);
    table.seal(directory, 1);
    table.seal(pages, 1);
    host.port("monitor", DOOR, () -> {
      left.run();
      host.end(new Outcome.LeftGuest(vector() < 32 ? ExitCode.EXCEPTION + vector() : ExitCode.INTR));
    });
  }

  /** Sixteen bytes for each vector, then the common way out and the ways in. */
  private static String source() {
    var s = new StringBuilder("bits 64\norg " + LINEAR + "\n");
    for (int v = 0; v < 256; v++) {
      s.append("align 16\n").append(v < 32 && (ERRORS >> v & 1) != 0 ? "" : "push 0\n").append("push ").append(v).append("\njmp near leave\n");
    }
    String shared = "pop rax\ntest rax, rax\njz %%same\nmov cr3, rax\n%%same: pop rax\nmov cr0, rax\npop rax\nmov cr4, rax\n"
        + "pop rax\nmov ds, eax\npop rax\nmov es, eax\npop rax\nmov fs, eax\npop rax\nmov gs, eax\n";
    String bases = "mov ecx, 0xc0000100\npop rax\npop rdx\nwrmsr\nmov ecx, 0xc0000101\npop rax\npop rdx\nwrmsr\n";
    String end = "pop rcx\npop rdx\npop rax\niretq\n";
    return s.append("align 4096\nleave: out ").append(DOOR).append(", al\nhlt\n")
        .append("entry32:\n").append(shared.replace("%%", "short_")).append(end)
        .append("entry64:\n").append(shared.replace("%%", "long_")).append(bases).append(end).toString();
  }

  private void fillTables() {
    for (int v = 0; v < 256; v++) {
      long to = LINEAR + 16L * v;
      memory.write(frames + IDT * PAGE + 16 * v, 8, to & 0xffff | (long) CODE << 16 | GATE | (to & 0xffff0000L) << 32);
      memory.write(frames + IDT * PAGE + 16 * v + 8, 8, to >>> 32);
    }
    memory.write(frames + TSS * PAGE + RSP0, 8, stackTop());
    memory.write(frames + TSS * PAGE + IO_MAP, 2, TSS_SIZE);
    long task = LINEAR + TSS * PAGE;
    descriptor(CODE, CODE64_DESCRIPTOR);
    descriptor(TASK, TASK_DESCRIPTOR | (task & 0xffffff) << 16 | (task & 0xff000000L) << 32);
    descriptor(TASK + 8, task >>> 32);
  }

  /** Whether there is the segment that stands for a null selector in SS: only 64-bit mode knows those, and whoever guesses can load it. */
  void nullStack(boolean there) {
    descriptor(NULL_STACK, there ? NULL_STACK_DESCRIPTOR : 0);
  }

  /** Puts a descriptor at its place in the real GDT. */
  void descriptor(int selector, long value) {
    memory.write(frames + GDT * PAGE + (selector & 0xfff8), 8, value);
  }

  /** Makes the guest's part of the real GDT what an array holds, as many as are used; the first is null. */
  void descriptors(long[] values, int used) {
    for (int i = 1; i < used; i++) {
      descriptor(8 * i, values[i]);
    }
    for (int i = Math.max(1, used); i < filled; i++) {
      descriptor(8 * i, 0);
    }
    filled = used;
  }

  /** Entry of a top-level table under which all this stands. */
  long top() {
    return top;
  }

  /** Whether a linear address lies in the slot that is the monitor's. */
  static boolean holds(long linear) {
    return linear - LINEAR >= 0 && linear - LINEAR < SLOT_SIZE;
  }

  private static long stackTop() {
    return LINEAR + (STACK + 1) * PAGE;
  }

  /** Who is told when the exit code has been run through. */
  void onLeft(Runnable to) {
    left = to;
  }

  /** Makes a processor use the descriptor tables here. */
  void use(Cpu c) {
    c.gdtBase = LINEAR + GDT * PAGE;
    c.gdtLimit = 0xffff;
    c.idtBase = LINEAR + IDT * PAGE;
    c.idtLimit = 0xfff;
    c.ldtr.set(0, 0, 0, 0);
    c.ldtr.unusable = true;
    c.tr.set(TASK, LINEAR + TSS * PAGE, TSS_SIZE - 1, 0x8b);
  }

  // ---- the ring-0 stack

  private long onStack(int below) {
    return memory.read(frames + (STACK + 1) * PAGE - below, 8);
  }

  /** Whether the processor came here from the guest, and not from a fault of the monitor's own code. */
  boolean fromGuest(Cpu c) {
    return c.r[Cpu.RSP] == stackTop() - IRET_FRAME - 16;
  }

  int vector() {
    return (int) onStack(IRET_FRAME + 16) & 0xff;
  }

  long errorCode() {
    return onStack(IRET_FRAME + 8) & 0xffffffffL;
  }

  long rip() {
    return onStack(40);
  }

  int cs() {
    return (int) onStack(32) & 0xffff;
  }

  long rflags() {
    return onStack(24);
  }

  long rsp() {
    return onStack(16);
  }

  int ss() {
    return (int) onStack(8) & 0xffff;
  }

  /**
   * Lays out what the entry code pops.
   *
   * @return linear address of it
   */
  long lay(long... words) {
    long at = frames + (STACK + 1) * PAGE - 8L * words.length;
    for (int i = 0; i < words.length; i++) {
      memory.write(at + 8L * i, 8, words[i]);
    }
    return stackTop() - 8L * words.length;
  }

  /** Linear address of the code that enters a guest. */
  long entry(boolean bases) {
    return bases ? entry64 : entry32;
  }

  /** Whether an address is on the way into the guest, not on the way out. */
  boolean onWayIn(long rip) {
    return rip >= entry32;
  }
}
