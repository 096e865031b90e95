package dev.trapline.vm.vmm;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.Vmcb;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Classic trap-and-emulate: the guest's code runs outside guest mode at a lower privilege level than it thinks, its kernel at CPL 1 (in
 * long mode at CPL 3), and every exception and interrupt is the monitor's. An instruction that faulted is carried out on the virtual
 * registers: what is privileged does its work there, and what is a fault of the guest's own is delivered through the guest's IDT. The
 * gates of the real IDT have DPL 0, so {@code INT n} comes here likewise.
 *
 * <p>Instructions that behave differently at the lower level without a fault are not made up for: those are the holes of x86.
 *
 * <p>What the real processor cannot be made to do, real and virtual-8086 mode, rings 1 and 2, single steps, debug registers, segment
 * registers whose descriptors are no longer what was loaded, is carried out by the {@link Emulator}'s engine and counted.
 */
final class Trap implements Technique {
  /** Instructions carried out before it is looked again whether the hardware can go on. */
  private static final int PIECE = 64;
  /** Page faults in a row at one place after which the tables do not help. */
  private static final int MOST_RETRIES = 4;
  private static final int NMI = 2;
  private static final int MACHINE_CHECK = 18;
  private static final int FIRST_INTERRUPT = 32;
  /** DR7: enables of breakpoints. */
  private static final int BREAKPOINTS = 0xff;

  private final MonitorArea area;
  private final Map<Vcpu, State> states = new HashMap<>();
  private final List<Seat> seats = new ArrayList<>();

  /** What belongs to one processor of the host. */
  private static final class Seat {
    /** Whose descriptors are in the real GDT. */
    State installed;
    /** Who is in its own code, or on the way. */
    Vcpu inside;
  }

  /** What belongs to one virtual processor. */
  private static final class State {
    final ShadowDescriptors descriptors;
    final TrapRegisters registers;
    final HoleWatch watch;
    long lastFault;
    int retries;

    State(ShadowDescriptors descriptors, TrapRegisters registers, HoleWatch watch) {
      this.watch = watch;
      this.descriptors = descriptors;
      this.registers = registers;
    }
  }

  Trap(List<HostProcessor> processors) {
    this.area = processors.getFirst().layout().area();
    for (HostProcessor p : processors) {
      var seat = new Seat();
      seats.add(seat);
      p.area().onLeft(() -> {
        seat.inside = null;
        p.cpu().watchSensitive(null);
      });
    }
  }

  private Seat seat(Vcpu v) {
    return seats.get(v.on().index());
  }

  @Override
  public String name() {
    return "trap";
  }

  @Override
  public void require(GuestSpec spec) {
    if (!spec.paging().equals("shadow")) {
      throw MonitorException.of("guest %s: technique trap has no paging but shadow", spec.name());
    }
  }

  private static ShadowMmu mmu(Vcpu v) {
    return (ShadowMmu) v.guest().mmu();
  }

  @Override
  public Registers registers(Vcpu v) {
    var descriptors = new ShadowDescriptors(v, mmu(v));
    var registers = new TrapRegisters(v, descriptors);
    states.put(v, new State(descriptors, registers, new HoleWatch(v)));
    return registers;
  }

  @Override
  public void prepare(Vcpu v) {
    mmu(v).deprivilege(v, area.top());
  }

  /** The notebook in the place of a VMCB is read by nobody. */
  @Override
  public Owned owned(Vcpu v) {
    return new Owned(List.of(), Set.of());
  }

  // ---- into the guest

  @Override
  public void deliver(Vcpu v) {
    InterruptSource source = v.shell().interrupts;
    if (source.event(v.shell().nmiBlocked || v.shadowed()) != InterruptSource.Event.NONE) {
      v.cpu();
      v.machine();
      v.engine().takeEvent();
    }
    if (source.pending() && v.interruptsEnabled() && !v.shadowed()) {
      Cpu c = v.cpu();
      v.machine();
      v.guest().account().charge(Cost.INJECT, 1);
      Delivery.interrupt(c, source.acknowledge());
    }
  }

  @Override
  public void enter(Vcpu v, long most) {
    State s = states.get(v);
    Seat seat = seat(v);
    HostProcessor processor = v.on();
    Cpu c = v.cpu();
    boolean changed = c.protectedMode() && s.descriptors.follow();
    if (changed) {
      seats.stream().filter(other -> other.installed == s).forEach(other -> other.installed = null);
    }
    if (!expresses(c, s.descriptors)) {
      carryOut(v, most);
      return;
    }
    if (seat.installed != s) {
      s.descriptors.install(processor.area());
      seat.installed = s;
    }
    v.put();
    processor.cpu().watchSensitive(s.watch);
    boolean here = Vmcb.TLB_CONTROL.get(v.vmcb()) == Vmcb.FLUSH_NOTHING && processor.in(Vmcb.CR3.get(v.vmcb()));
    processor.enter(here, area.entry(c.longMode()), s.registers.lay(!here));
    seat.inside = v;
  }

