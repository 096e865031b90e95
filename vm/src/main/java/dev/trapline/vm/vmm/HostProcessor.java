package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.svm.World;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.svm.ExitCode;

/**
 * A processor the monitor runs on: 64-bit mode with all memory mapped as it is, and SVM switched on. Guests are entered through a few bytes
 * of code; the rest of the monitor is Java and is entered when guest mode is left. While nobody is to run on it, it is halted.
 */
final class HostProcessor {
  private static final int VM_HSAVE_PA = 0xc001_0117;
  private static final int CODE64 = 0xa09b;
  private static final int DATA = 0xc093;
  private static final int CODE_SELECTOR = 8;
  private static final int DATA_SELECTOR = 0x10;

  private final int index;
  private final Machine host;
  private final Cpu cpu;
  private final HostLayout layout;
  private final HostTimer timer;
  private final Debugging debugging;
  /** Whose turn it is here, or null. */
  private Vcpu running;
  /** The one that ran here last. */
  private Vcpu loaded;
  /** When that one's turn began, in nanoseconds of whoever tells the monitor the time. */
  private long turnBegan;
  /** Something has happened here that the monitor has to deal with before the processor goes on. */
  private boolean attend = true;
  /** The processor is about to call the monitor: it is to be dealt with when its turn comes. */
  private boolean called;

  /** @param index number of the processor; those but the first are started */
  HostProcessor(Machine host, int index, HostLayout layout, FrameTable frames) {
    this.index = index;
    this.host = host;
    this.cpu = host.cpus().get(index);
    this.layout = layout;
    this.timer = new HostTimer(host, index);
    this.debugging = new Debugging(host, index);
    if (index > 0) {
      timer.startProcessor();
    }
    longMode();
    cpu.halted = index > 0;
    cpu.msrs.write(cpu, VM_HSAVE_PA, frames.take(new Owner.Monitor("host save area")));
    cpu.svm.sink = code -> host.end(new Outcome.LeftGuest(code));
    timer.start();
  }

  int index() {
    return index;
  }

  Cpu cpu() {
    return cpu;
  }

  HostTimer timer() {
    return timer;
  }

  Debugging debugging() {
    return debugging;
  }

  /** The part of the monitor's area in deprivileged guests that is this processor's. */
  ProcessorArea area() {
    return layout.area().of(index);
  }

  HostLayout layout() {
    return layout;
  }

  // ---- who runs here

  /** The virtual processor whose turn it is, or null. */
  Vcpu running() {
    return running;
  }

  /** Gives it to a virtual processor, or to nobody. */
  void give(Vcpu v) {
    running = v;
    if (v != null) {
      v.moveTo(this);
    }
  }

  /** When the present turn began, in the host's nanoseconds. */
  long turnBegan() {
    return turnBegan;
  }

  void turnBegan(long nanoseconds) {
    turnBegan = nanoseconds;
  }

  /** The virtual processor that ran here last, or null. */
  Vcpu loaded() {
    return loaded;
  }

  /** Whether the virtual processor about to be entered is another one than the last. */
  boolean switched() {
    boolean other = loaded != running;
    loaded = running;
    return other;
  }

  /** Whether something has to be dealt with here. */
  boolean attention() {
    return attend;
  }

  /** Makes the monitor deal with it before it runs on, or says that this has been done. */
  void attention(boolean needed) {
    attend = needed;
    called &= !needed;
  }

  /** The monitor goes on here when it is this processor's turn. */
  void call() {
    stand(layout.call());
    cpu.halted = false;
    attend = false;
    called = true;
  }

  /** Whether it is this processor's turn, and not over. */
  boolean canGoOn() {
    return host.currentCpu() == index && host.room(index) > 0;
  }

  /** Whether it goes on by itself until the monitor is needed. */
  boolean busy() {
    return called || underWay();
  }

