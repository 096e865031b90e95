package dev.trapline.vm.interp;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.DebugRegisters;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.LinearMemory;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.cpu.StopBefore;
import dev.trapline.vm.cpu.VmExit;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.cpu.svm.GuestInterrupts;
import dev.trapline.vm.cpu.svm.World;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import java.util.Arrays;

/**
 * Runs a processor block by block: one dispatch for each instruction, exact at every instruction.
 *
 * <p>A step limit, an event, a store into the running block or a breakpoint ends a block after any of its operations, by
 * way of {@link Cpu#limit}; a fault leaves the registers as they were before the faulting instruction.
 */
public final class Interpreter {
  private static final int JUMP_ENTRIES = 1 << 14;

  private final Cpu cpu;
  private final LinearMemory mem;
  private final OpFactory factory;
  private final BlockCache cache;
  private final BlockBuilder builder;
  /** Blocks by linear address, one for a slot. */
  private final Block[] jumps = new Block[JUMP_ENTRIES];
  private final Breakpoints breakpoints = new Breakpoints();
  private boolean atBreakpoint;
  private boolean held;
  /** Instruction count at which a breakpoint is passed over: it has just stopped the machine, or was set right here. */
  private long passAt = -1;
  private volatile boolean stopRequested;
  /** Instruction count at which interrupts were last taken, and how many. */
  private long takenAt = -1;
  private int taken;

  public Interpreter(Cpu cpu) {
    this.cpu = cpu;
    this.mem = cpu.mem;
    this.factory = new OpFactory(cpu.cpuid);
    this.cache = new BlockCache(mem);
    this.builder = new BlockBuilder(cpu, new Decoder(X86.set()), factory, breakpoints);
    mem.physical().onCodeWritten(new Listener());
    mem.physical().onMapChanged(this::mapChanged);
    mem.physical().onDiscarded(pa -> mem.flushAll());
  }

  private void mapChanged() {
    cache.clear();
    mem.flushAll();
  }

  /** Forgets what was decoded and translated: memory may have changed without its knowing. */
  public void forget() {
    mapChanged();
  }

  /** Takes the event that RFLAGS.IF does not hold off, if there is one: INIT, start-up, NMI. */
  public void takeEvent() {
    take(cpu.interrupts.event(cpu.nmiBlocked || cpu.shadow));
  }

  /** Asks {@link #run} to return at the next block boundary; may be called from any thread. */
  public void requestStop() {
    stopRequested = true;
    cpu.attention = true;
  }

  /** Addresses to stop before. */
  public Breakpoints breakpoints() {
    return breakpoints;
  }

  /** Whether the last {@link #run} ended before an instruction with a breakpoint. Running on passes over it. */
  public boolean atBreakpoint() {
    return atBreakpoint;
  }

  /** Lets the next instruction run whether or not there is a breakpoint on it. */
  public void passBreakpoint() {
    passAt = cpu.count;
  }

  /** Whether a requested stop ended the last {@link #run}; reading clears the request. */
  public boolean stopTaken() {
    boolean taken = stopRequested;
    stopRequested = false;
    return taken;
  }

  /**
   * Runs until {@code max} more instructions have retired, or the processor halts or shuts down, a stop is requested, or
   * a breakpoint is reached.
   *
   * @return instructions retired by this call
   */
  public long run(long max) {
    Cpu c = cpu;
    long start = c.count;
    long end = start + max;
    atBreakpoint = false;
    c.svm.exited = false;
    if (breakpoints.takeChange()) {
      cache.clear();
    }
    boolean more = true;
    while (more && c.count < end) {
      try {
        more = on(end);
      } catch (VmExit e) {
        World.exit(c, e.code, e.info1, e.info2, 0);
        c.svm.shadowed = false;
        c.count++;
      }
    }
    return c.count - start;
  }

  /** Runs on; returns whether to go on after what ended it. */
  private boolean on(long end) {
    Cpu c = cpu;
    while (c.count < end) {
      c.countLimit = end;
      if (c.attention && service() || c.halted || c.shutdown) {
        return false;
      }
      if (c.shadow || c.debugArmed()) {
        careful();
      } else {
        runNext(end - c.count);
      }
      if (atBreakpoint) {
        return false;
      }
    }
    return true;
  }

  /** Takes a pending interrupt if it may be taken; returns whether to leave the run. */
  private boolean service() {
    if (stopRequested || cpu.svm.exited) {
      return true;
    }
    boolean left = takePending();
    // Who listens to interrupts may have asked to stand before the handler's first instruction.
    return stopRequested || left && cpu.svm.exited;
  }

  /** Takes an interrupt if one may be taken now, and executes nothing. */
  public void takeInterrupt() {
    if (cpu.attention) {
      takePending();
    }
  }

  /** How many interrupts were taken since the last instruction retired: with the count it says where a machine stands. */
  public int taken() {
    return takenAt == cpu.count ? taken : 0;
  }

