package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.CpuState;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.Instead;
import dev.trapline.vm.device.net.LanSwitch;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
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

/**
 * The virtual machine monitor of one host: its guests, whose turn it is, and the loop around VMRUN. The world switch goes in the classic
 * steps: the timer interrupts the running guest, the processor leaves guest mode, registers are saved, the next virtual processor is
 * chosen, the timer set, registers loaded, and the guest entered at what is pending for it.
 */
public final class Monitor {
  /** Instructions a virtual processor may run while others wait: 1 ms at the standard rate. */
  private static final long SLICE = 100_000;
  /** Over which caps are counted. */
  private static final long CAP_PERIOD = 3_000_000;

  private final Machine host;
  private final FrameTable frames;
  private final HostProcessor processor;
  private final HostTimer timer;
  private final CostProfile costs;
  private final RunQueue queue;
  private final Debugging debugging;
  private final Map<String, Technique> techniques = new HashMap<>();
  private final Map<Task, Vcpu> vcpus = new HashMap<>();
  private final List<Guest> guests = new ArrayList<>();
  private final Networks networks = new Networks(this);
  private final Reserve reserve;
  private final DiskClaims disks = new DiskClaims();
  private final Dedicated dedicated;
  private int asids;
  private Vcpu running;
  private Inspector inspector;
  /** The one that ran last. */
  private Vcpu loaded;
  private long idle;
  /** Null if nobody asks. */
  private Consumer<Guest> ended;
  /** The host's time in nanoseconds, if anybody wants to know what a guest took of it. */
  private LongSupplier clock = () -> 0;
  private long turnBegan;

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
    this.queue = new RunQueue(policy, CAP_PERIOD);
    this.processor = new HostProcessor(host, frames);
    this.timer = new HostTimer(host.cpu(), host.memory());
    this.debugging = new Debugging(host);
    timer.start();
    this.dedicated = new Dedicated(host, timer);
    technique(new Hvm(host, frames, timer, processor));
    technique(new Trap(host, frames, timer, processor));
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
    dedicated.require(spec);
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
    long end = now() + limit < 0 ? Long.MAX_VALUE : now() + limit;
    while (true) {
      if (!underWay()) {
        Outcome over = between(end);
        if (over != null) {
          return over;
        }
        continue;
      }
      Outcome o = host.run(end - now());
      if (!(o instanceof Outcome.LeftGuest left)) {
        return o;
      }
      exit(left.code());
    }
  }

  /** Everything between an exit and the next entry; what ends the run, or null with the next virtual processor about to be entered. */
  private Outcome between(long end) {
    devices();
    long now = now();
    vcpus.forEach((task, v) -> queue.ready(task, v.ready(), now));
    if (guests.stream().noneMatch(Guest::alive)) {
      pause(now);
      return new Outcome.PowerOff();
    }
    if (now >= end) {
      return new Outcome.Limit();
    }
    if (running == null || !running.ready() || now >= queue.turnEnds()) {
      pause(now);
      running = vcpus.get(queue.enter(now));
      turnBegan = clock.getAsLong();
    }
    long next = nextEvent(now);
    if (running == null) {
      return rest(Math.min(next, end));
    }
    enter(Math.min(next, queue.turnEnds()), end - now);
    return running.takeBreakpoint() ? new Outcome.Breakpoint() : null;
  }

  /** Whether the processor is in a guest or on its way there or back. */
  private boolean underWay() {
    return running != null && technique(running.guest().spec()).underWay();
  }

  private boolean inGuest() {
    return running != null && technique(running.guest().spec()).inGuest();
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

  private void pause(long now) {
    queue.leave(now);
    if (running != null) {
      running.fetch();
      running.guest().account().took(clock.getAsLong() - turnBegan);
    }
    running = null;
  }

  /** Nobody has anything to do: time goes by. */
  private Outcome rest(long until) {
    if (until == Long.MAX_VALUE) {
      return new Outcome.Waiting();
    }
    timer.at(until);
    long from = now();
    Outcome o = host.rest(until);
    idle += now() - from;
    if (host.cpu().interrupts.pending()) {
      timer.acknowledge();
    }
    return o;
  }

  private void enter(long until, long most) {
    Guest g = running.guest();
    Vcpu last = loaded;
    boolean switches = loaded != running;
    if (switches) {
      MonitorEvents.chosen(last, running);
      worldSwitch();
    }
    g.guarded(() -> technique(g.spec()).deliver(running));
    timer.at(until);
    if (switches) {
      MonitorEvents.step(running, Event.Step.ARM, last, running);
    }
    g.account().entry();
    debugging.follow(running);
    MonitorEvents.entry(running);
    g.guarded(() -> technique(g.spec()).enter(running, most));
    if (switches) {
      MonitorEvents.step(running, Event.Step.RESTORE, last, running);
      MonitorEvents.step(running, Event.Step.RESUME, last, running);
    }
    if (inspector != null && underWay()) {
      inspector.entering(running).ifPresent(this::refuse);
    }
  }

  /** The guest is not entered, and never again as it is. */
  private void refuse(String why) {
    technique(running.guest().spec()).leave();
    running.guest().breakDown(running + " was not entered: " + why);
  }

  // ---- for debuggers

  /** One instruction of the host's or, if the virtual processor sleeps, time to the next event. */
  Outcome step(Vcpu v) {
    boolean inGuest = inGuest() && running == v;
    Outcome o = run(v.ready() ? 1 : Math.max(1, nextEvent(now()) - now()));
    if (inGuest && inGuest() && running == v) {
      v.stepped();
    }
    return o;
  }

  /** Makes the processors of all guests readable as they are now. */
  void show() {
    for (Guest g : guests) {
      g.vcpus().forEach(Vcpu::machine);
    }
    if (running != null) {
      running.look(inGuest());
      running.machine();
    }
    debugging.shown(running);
  }

  /** For who listens: the registers of the virtual processor that runs, in the middle of the run. */
  void look() {
    if (running != null) {
      running.look(inGuest());
    }
  }

  /** Somebody looked, and may have changed registers of the virtual processor that is in guest mode: they are put there. */
  void takeChanges() {
    if (debugging.changed()) {
      CpuState wanted = running.shell().state();
      leaveGuest();
      running.cpu().state(wanted);
    }
  }

  /** Leaves guest mode if the processor is in it. */
  void leaveGuest() {
    if (running != null && technique(running.guest().spec()).leave()) {
      host.hosted().ended();
      running.left();
    }
  }

  private void worldSwitch() {
    loaded = running;
    running.guest().account().charge(Cost.WORLD_SWITCH, 1);
  }

  private void exit(long code) {
    running.left();
    Guest g = running.guest();
    g.account().exit(code);
    g.guarded(() -> answer(running, code));
    AuditPlan audits = g.audits();
    if (audits.level() != AuditPlan.Level.OFF && running.exits() % audits.every() == 0) {
      requireSound(g, audits.level());
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
  private void requireSound(Guest g, AuditPlan.Level level) {
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
    var owners = new OwnerAudit(g, frames, host.cpu(), findings);
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
    turnBegan = nanoseconds.getAsLong();
  }

  /** Nanoseconds of the host's time that a guest has taken since somebody told it. */
  public long took(Guest guest) {
    return guest.account().took() + (running != null && running.guest() == guest ? clock.getAsLong() - turnBegan : 0);
  }

  /** Instructions of the host's time that a guest's processors have had. */
  public long ran(Guest guest) {
    return guest.vcpus().stream().mapToLong(v -> queue.ran(v.task(), now())).sum();
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

  /** The virtual processor whose turn it is, or null. */
  public Vcpu running() {
    return running;
  }

  /** A new address space identifier. */
  int asid() {
    return ++asids;
  }
}