  /** Books what was done here to the guest it was done for. */
  void charge(Cost cost) {
    if (running != null) {
      running.guest().account().charge(cost, 1);
    }
  }

  /** Whether nobody has anything to do here. */
  boolean idle() {
    return running == null && !attend;
  }

  /** Whether it is in a guest or on its way there or back. */
  boolean underWay() {
    return running != null && running.technique().underWay(running);
  }

  /** Whether a guest's own code is running. */
  boolean inGuest() {
    return running != null && running.technique().inGuest(running);
  }

  /** Nobody is to run while others do: the processor waits. */
  void halt() {
    stand(layout.halt());
    cpu.halted = true;
  }

  /** Takes an interrupt that came while nobody ran here. */
  void takeInterrupt() {
    if (cpu.halted && running == null && cpu.interrupts.pending()) {
      timer.acknowledge();
    }
  }

  private void stand(long rip) {
    if (cpu.cr3 != layout.root()) {
      longMode();
    }
    cpu.rip = rip;
  }

  /** How many instructions are left of its turn among the host's processors. */
  long room() {
    return host.room(index);
  }

  private void longMode() {
    cpu.halted = false;
    cpu.cr3 = layout.root();
    cpu.cr4 = Control.PAE | Control.OSFXSR | Control.OSXMMEXCPT;
    cpu.efer = Control.LME | Control.LMA | Control.NXE | Control.SVME;
    cpu.cr0 = Control.PG & 0xffffffffL | Control.WP | Control.NE | Control.ET | Control.PE;
    cpu.seg[Cpu.CS].set(CODE_SELECTOR, 0, 0xffffffffL, CODE64);
    for (int s : new int[] {Cpu.DS, Cpu.ES, Cpu.SS}) {
      cpu.seg[s].set(DATA_SELECTOR, 0, 0xffffffffL, DATA);
    }
    cpu.rip = layout.halt();
    cpu.rflags(Cpu.IF); // what V_INTR_MASKING lets physical interrupts through by
    cpu.svm.gif = false;
    cpu.registersLoaded();
  }

  /** Whether the processor is in guest mode. */
  boolean guestMode() {
    return cpu.svm.guest;
  }

  /** Whether it is in guest mode or on its way there. */
  boolean enters() {
    return guestMode() || layout.onWayIn(cpu.rip);
  }

  /** Whether the processor translates by the tables with this top. */
  boolean in(long top) {
    return cpu.cr3 == top;
  }

  /** Makes the next run enter a guest by VMRUN. */
  void enter(Vcpu v) {
    if (cpu.cr3 != layout.root()) {
      longMode();
    }
    cpu.halted = false;
    cpu.r[Cpu.RAX] = v.vmcbAddress();
    cpu.rip = layout.entry();
  }

  /** Leaves guest mode as a physical interrupt would, or gives up the way there. */
  void leaveGuest() {
    if (guestMode()) {
      World.exit(cpu, ExitCode.INTR, 0, 0, 0);
    } else {
      cpu.rip = layout.halt();
    }
  }

  /**
   * Makes the next run enter a guest through the monitor's entry code.
   *
   * @param here whether to begin in the address space the processor is in, which must have the monitor's area
   * @param entry linear address of the code
   * @param frame linear address of what the code pops
   */
  void enter(boolean here, long entry, long frame) {
    if (!here) {
      longMode();
    }
    cpu.cpl = 0;
    cpu.seg[Cpu.CS].set(MonitorArea.CODE, 0, 0xffffffffL, CODE64);
    cpu.seg[Cpu.SS].set(0, 0, 0, 0);
    cpu.seg[Cpu.SS].unusable = true;
    cpu.rflags(2);
    cpu.svm.gif = true;
    cpu.halted = false;
    cpu.shadow = false;
    cpu.dropTraps();
    cpu.rip = entry;
    cpu.r[Cpu.RSP] = frame;
    area().use(cpu);
    cpu.modeChanged();
  }
}
