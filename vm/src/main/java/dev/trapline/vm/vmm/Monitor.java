package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.CpuState;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.Instead;
import dev.trapline.vm.device.net.LanSwitch;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.util.Hash;
import dev.trapline.vm.vmm.sched.Policy;
import dev.trapline.vm.vmm.sched.RunQueue;
import dev.trapline.vm.vmm.sched.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The virtual machine monitor of one host: its guests, whose turn it is, and the loop around VMRUN. The world switch goes in the classic
 * steps: the timer interrupts the running guest, the processor leaves guest mode, registers are saved, the next virtual processor is
 * chosen, the timer set, registers loaded, and the guest entered at what is pending for it.
 *
 * <p>On a host with several processors the monitor is in one place at a time: an exit on one is dealt with to its end while the others
 * stand between two instructions of their guests, as under one lock. What it did there that concerns a guest on another processor,
 * translations to be dropped, an interrupt, the guest's end, makes that one leave its guest before its next instruction.
 */
public final class Monitor {
  /** Instructions a virtual processor may run while others wait: 1 ms at the standard rate. */
  private static final long SLICE = 100_000;
  /** Over which caps are counted. */
  private static final long CAP_PERIOD = 3_000_000;

  private final Machine host;
  private final FrameTable frames;
  private final List<HostProcessor> processors = new ArrayList<>();
  private final CostProfile costs;
  private final RunQueue queue;
  private final Map<String, Technique> techniques = new HashMap<>();
  private final Map<Task, Vcpu> vcpus = new HashMap<>();
  private final List<Guest> guests = new ArrayList<>();
  private final Networks networks = new Networks(this);
  private final Reserve reserve;
  private final DiskClaims disks = new DiskClaims();
  private final Dedicated dedicated;
  private int asids;
  private Inspector inspector;
  private long idle;
  /** Null if nobody asks. */
  private Consumer<Guest> ended;
  /** The host's time in nanoseconds, if anybody wants to know what a guest took of it. */
  private LongSupplier clock = () -> 0;

  /**
   * Takes over a machine. Whatever ran on it is gone.
   *
   * @param host a PC with SVM and no image
   */
  public Monitor(Machine host, Policy policy, CostProfile costs) {
    this.host = host;
    this.costs = costs;
    this.frames = new FrameTable(host.memory());
    this.reserve = new Reserve(frames);
    this.queue = new RunQueue(policy, host.cpus().size(), CAP_PERIOD);
    var layout = new HostLayout(host, frames);
    for (int i = 0; i < host.cpus().size(); i++) {
      processors.add(new HostProcessor(host, i, layout, frames));
    }
    this.dedicated = new Dedicated(host, processors.getFirst().timer());
    technique(new Hvm(frames));
    technique(new Trap(processors));
  }

  /** With round robin and the standard costs. */
  public Monitor(Machine host) {
    this(host, Policy.of("round-robin", SLICE), CostProfile.standard());
  }

  private void technique(Technique t) {
    techniques.put(t.name(), t);
  }

  // ---- guests

  /**
   * Makes a guest; it runs from now on.
   *
   * @throws MonitorException if the host has not enough memory left or there is no such technique or paging
   * @throws dev.trapline.vm.machine.BootException if the image cannot be started
   */
  public Guest add(GuestSpec spec) {
    if (guests.stream().anyMatch(g -> g.name().equals(spec.name()))) {
      throw MonitorException.of("there is a guest %s already", spec.name());
    }
    technique(spec).require(spec);
    networks.require(spec);
    dedicated.require(spec, networks.card() != null);
    Guest guest = made(spec);
    guests.add(guest);
    networks.connect(guest);
    dedicated.assign(guest);
    for (Vcpu v : guest.vcpus()) {
      technique(spec).prepare(v);
      vcpus.put(v.task(), v);
      queue.add(v.task());
    }
    return guest;
  }

  private Guest made(GuestSpec spec) {
    disks.take(spec);
    try {
      return new Guest(guests.size() + 1, spec, this);
    } catch (MonitorException | BootException impossible) {
      disks.giveUp(spec.name());
      throw impossible;
    }
  }

  Technique technique(GuestSpec spec) {
    Technique t = techniques.get(spec.technique());
    if (t == null) {
      throw MonitorException.of("guest %s: technique '%s': one of %s expected", spec.name(), spec.technique(),
          techniques.keySet().stream().sorted().toList());
    }
    return t;
  }

  /**
   * Who is told of each guest that ends, or with which the monitor cannot go on. One that halts with interrupts off ends too then, for
   * nobody else will wake it.
   */
  public void onEnd(Consumer<Guest> listener) {
    ended = listener;
  }

  void over(Guest guest) {
    if (ended != null) {
      ended.accept(guest);
    }
  }

  /** The guests in the order they were added. */
  public List<Guest> guests() {
    return List.copyOf(guests);
  }

