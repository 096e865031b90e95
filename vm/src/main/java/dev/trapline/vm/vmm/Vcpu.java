package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.machine.Hosted;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.vmm.sched.Task;
import java.util.Arrays;

/**
 * A virtual processor. Its registers are in one of two places: in the VMCB and the host's processor from an entry on, or, from the moment
 * the monitor fetches them, in the guest machine's {@link Cpu} object, until they are put back before the next entry.
 */
public final class Vcpu {
  /** A guest's weight is divided among its virtual processors, up to 8 of them, without a rest. */
  private static final int WEIGHT_UNIT = 840;

  private final Guest guest;
  private final int index;
  private final Cpu cpu;
  private final Task task;
  private final long address;
  private final byte[] vmcb;
  private final int asid;
  private final Technique technique;
  private final Registers registers;
  /** Where it runs, or ran last. */
  private HostProcessor on;
  /** Since the last entry. */
  private boolean flushWanted;
  private final ExitLog log;
  /** Whether the registers are in the VMCB and the host's processor. */
  private boolean entered;
  private boolean atBreakpoint;
  private long exits;
  private long steps;

  Vcpu(Guest guest, int index, Monitor monitor, Technique technique) {
    this.guest = guest;
    this.index = index;
    this.cpu = guest.machine().cpus().get(index);
    this.task = new Task(guest.name() + "/" + index, guest.spec().weight() * WEIGHT_UNIT / guest.machine().cpus().size(), guest.spec().cap());
    FrameTable frames = monitor.frames();
    this.address = frames.take(new Owner.Monitor("VMCB of " + task.name()));
    this.vmcb = frames.memory().readableFrame(address);
    this.technique = technique;
    this.on = monitor.processors().getFirst();
    this.registers = technique.registers(this);
    this.log = new ExitLog(guest.account(), monitor.costs());
    this.asid = monitor.asid();
    guest.mmu().prepare(this);
  }

  public Guest guest() {
    return guest;
  }

  /** Number within its guest. */
  public int index() {
    return index;
  }

  /** What the scheduler knows of it. */
  public Task task() {
    return task;
  }

  /** Exits so far. */
  public long exits() {
    return exits;
  }

  /** Host-physical address of its VMCB. */
  public long vmcbAddress() {
    return address;
  }

  /** The bytes of its VMCB. */
  byte[] vmcb() {
    return vmcb;
  }

  /** Its address space identifier. */
  int asid() {
    return asid;
  }

  Technique technique() {
    return technique;
  }

  /** The control area of the VMCB is made again from what the monitor knows; what it had been left with is lost. */
  void renew() {
    Arrays.fill(vmcb, 0, Vmcb.SAVE_AREA, (byte) 0);
    technique.owned(this).write(vmcb);
    flush();
  }

  /** The PC it belongs to, with this processor selected at the present time. */
  Machine machine() {
    guest.hosted().select(index);
    return guest.machine();
  }

  /** The engine that emulates its instructions; it also knows the breakpoints. */
  Interpreter engine() {
    return guest.machine().interpreters().get(index);
  }

  /** Instructions of the guest's it is known to have completed: only differences within single steps mean something. */
  long steps() {
    return steps;
  }

  void stepped() {
    steps++;
  }

  /**
   * Copies the registers for looking at them, if the hardware has them, and leaves them there.
   *
   * @param inGuest whether they are in the processor, in guest mode, and not in the VMCB
   */
  void look(boolean inGuest) {
    if (entered) {
      if (inGuest) {
        registers.peek();
      } else {
        registers.fetch();
      }
      guest.mmu().fetched(this);
    }
  }

  /** Code that was carried out for it came to a breakpoint. */
  void standsAtBreakpoint(boolean stands) {
    atBreakpoint = stands;
  }

  /** Whether it did; asking takes it. */
  boolean takeBreakpoint() {
    boolean was = atBreakpoint;
    atBreakpoint = false;
    return was;
  }

  /** Its last exits. */
  public ExitLog log() {
    return log;
  }

  /** Whether its code runs outside guest mode, at another privilege level than it thinks. */
  boolean deprivileged() {
    return registers instanceof TrapRegisters;
  }

  /** The processor as the guest knows it, fetched from the hardware if need be; what is changed in it will be put back. */
  public Cpu cpu() {
    fetch();
    return cpu;
  }

  /** The same object as it is, without fetching: for what is never in the VMCB. */
  Cpu shell() {
    return cpu;
  }

  /** Whether the hardware has the registers. */
  boolean entered() {
    return entered;
  }

  /** The processor of the host it runs on, or ran on last. */
  HostProcessor on() {
    return on;
  }

  /** It is to run on a processor. What another one, or this one long ago, remembers of its tables is worth nothing there. */
  void moveTo(HostProcessor processor) {
    if (processor != on) {
      fetch();
      on = processor;
      flush();
    }
  }

  /** The hardware has run the guest: its registers are there. */
  void left() {
    exits++;
    registers.left();
    flushWanted = false;
    Vmcb.TLB_CONTROL.set(vmcb, Vmcb.FLUSH_NOTHING);
  }

  /** The same, but it was made to leave by another processor, and what that wants to be dropped is still to be dropped. */
  void madeToLeave() {
    boolean wanted = flushWanted;
    left();
    if (wanted) {
      flush();
    }
  }

  /** It is being entered: what is to be dropped will be. */
  void enters() {
    flushWanted = false;
  }

  /** Whether it cannot go on as it is: its translations are to be dropped, there is something to take, or it is over. */
  boolean mustLeave() {
    boolean held = cpu.interrupts.heldByPriority() && !Vmcb.intercepts(vmcb, ExitCode.CR_WRITE + 8);
    return flushWanted || held && technique.guestMode() || cpu.attention || !ready();
  }

  /** Takes the registers out of the hardware. */
  void fetch() {
    if (entered) {
      entered = false;
      registers.fetch();
      guest.mmu().fetched(this);
    }
  }

  /** Gives the registers to the hardware, if it has not got them. */
  void put() {
    if (!entered) {
      registers.put();
      guest.mmu().controls(this);
      entered = true;
    }
  }

  /** The guest's RFLAGS.IF, wherever it is. */
  boolean interruptsEnabled() {
    return entered ? (Vmcb.RFLAGS.get(vmcb) & Cpu.IF) != 0 : cpu.flag(Cpu.IF);
  }

  /** Whether interrupts are held off for one instruction. */
  boolean shadowed() {
    return entered ? (Vmcb.INTERRUPT_STATE.get(vmcb) & Vmcb.INTERRUPT_SHADOW) != 0 : cpu.shadow;
  }

  /** Whether it has something to do: it is not halted, or there is something to wake up for. */
  public boolean ready() {
    return guest.alive() && (!cpu.halted || Hosted.wakes(cpu));
  }

  /** Whether it is halted and no interrupt can wake it. */
  boolean deaf() {
    return cpu.halted && !interruptsEnabled() && !Hosted.wakes(cpu);
  }

  /** Drops its translations at the next entry. */
  void flush() {
    flushWanted = true;
    Vmcb.TLB_CONTROL.set(vmcb, Vmcb.FLUSH_ASID);
  }

  void release(FrameTable frames) {
    frames.release(address);
  }

  @Override
  public String toString() {
    return task.name();
  }
}