  /** Restores what {@link #taken()} gave. */
  public void taken(int interrupts) {
    taken = interrupts;
    takenAt = cpu.count;
  }

  /** For steps of a debugger: no interrupt enters while the processor is not halted. */
  public void holdInterrupts(boolean hold) {
    held = hold;
    cpu.attention = true;
  }

  /** Whether they are held off now. */
  public boolean holdsInterrupts() {
    return held && !cpu.halted;
  }

  /** Takes what is pending; returns whether guest mode was left. */
  private boolean takePending() {
    if (holdsInterrupts()) {
      return false;
    }
    if (!cpu.svm.gif) {
      return false; // everything is held (APM2 15.17)
    }
    if (cpu.svm.guest && GuestInterrupts.exits(cpu)) {
      return true;
    }
    InterruptSource source = cpu.interrupts;
    InterruptSource.Event event = source.event(cpu.nmiBlocked || cpu.shadow);
    if (event != InterruptSource.Event.NONE) {
      taken(taken() + 1);
      take(event);
    } else if (!cpu.svm.guest && (!cpu.flag(Cpu.IF) || cpu.shadow)) {
      return false; // INTR is looked at when it may be taken: a guest that keeps interrupts off comes by here at every block
    } else if (!source.pending()) {
      cpu.attention = stopRequested || source.event(false) != InterruptSource.Event.NONE || cpu.svm.vIrq;
      virtual();
    } else if (cpu.svm.interruptible(cpu) && !cpu.shadow) {
      taken(taken() + 1);
      Delivery.interrupt(cpu, cpu.interrupts.acknowledge());
    } else {
      virtual();
    }
    return cpu.svm.exited;
  }

  private void virtual() {
    if (GuestInterrupts.virtual(cpu)) {
      taken(taken() + 1);
    }
  }

  private void take(InterruptSource.Event event) {
    int page = cpu.interrupts.take(event);
    switch (event) {
      case INIT -> {
        cpu.initialise();
        cpu.halted = cpu.model.index() != 0;
      }
      case STARTUP -> cpu.start(page);
      case NMI -> Delivery.nonMaskable(cpu);
      case NONE -> { }
    }
  }

  /** One instruction with everything looked at: interrupt shadow, debug registers, single step. */
  private void careful() {
    Cpu c = cpu;
    boolean shadowed = c.shadow;
    c.shadow = false;
    boolean armed = c.debugArmed();
    if (armed && !DebugRegisters.beforeInstruction(c)) {
      c.count++; // a delivered exception counts: a breakpoint on the first instruction of its own handler must not stop time
      return;
    }
    c.countLimit = c.count + 1;
    long from = c.rip;
    long linear = linearRip();
    c.svm.shadowed = shadowed;
    runNext(1);
    c.svm.shadowed = false;
    if (atBreakpoint) {
      c.shadow = shadowed;
    } else if (armed) {
      Block b = jumps[jumpSlot(linear)];
      DebugRegisters.afterInstruction(c, from, b == null ? c.rip : from + b.offsets[1]);
    }
  }

  private void runNext(long budget) {
    Block b;
    try {
      b = lookup();
    } catch (Fault f) {
      deliverFault(0);
      return;
    }
    if (b.candidate && stopsAt(b)) {
      return;
    }
    execute(b, (int) Math.min(b.fast.length, budget));
  }

  /**
   * Delivers an exception. It counts like an instruction: time passes for a guest that does nothing but fault, and a step
   * over a faulting instruction ends at the handler. An intercepted one leaves guest mode instead.
   *
   * @param next the instruction after the faulting one
   */
  private void deliverFault(long next) {
    Fault f = cpu.fault;
    if (cpu.svm.intercepts(ExitCode.EXCEPTION + f.vector)) {
      VmExit e = cpu.svm.exceptionExit(cpu, f.vector, f.errorCode);
      World.exit(cpu, e.code, e.info1, e.info2, f.vector == Fault.BR ? next : 0);
    } else {
      skip(Delivery.deliverFault(cpu), next);
    }
    cpu.count++;
  }

  /** A swallowed exception: the instruction is passed over. */
  private void skip(boolean delivered, long next) {
    if (!delivered && next != 0) {
      cpu.rip = next;
    }
  }

  private boolean stopsAt(Block b) {
    Breakpoints.Answer answer = Breakpoints.Answer.GO;
    if (passAt != cpu.count && breakpoints.hit(linearRip(), b.pa, b.fast[0].insn)) {
      answer = breakpoints.gate().reached(cpu, b.fast[0].insn, linearRip());
    }
    atBreakpoint = answer == Breakpoints.Answer.STOP;
    if (answer == Breakpoints.Answer.AGAIN) {
      cpu.count++; // time passes, whatever is made of an instruction
      return true;
    }
    passAt = cpu.count;
    return atBreakpoint;
  }