  // ---- running

  /**
   * Runs the guests until something ends it, at most {@code limit} instructions of the host's time.
   *
   * @return {@link Outcome.Limit}, {@link Outcome.Requested} or {@link Outcome.Breakpoint} as of the host;
   *     {@link Outcome.PowerOff} when no guest lives any more; {@link Outcome.Waiting} when nothing can happen without input
   */
  public Outcome run(long limit) {
    return run(now() + limit < 0 ? Long.MAX_VALUE : now() + limit, null);
  }

  /** @param entered a virtual processor whose entry ends it, or null */
  private Outcome run(long end, Vcpu entered) {
    while (true) {
      Outcome over = dealt(end);
      if (over != null) {
        return over;
      }
      if (entered != null && entered.on().running() == entered) {
        return new Outcome.Limit();
      }
      long wake = some(HostProcessor::idle) ? nextEvent(now()) : Long.MAX_VALUE;
      Outcome o = host.run(Math.min(end, wake) - now());
      if (o instanceof Outcome.LeftGuest left) {
        exit(processors.get(host.lastRun()), left.code());
      } else if (!(o instanceof Outcome.Limit) || now() >= end) {
        return o;
      } else if (!wakes()) {
        throw new IllegalStateException("the host stopped at " + now() + " for nothing");
      }
    }
  }

  private boolean some(Predicate<HostProcessor> is) {
    for (HostProcessor p : processors) {
      if (is.test(p)) {
        return true;
      }
    }
    return false;
  }

  /** Deals with every processor that needs it until one is in a guest or about to enter it; or what ends the run. */
  private Outcome dealt(long end) {
    while (true) {
      for (HostProcessor p : processors) {
        if (p.attention()) {
          Outcome over = between(p, end);
          if (over != null) {
            return over;
          }
        }
      }
      if (!some(HostProcessor::attention)) {
        if (some(HostProcessor::busy)) {
          return null;
        }
        Outcome over = rest(Math.min(nextEvent(now()), end));
        if (over != null) {
          return over;
        }
      }
    }
  }

  /** Everything between an exit and the next entry; what ends the run, or null with the processor about to enter, or without work. */
  private Outcome between(HostProcessor p, long end) {
    p.takeInterrupt();
    devices();
    long now = now();
    vcpus.forEach((task, v) -> queue.ready(task, v.ready(), now));
    if (guests.stream().noneMatch(Guest::alive)) {
      processors.forEach(q -> stop(q, now));
      return new Outcome.PowerOff();
    }
    if (now >= end) {
      return new Outcome.Limit();
    }
    Vcpu running = p.running();
    if (running == null || !running.ready() || now >= queue.turnEnds(p.index())) {
      pause(p, now);
      p.give(vcpus.get(queue.enter(p.index(), now)));
      p.turnBegan(clock.getAsLong());
    }
    if (p.running() == null) {
      p.attention(false);
      if (processors.size() > 1) {
        p.halt();
      }
    } else {
      enter(p, Math.min(nextEvent(now), queue.turnEnds(p.index())), end - now);
    }
    others(p, now);
    return p.running() != null && p.running().takeBreakpoint() ? new Outcome.Breakpoint() : null;
  }

  /** Interrupts the guests of other processors that cannot go on as they are, and wakes processors for which there is work. */
  private void others(HostProcessor p, long now) {
    if (processors.size() == 1) {
      return;
    }
    for (HostProcessor q : processors) {
      if (q != p && q.underWay() && q.running().mustLeave()) {
        interrupt(q);
        p.charge(Cost.IPI);
      }
    }
    int waiting = queue.waiting(now).size();
    for (HostProcessor q : processors) {
      if (waiting > 0 && q.idle()) {
        q.attention(true);
        p.charge(Cost.IPI);
        waiting--;
      }
    }
  }

  /** A processor leaves its guest, if it is in one, as by an interrupt from another processor; the monitor goes on there. */
  private void interrupt(HostProcessor q) {
    Vcpu v = q.running();
    if (v != null && v.technique().leave(v)) {
      if (v.technique().guestMode()) {
        host.hosted().ended(); // nobody is to hear of this exit
      }
      v.madeToLeave();
    }
    q.attention(true);
  }

  /** Lets every guest's devices do what is due, and sees which guests are over. */
  private void devices() {
    networks.runDue(now());
    reserve.look(guests);
    for (Guest g : guests) {
      if (g.alive()) {
        g.guarded(g.hosted()::runDue);
        g.hosted().ended().ifPresent(g::end);
        if (ended != null && g.alive() && g.deaf()) {
          g.end(new Outcome.Dead());
        }
      }
    }
  }

