package dev.trapline.vm.vmm;

import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Hosted;
import dev.trapline.vm.machine.Input;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A virtual machine: a PC on real memory of its own, and the virtual processors that run it. */
public final class Guest {
  private final int id;
  private final GuestSpec spec;
  private final Monitor monitor;
  private final long born;
  private final RealMemory memory;
  private final Account account;
  private final Machine machine;
  private final Holes holes = new Holes();
  private final List<Vcpu> vcpus = new ArrayList<>();
  private final Mmu mmu;
  private Outcome ended;
  private String broken;
  private AuditPlan audits = AuditPlan.OFF;

  /**
   * @throws MonitorException if the host has not enough memory left
   * @throws dev.trapline.vm.machine.BootException if the image cannot be started
   */
  Guest(int id, GuestSpec spec, Monitor monitor) {
    this.id = id;
    this.spec = spec;
    this.born = monitor.now();
    this.account = new Account(monitor.costs());
    this.monitor = monitor;
    this.memory = new RealMemory(monitor.frames(), id, spec.machine().memory());
    this.machine = machine(monitor);
    memory.view(machine.memory());
    this.mmu = Mmu.of(spec.paging(), this, monitor.frames());
    machine.memory().onCodeWritten(new Stores(memory, mmu, monitor.host().memory()));
    machine.memory().onMapChanged(mmu::mapChanged);
    machine.memory().onDiscarded(mmu::discarded);
    for (int i = 0; i < machine.cpus().size(); i++) {
      vcpus.add(new Vcpu(this, i, monitor, monitor.technique(spec)));
    }
  }

  private Machine machine(Monitor m) {
    try {
      return new Machine(spec.machine(), new Below(this, m));
    } catch (BootException impossible) {
      memory.release();
      throw impossible;
    }
  }

  /** Number of the guest: 1 for the first. */
  public int id() {
    return id;
  }

  public String name() {
    return spec.name();
  }

  public GuestSpec spec() {
    return spec;
  }

  /** The guest's PC. Its processors' registers are those of the virtual processors when these are not running. */
  public Machine machine() {
    return machine;
  }

  public List<Vcpu> vcpus() {
    return List.copyOf(vcpus);
  }

  public Account account() {
    return account;
  }

  /** Instructions that did something else than on the bare machine, without the monitor's knowing. */
  public Holes holes() {
    return holes;
  }

  /** Instruction count of the host at which the guest began. */
  public long born() {
    return born;
  }

  /** The guest's own time, in instructions of the host since it began. */
  public long now() {
    return monitor.now() - born;
  }

  /** Its balloon, if it has one. */
  public Optional<VirtioBalloon> balloon() {
    return machine.virtio().stream().filter(VirtioBalloon.class::isInstance).map(VirtioBalloon.class::cast).findFirst();
  }

  /** Bytes of its memory the guest has given up. */
  public long given() {
    return memory.given();
  }

  /**
   * Asks the guest to do without some of its memory from now on. Its driver gives up what it can, as soon as it can.
   *
   * @param bytes whole pages; fewer than it has given up already lets it have the rest again
   * @throws MonitorException if it has no balloon, not as much memory, or if the host has not what it would get back
   */
  public void balloon(long bytes) {
    if (balloon().isEmpty()) {
      throw MonitorException.of("guest %s has no balloon: start it with --balloon", name());
    }
    if (bytes < 0 || bytes >= spec.machine().memory()) {
      throw MonitorException.of("guest %s: %d KiB of its %d KiB cannot be given up", name(), bytes >> 10, spec.machine().memory() >> 10);
    }
    if (given() - bytes > monitor.frames().free()) {
      throw MonitorException.of("guest %s: %d KiB to be given back, %d KiB of the host's memory are free", name(), given() - bytes >> 10,
          monitor.frames().free() >> 10);
    }
    machine.inputs().take(Input.balloon((int) (bytes / VirtioBalloon.PAGE)));
  }

  /** The PC as what the monitor drives. */
  Hosted hosted() {
    return machine.hosted();
  }

  RealMemory memory() {
    return memory;
  }

  /** What shadow paging had to do for it; empty with nested paging. */
  public Optional<ShadowCounters> shadow() {
    return mmu instanceof ShadowMmu s ? Optional.of(s.counters()) : Optional.empty();
  }

  /** Sets when its tables are audited, and how much of them; a violation stops the guest. */
  public void audits(AuditPlan plan) {
    audits = plan;
  }

  public AuditPlan audits() {
    return audits;
  }

  /** The guest-physical address of its memory that is at a host-physical one. */
  public OptionalLong real(long host) {
    long gpa = memory.real(host);
    return gpa < 0 ? OptionalLong.empty() : OptionalLong.of(gpa);
  }

  /** Which shadow entries map the frame of a host-physical address, as text; none with nested paging. */
  public List<String> mappedBy(long host) {
    long gpa = memory.real(host);
    if (gpa < 0 || !(mmu instanceof ShadowMmu s)) {
      return List.of();
    }
    return s.pool().reverse().of(gpa >>> PhysicalMemory.PAGE_SHIFT).stream().map(ShadowPage.Slot::toString).toList();
  }

  Mmu mmu() {
    return mmu;
  }

  /** How the guest ended; empty while it lives. */
  public Optional<Outcome> ended() {
    return Optional.ofNullable(ended);
  }

  /** Why the monitor stopped the guest, one line and what belongs to it; empty if it did not. */
  public Optional<String> broken() {
    return Optional.ofNullable(broken);
  }

  /** Makes the guest's processors complete objects: registers the hardware has are fetched. */
  void fetchAll() {
    vcpus.forEach(Vcpu::fetch);
  }

  /** It is alive again: it was reset, or put into a state. What the monitor stopped it for is over. */
  void revive() {
    ended = null;
    if (broken != null) {
      broken = null;
      vcpus.forEach(Vcpu::renew);
    }
  }

  /** Whether its processors may run. */
  public boolean alive() {
    return ended == null && broken == null;
  }

  void end(Outcome outcome) {
    ended = outcome;
    monitor.over(this);
  }

  /** Switches it off, as somebody at its power button would. */
  public void switchOff() {
    if (alive()) {
      end(new Outcome.PowerOff());
    }
  }

  /** Stops this guest alone: the monitor cannot go on with it. */
  void breakDown(String why) {
    broken = why;
    monitor.over(this);
  }

  /** How it ended, whoever ended it. @throws IllegalStateException while it lives */
  public Outcome over() {
    return broken == null ? ended().orElseThrow(() -> new IllegalStateException(name() + " lives")) : new Outcome.Broken(broken);
  }

  /** Whether all its processors are halted with interrupts off, and no other event is there: only a reset could wake them. */
  boolean deaf() {
    for (Vcpu v : vcpus) {
      if (!v.deaf()) {
        return false;
      }
    }
    return true;
  }

  /** Does something on its behalf; if the host has no memory for it, this guest alone is stopped. */
  void guarded(Runnable work) {
    try {
      work.run();
    } catch (MonitorException none) {
      breakDown(none.getMessage());
    }
  }

  @Override
  public String toString() {
    return name();
  }
}
