package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;

/** The part of the {@link MonitorArea} that each processor has for itself: TSS, ring-0 stack and GDT. */
final class ProcessorArea {
  /** Of it all. */
  static final int PAGES = 18;

  private static final long CODE64_DESCRIPTOR = 0x00af9b000000ffffL;
  private static final long TASK_DESCRIPTOR = 0x0000_8b00_0000_0067L;
  private static final int PAGE = PhysicalMemory.PAGE;
  private static final int STACK_TOP = 2 * PAGE;
  private static final int GDT = 2 * PAGE;
  private static final int TSS_SIZE = 0x68;
  private static final int RSP0 = 4;
  private static final int IO_MAP = 0x66;
  /** What IRETQ pops. */
  private static final int IRET_FRAME = 40;

  private final PhysicalMemory memory;
  private final long frames;
  private final long linear;
  private int filled;
  /** Told when the exit code has been run through. */
  private Runnable left = () -> {};

  /**
   * @param frames host-physical address of the first page, which holds the TSS
   * @param linear where that is in every deprivileged guest
   */
  ProcessorArea(PhysicalMemory memory, long frames, long linear) {
    this.memory = memory;
    this.frames = frames;
    this.linear = linear;
    memory.write(frames + RSP0, 8, stackTop());
    memory.write(frames + IO_MAP, 2, TSS_SIZE);
    descriptor(MonitorArea.CODE, CODE64_DESCRIPTOR);
    descriptor(MonitorArea.TASK, TASK_DESCRIPTOR | (linear & 0xffffff) << 16 | (linear & 0xff000000L) << 32);
    descriptor(MonitorArea.TASK + 8, linear >>> 32);
  }

  // ---- descriptors

  private void descriptor(int selector, long value) {
    memory.write(frames + GDT + (selector & 0xfff8), 8, value);
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

  /** Makes a processor use the descriptor tables here. */
  void use(Cpu c) {
    c.gdtBase = linear + GDT;
    c.gdtLimit = 0xffff;
    c.idtBase = MonitorArea.LINEAR + MonitorArea.IDT * PAGE;
    c.idtLimit = 0xfff;
    c.ldtr.set(0, 0, 0, 0);
    c.ldtr.unusable = true;
    c.tr.set(MonitorArea.TASK, linear, TSS_SIZE - 1, 0x8b);
  }

  /** Whether there is the segment that stands for a null selector in SS: only 64-bit mode knows those, and whoever guesses can load it. */
  void nullStack(boolean there) {
    descriptor(MonitorArea.NULL_STACK, there ? MonitorArea.NULL_STACK_DESCRIPTOR : 0);
  }

  // ---- the ring-0 stack

  /** Who is told when the exit code has been run through. */
  void onLeft(Runnable to) {
    left = to;
  }

  /** The exit code has been run through. */
  void left() {
    left.run();
  }

  private long stackTop() {
    return linear + STACK_TOP;
  }

  private long onStack(int below) {
    return memory.read(frames + STACK_TOP - below, 8);
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
    long at = frames + STACK_TOP - 8L * words.length;
    for (int i = 0; i < words.length; i++) {
      memory.write(at + 8L * i, 8, words[i]);
    }
    return stackTop() - 8L * words.length;
  }
}