  /** The next thing of which the monitor must know, in the host's time. */
  private long nextEvent(long now) {
    long next = Math.min(queue.nextRelease(now), networks.nextEvent());
    for (Guest g : guests) {
      long local = g.hosted().nextEvent();
      if (g.alive() && local != Long.MAX_VALUE) {
        next = Math.min(next, g.born() + local);
      }
    }
    return next;
  }

  private void pause(HostProcessor p, long now) {
    queue.leave(p.index(), now);
    if (p.running() != null) {
      p.running().fetch();
      p.running().guest().account().took(clock.getAsLong() - p.turnBegan());
    }
    p.give(null);
  }

  /** Takes a processor from whoever has it. */
  private void stop(HostProcessor p, long now) {
    interrupt(p);
    pause(p, now);
  }

  /** Nobody has anything to do: time goes by. */
  private Outcome rest(long until) {
    HostProcessor first = processors.getFirst();
    first.attention(true);
    if (until == Long.MAX_VALUE) {
      return new Outcome.Waiting();
    }
    first.timer().at(until);
    long from = now();
    Outcome o = host.rest(until);
    idle += now() - from;
    if (host.cpu().interrupts.pending()) {
      first.timer().acknowledge();
    }
    return o;
  }

  private void enter(HostProcessor p, long until, long most) {
    Vcpu v = p.running();
    Guest g = v.guest();
    Vcpu last = p.loaded();
    boolean switches = p.switched();
    if (switches) {
      MonitorEvents.chosen(last, v);
      g.account().charge(Cost.WORLD_SWITCH, 1);
    }
    if (!v.engine().holdsInterrupts()) {
      g.guarded(() -> v.technique().deliver(v));
    }
    v.shell().attention = false;
    if (!v.ready()) {
      return; // what it took was an INIT
    }
    p.timer().at(until);
    if (switches) {
      MonitorEvents.step(v, Event.Step.ARM, last, v);
    }
    g.account().entry();
    p.debugging().follow(v);
    MonitorEvents.entry(v);
    g.guarded(() -> v.technique().enter(v, most));
    v.enters();
    if (switches) {
      MonitorEvents.step(v, Event.Step.RESTORE, last, v);
      MonitorEvents.step(v, Event.Step.RESUME, last, v);
    }
    if (inspector != null && p.underWay()) {
      inspector.entering(v).ifPresent(why -> refuse(v, why));
    }
    p.attention(!p.busy());
  }

  /** The guest is not entered, and never again as it is. */
  private static void refuse(Vcpu v, String why) {
    v.technique().leave(v);
    v.guest().breakDown(v + " was not entered: " + why);
  }

  // ---- for debuggers

  /** One instruction of a virtual processor or, if it is not in its guest, what brings it nearer to one. */
  Outcome step(Vcpu v) {
    HostProcessor p = v.on();
    if (p.running() != v || !p.underWay() || some(HostProcessor::attention) || wakes()) {
      return v.ready() ? run(now() + 1, v) : run(Math.max(1, nextEvent(now()) - now()));
    }
    boolean inGuest = p.inGuest();
    Outcome o = host.runTo(p.index(), p.cpu().count + 1);
    if (o instanceof Outcome.LeftGuest left) {
      exit(processors.get(host.lastRun()), left.code());
      return dealt(now());
    }
    if (inGuest && p.inGuest() && p.running() == v) {
      v.stepped();
    }
    return o;
  }

  /** Whether a processor without work has to see to something that is due; it is then dealt with. */
  private boolean wakes() {
    boolean due = some(HostProcessor::idle) && nextEvent(now()) <= now();
    if (due) {
      processors.stream().filter(HostProcessor::idle).findFirst().orElseThrow().attention(true);
    }
    return due;
  }

  /** Makes the processors of all guests readable as they are now. */
  void show() {
    for (Guest g : guests) {
      g.vcpus().forEach(Vcpu::machine);
    }
    for (HostProcessor p : processors) {
      Vcpu v = p.running();
      if (v != null) {
        v.look(p.inGuest());
        v.machine();
      }
      p.debugging().shown(v);
    }
  }

  /** For who listens: the registers of the virtual processor that runs, in the middle of the run. */
  Vcpu look() {
    HostProcessor p = processors.get(host.currentCpu());
    if (p.running() != null) {
      p.running().look(p.inGuest());
    }
    return p.running();
  }

  /** Somebody looked, and may have changed registers of virtual processors that are in guest mode: they are put there. */
  void takeChanges() {
    for (HostProcessor p : processors) {
      if (p.debugging().changed()) {
        CpuState wanted = p.running().shell().state();
        interrupt(p);
        p.running().cpu().state(wanted);
      }
    }
  }

  /** Leaves guest mode wherever a processor is in it. */
  void leaveGuest() {
    processors.forEach(this::interrupt);
  }