  private long linearRip() {
    long linear = cpu.seg[Cpu.CS].base + cpu.rip;
    return (cpu.mode & Cpu.M_64) != 0 ? linear : linear & 0xffffffffL;
  }

  // ---- finding blocks

  private Block lookup() {
    Cpu c = cpu;
    long linear = linearRip();
    int slot = jumpSlot(linear);
    Block b = jumps[slot];
    if (b == null || b.linear != linear || b.flushes != mem.flushes() || b.mode != c.mode || !b.valid) {
      b = find(linear);
      jumps[slot] = b;
      b.linear = linear;
      b.flushes = mem.flushes();
    }
    if ((c.mode & Cpu.M_64) == 0 && c.rip + b.bytes - 1 > c.seg[Cpu.CS].limit) {
      return withinLimit(b);
    }
    return b;
  }

  private static int jumpSlot(long linear) {
    return (int) (linear ^ linear >>> 12) & JUMP_ENTRIES - 1;
  }

  private Block find(long linear) {
    long pa = mem.fetchAddress(linear);
    Block b = cache.find(pa, cpu.mode);
    if (b != null && (b.secondPage < 0 || b.secondPage == mem.fetchAddress(linear + b.bytes - 1) >>> 12)) {
      return b;
    }
    if (b != null) {
      cache.drop(b);
    }
    b = builder.build(linear, pa);
    cache.add(b);
    return b;
  }

  /** The block reaches past the CS limit: if its first instruction does, #GP(0); else only what is inside runs. */
  private Block withinLimit(Block b) {
    Segment cs = cpu.seg[Cpu.CS];
    if (cpu.rip + b.offsets[1] - 1 > cs.limit) {
      throw cpu.gp(0);
    }
    int n = 1;
    while (n < b.fast.length && cpu.rip + b.offsets[n + 1] - 1 <= cs.limit) {
      n++;
    }
    Op[] inside = Arrays.copyOf(exact(b), n);
    return new Block(b.pa, b.mode, inside, inside, Arrays.copyOf(b.offsets, n + 1), b.secondPage, b.candidate);
  }

  private final class Listener implements PhysicalMemory.CodeListener {
    @Override
    public void codeMarked(byte[] frame) {
      mem.flushWritable(frame);
    }

    @Override
    public void codeWritten(long pa, int length) {
      if (cache.written(pa, length)) {
        cpu.limit = 0;
      }
    }

    @Override
    public boolean holdsCode(long page) {
      return cache.holds(page);
    }
  }

  // ---- running one

  private void execute(Block b, int n) {
    Cpu c = cpu;
    boolean whole = n == b.fast.length;
    Op[] ops = whole ? b.fast : exact(b);
    long base = c.rip;
    c.base = base;
    c.rip = base + (whole ? b.bytes : b.offsets[n]);
    c.limit = n;
    c.count += n;
    c.clockExact = n == 1;
    int i = 0;
    try {
      do {
        ops[i].exec(c);
        i++;
      } while (i < c.limit);
    } catch (Fault f) {
      c.count -= n - i;
      c.rip = base + b.offsets[i];
      stackFault(ops[i]);
      deliverFault(base + b.offsets[i + 1]);
      return;
    } catch (VmExit e) {
      c.count -= n - i - 1;
      c.rip = base + b.offsets[i];
      World.exit(c, e.code, e.info1, e.info2, e.instruction ? base + b.offsets[i + 1] : 0);
      return;
    } catch (StopBefore e) {
      c.count -= n - i;
      c.rip = base + b.offsets[i];
      atBreakpoint = true;
      return;
    } catch (LinearMemory.NeedsExactClock e) {
      c.count -= n - i;
      c.rip = base + b.offsets[i];
      isolate(b, i);
      return;
    }
    if (i < n) {
      c.count -= n - i;
      c.rip = base + b.offsets[i];
    } else if (b.candidate && c.rip == base && ops[0].insn != null && ops[0].insn.repeats()) {
      passAt = c.count; // a string instruction between two of its pieces: the breakpoint on it has been passed
    }
  }

  private Op[] exact(Block b) {
    if (b.exact == null) {
      b.exact = builder.exact(b);
    }
    return b.exact;
  }

  /** A non-canonical address through SS is #SS, not #GP; only the operation knows its segment. */
  private void stackFault(Op op) {
    if (cpu.fault.nonCanonical && op.insn != null && op.insn.mem() != null && op.insn.mem().seg() == Cpu.SS) {
      cpu.fault.vector = Fault.SS;
    }
  }

  /** The operation needs the exact clock: from now on it stands in a block of its own. */
  private void isolate(Block b, int i) {
    builder.isolate(b.pa + b.offsets[i]);
    cache.drop(b);
  }

  /** Operation shapes compiled so far, for statistics. */
  public int shapes() {
    return factory.shapes();
  }
}