  /** Whether the real processor, deprivileged, can stand where the virtual one stands. */
  private static boolean expresses(Cpu c, ShadowDescriptors descriptors) {
    if (!c.protectedMode() || c.v86() || c.cpl == 1 || c.cpl == 2 || c.shadow || c.halted || c.flag(Cpu.TF) || (c.dr[7] & BREAKPOINTS) != 0) {
      return false;
    }
    boolean inside = c.mode64() ? c.rip >> 47 == c.rip >> 63 : c.rip <= c.seg[Cpu.CS].limit;
    for (int s = 0; s < 6; s++) {
      inside &= descriptors.expresses(c, s);
    }
    return inside;
  }

  /** A piece of code by the engine, in the host's time, within the turn of the host's processor. */
  private void carryOut(Vcpu v, long most) {
    if (!v.on().canGoOn()) {
      v.on().call();
      return;
    }
    long piece = Math.min(most, v.on().room());
    long did = Emulator.some(v, v.shell().shadow ? 1 : Math.clamp(piece, 1, PIECE));
    boolean stops = v.engine().atBreakpoint();
    v.standsAtBreakpoint(stops);
    v.on().cpu().count += stops ? did : Math.max(1, did);
    translationsMayBeGone(v);
  }

  private void translationsMayBeGone(Vcpu v) {
    v.guest().mmu().dropTranslations(v);
    states.get(v).descriptors.changed();
  }

  @Override
  public boolean inGuest(Vcpu v) {
    return seat(v).inside == v && v.on().cpu().cpl != 0;
  }

  @Override
  public boolean underWay(Vcpu v) {
    return seat(v).inside == v;
  }

  @Override
  public boolean leave(Vcpu v) {
    Cpu host = v.on().cpu();
    if (!underWay(v)) {
      return false;
    }
    seat(v).inside = null;
    host.watchSensitive(null);
    if (host.cpl != 0) {
      Delivery.interrupt(host, HostTimer.SPURIOUS_VECTOR);
      return true;
    }
    if (area.onWayIn(host.rip)) {
      return false;
    }
    int vector = v.on().area().vector();
    if (vector >= FIRST_INTERRUPT) {
      v.on().timer().taken(vector);
    }
    return true;
  }

  // ---- out of the guest

  @Override
  public void handle(Vcpu v, long code) {
    ProcessorArea at = v.on().area();
    int vector = at.vector();
    if (!at.fromGuest(v.on().cpu()) || vector == NMI || vector == Fault.DF || vector == MACHINE_CHECK) {
      v.guest().breakDown(String.format("%s: %s in the monitor's own code on the way to %x:%x", v, Fault.name(vector), at.cs(), at.rip()));
    } else if (vector >= FIRST_INTERRUPT) {
      v.on().timer().taken(vector);
      v.guest().account().charge(Cost.HOST_INTERRUPT, 1);
    } else if (vector == Fault.PF) {
      fault(v);
    } else if (vector == Fault.DB) {
      inject(v, EventWord.of(EventWord.EXCEPTION, Fault.DB));
    } else {
      emulate(v);
    }
  }

  private void emulate(Vcpu v) {
    if (Emulator.one(v)) {
      translationsMayBeGone(v);
    }
  }

  private void fault(Vcpu v) {
    long address = Vmcb.EXITINFO2.get(v.vmcb());
    State s = states.get(v);
    long place = address * 31 + Vmcb.RIP.get(v.vmcb());
    s.retries = place == s.lastFault ? s.retries + 1 : 0;
    s.lastFault = place;
    if (MonitorArea.holds(address) || s.retries > MOST_RETRIES) {
      s.retries = 0;
      emulate(v);
      return;
    }
    switch (v.guest().mmu().fault(v)) {
      case RETRY -> { }
      case EMULATE -> emulate(v);
      case REFLECT -> reflect(v, address);
    }
  }

  private void reflect(Vcpu v, long address) {
    v.cpu().cr2 = address;
    inject(v, EventWord.of(EventWord.EXCEPTION, Fault.PF, (int) Vmcb.EXITINFO1.get(v.vmcb())));
  }

  @Override
  public void inject(Vcpu v, long event) {
    Cpu c = v.cpu();
    v.machine();
    v.guest().account().charge(Cost.INJECT, 1);
    Delivery.inject(c, event, 0);
  }
}