  private void exit(HostProcessor p, long code) {
    Vcpu running = p.running();
    p.attention(true);
    if (code == HostLayout.CALLED) {
      return;
    }
    running.left();
    Guest g = running.guest();
    running.log().begin(running.exits(), g.now(), code, running.vmcb());
    g.account().exit(code);
    if (inspector != null) {
      inspector.left(running, code);
    }
    g.guarded(() -> answer(running, code));
    AuditPlan audits = g.audits();
    if (audits.level() != AuditPlan.Level.OFF && running.exits() % audits.every() == 0) {
      requireSound(running, audits.level());
    }
    if (inspector != null) {
      inspector.handled(running, code);
    }
  }

  private void answer(Vcpu v, long code) {
    Technique t = technique(v.guest().spec());
    Instead instead = MonitorEvents.exit(v, code);
    if (instead == null) {
      t.handle(v, code);
    } else {
      MonitorEvents.instead(v, code, instead, t);
    }
  }

  /** Lets somebody look at every exit and entry; null for nobody. */
  public void inspect(Inspector by) {
    inspector = by;
  }

  // ---- audits

  /** A guest whose tables are not as they must be runs no further. */
  private void requireSound(Vcpu running, AuditPlan.Level level) {
    Guest g = running.guest();
    List<Violation> found = audit(g, level);
    if (!found.isEmpty()) {
      String more = found.size() == 1 ? "" : String.format("%nand %d more", found.size() - 1);
      g.breakDown(String.format("%s%s%nafter exit %d of %s at guest time %d", found.getFirst(), more, running.exits(), running, g.now()));
    }
  }

  /** Audits a guest now; what is not as it must be. Changes nothing of it. */
  public List<Violation> audit(Guest g, AuditPlan.Level level) {
    var findings = new Findings(g.name());
    if (level == AuditPlan.Level.OFF) {
      return List.of();
    }
    g.mmu().audit(level, findings);
    var owners = new OwnerAudit(g, frames, findings);
    g.vcpus().forEach(owners::tlb);
    if (level == AuditPlan.Level.FULL) {
      owners.reach();
      owners.beside();
    }
    return findings.all();
  }

  // ---- looking at it

  /** Who tells the host's time in nanoseconds: for accounts only, nothing that guests could see depends on it. */
  public void clock(LongSupplier nanoseconds) {
    clock = nanoseconds;
    processors.forEach(p -> p.turnBegan(nanoseconds.getAsLong()));
  }

  /** Nanoseconds of the host's time that a guest has taken since somebody told it. */
  public long took(Guest guest) {
    long present = 0;
    for (HostProcessor p : processors) {
      present += p.running() != null && p.running().guest() == guest ? clock.getAsLong() - p.turnBegan() : 0;
    }
    return guest.account().took() + present;
  }

  /** Instructions of the host's time that a guest's processors have had. */
  public long ran(Guest guest) {
    return guest.vcpus().stream().mapToLong(v -> queue.ran(v.task(), now())).sum();
  }

  /**
   * A 64-bit hash over the host with all its memory, the machines of all guests, and what was booked to them; the same for the same course
   * in every run and JVM. Registers must have been made readable, as they are after each run.
   */
  public long stateHash() {
    long h = host.stateHash();
    for (Guest g : guests) {
      h = Hash.combine(Hash.combine(h, g.machine().stateHash()), ran(g));
      h = Hash.combine(h, g.account().count());
    }
    return h;
  }

  /** Virtual time of the host, in instructions. */
  public long now() {
    return host.now();
  }

  /** How much of it nobody ran. */
  public long idle() {
    return idle;
  }

  public Machine host() {
    return host;
  }

  /** Who owns what of the host's memory. */
  public FrameTable frames() {
    return frames;
  }

  /**
   * Keeps some of the host's memory free by asking guests with balloons for it.
   *
   * @param bytes 0 for none
   */
  public void reserve(long bytes) {
    reserve.keep(bytes);
  }

  /** Networks between guests, by name. */
  public Map<String, LanSwitch> networks() {
    return Map.copyOf(networks.all());
  }

  Dedicated dedicated() {
    return dedicated;
  }

  /** What the driver of the host's network card has done; empty while no guest shares it. */
  Optional<HostCard.State> hostCard() {
    return Optional.ofNullable(networks.card()).map(HostCard::state);
  }

  /** Who runs when. */
  public RunQueue queue() {
    return queue;
  }

  CostProfile costs() {
    return costs;
  }

  /** The virtual processor on the host's processor whose turn it is, or null. */
  public Vcpu running() {
    return processors.get(host.currentCpu()).running();
  }

  /** Whether a processor is a guest's at the moment. */
  public boolean runs(Guest guest) {
    return some(p -> p.running() != null && p.running().guest() == guest);
  }

  List<HostProcessor> processors() {
    return processors;
  }

  /** A new address space identifier. */
  int asid() {
    return ++asids;
  }
}
