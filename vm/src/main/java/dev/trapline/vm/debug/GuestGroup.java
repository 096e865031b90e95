package dev.trapline.vm.debug;

import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.VirtioConfig;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.vmm.AuditPlan;
import dev.trapline.vm.vmm.CostProfile;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.GuestSpec;
import dev.trapline.vm.vmm.Monitor;
import dev.trapline.vm.vmm.MonitorException;
import dev.trapline.vm.vmm.Vcpu;
import dev.trapline.vm.vmm.sched.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Guests side by side under one monitor, each with its session. A reset or load of any makes monitor and guests anew. */
public final class GuestGroup implements Guests {
  /** What the monitor needs for itself: tables, VMCBs, permission maps. */
  private static final long MONITOR_MEMORY = 64L << 20;
  /** A millisecond at the standard rate. */
  private static final long SLICE = 100_000;

  /** The address of the host's network card, which has one if a guest shares it. */
  private static final long HOST_CARD = 0x5254000000feL;

  private final HostPlan below;
  private final List<GuestPlan> plans;
  private final List<MachineSession> sessions = new ArrayList<>();
  private Monitor monitor;
  private int current;

  /**
   * Makes the host and the guests on it.
   *
   * @throws BadInput if there is too little memory, or an image, name, policy or number of processors cannot be used
   */
  public GuestGroup(HostPlan below, List<GuestPlan> plans) {
    this.below = below;
    this.plans = new ArrayList<>(plans);
    this.monitor = build();
    var settings = new SessionNames.Settings();
    for (int i = 0; i < plans.size(); i++) {
      sessions.add(new MachineSession(plans.get(i).machine(), plans.get(i).image(), new Member(i), settings));
    }
  }

  private Monitor build() {
    long needed = plans.stream().mapToLong(p -> p.machine().memory()).sum() + MONITOR_MEMORY;
    try {
      MachineConfig host = MachineConfig.standard().withMemory(below.memory() == 0 ? needed : below.memory())
          .withPlatform(MachineConfig.Platform.PC).withProcessors(below.processors())
          .withInstructionsPerSecond(plans.getFirst().machine().instructionsPerSecond());
      boolean shared = plans.stream().flatMap(p -> p.machine().virtio().cards().stream()).anyMatch(c -> c.wire() == VirtioConfig.Wire.HOST)
          || plans.stream().anyMatch(p -> p.how().dedicated().contains("virtio-net0"));
      VirtioConfig card = VirtioConfig.NONE.withCard(HOST_CARD, VirtioConfig.Wire.NET);
      Monitor made = new Monitor(new Machine(shared ? host.withVirtio(card) : host), Policy.of(below.policy(), SLICE), CostProfile.standard());
      for (GuestPlan p : plans) {
        int weight = p.weight() == 0 ? GuestSpec.STANDARD_WEIGHT : p.weight();
        made.add(new GuestSpec(p.name(), p.machine().withImage(p.image().boot()), p.how().technique(), p.how().paging(), weight, p.cap(),
            p.how().dedicated()))
            .audits(AuditPlan.of(p.how().audit()));
      }
      made.reserve(below.reserve());
      // Somebody has to look whose guest it was, and what that means to it.
      made.onEnd(g -> made.host().requestStop());
      return made;
    } catch (BootException | MonitorException | IllegalArgumentException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  private Guest at(int index) {
    return monitor.guests().get(index);
  }

  // ---- guests

  @Override
  public List<String> names() {
    return plans.stream().map(GuestPlan::name).toList();
  }

  private int index(String guest) {
    List<String> names = names();
    int number = guest.matches("[0-9]{1,4}") ? Integer.parseInt(guest) - 1 : names.indexOf(guest);
    if (number < 0 || number >= names.size()) {
      throw new BadInput("no guest " + guest + ": there is " + String.join(", ", names));
    }
    return number;
  }

  @Override
  public Session session(String guest) {
    return sessions.get(index(guest));
  }

  @Override
  public Session current() {
    return sessions.get(current);
  }

  @Override
  public void select(String guest) {
    current = index(guest);
  }

  @Override
  public Session living() {
    for (int i = 0; i < sessions.size(); i++) {
      int next = (current + i) % sessions.size();
      if (!sessions.get(next).last().finished()) {
        current = next;
        break;
      }
    }
    return current();
  }

  /**
   * Runs all for some instructions of the host's time, whatever happens to one of them.
   *
   * @return whether guests are left that could run on
   */
  public boolean run(long instructions) {
    long end = time() + instructions < 0 ? Long.MAX_VALUE : time() + instructions;
    Stop stop = null;
    while (time() < end && !living().last().finished() && !(stop instanceof Stop.Waiting || stop instanceof Stop.Interrupted)) {
      stop = living().runFor(end - time());
    }
    return !living().last().finished() && !(stop instanceof Stop.Waiting);
  }

  /** Makes a run end; any thread may call it. */
  public void interrupt() {
    current().interrupt();
  }

  /** Instructions of the host's time, and how many of them nobody ran. */
  public long time() {
    return monitor.now();
  }

  public long idle() {
    return monitor.idle();
  }

  @Override
  public Stop expectOfAll(String text) {
    var open = new ArrayList<>(sessions);
    try {
      while (true) {
        open.removeIf(s -> s.consolesHere().hasPrinted(text));
        MachineSession next = open.stream().filter(s -> !s.last().finished()).findFirst().orElse(null);
        if (next == null) {
          return open.isEmpty() ? new Stop.Reached(current().inspect().place(), "text '" + text + "'") : current().last();
        }
        Stop stop = next.expect(text, null, Long.MAX_VALUE);
        if (stop instanceof Stop.Reached) {
          open.remove(sessions.get(index(stop.at().guest())));
        } else if (!stop.finished()) {
          return stop;
        }
      }
    } finally {
      sessions.forEach(s -> s.consolesHere().expectNothing());
    }
  }

  @Override
  public Stop resume() {
    try {
      for (int i = toBeEnded(); i >= 0; i = toBeEnded()) {
        Stop stop = sessions.get(i).expect(plans.get(i).until(), null, Long.MAX_VALUE);
        if (!(stop instanceof Stop.Reached)) {
          return stop;
        }
        at(i).switchOff();
        sessions.get(i).happened(at(i).over());
      }
      Session next = living();
      return next.last().finished() ? next.last() : next.resume();
    } finally {
      sessions.forEach(s -> s.consolesHere().expectNothing());
    }
  }

  /** A guest that lives and has to print something first, or -1. */
  private int toBeEnded() {
    for (int i = 0; i < plans.size(); i++) {
      if (!plans.get(i).until().isEmpty() && !sessions.get(i).last().finished()) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public long executed() {
    return monitor.guests().stream().mapToLong(monitor::ran).sum();
  }

  @Override
  public void clock(LongSupplier nanoseconds) {
    monitor.clock(nanoseconds);
  }

  /** One guest as the place its session's machines come from. */
  private final class Member implements Machines {
    private final int index;
    private boolean first = true;

    Member(int index) {
      this.index = index;
    }

    @Override
    public Machine make(MachineConfig config, Image image) {
      if (!first) {
        remake(index, config, image);
      }
      first = false;
      return at(index).machine();
    }

    @Override
    public PhysicalMemory hostMemory() {
      return monitor.host().memory();
    }

    @Override
    public MonitorViews views() {
      return new MonitorViews(monitor, at(index));
    }

    @Override
    public long executed(Machine machine) {
      return monitor.ran(at(index));
    }

    @Override
    public long hash(Machine machine) {
      return monitor.stateHash();
    }

    @Override
    public String guest() {
      return plans.get(index).name();
    }

    @Override
    public Guests guests(Session session) {
      return GuestGroup.this;
    }

    @Override
    public Outcome mine(Outcome outcome) {
      return outcome instanceof Outcome.Breakpoint && turn() != index ? new Outcome.Limit() : outcome;
    }

    @Override
    public Stop elsewhere(Outcome outcome) {
      for (int i = 0; i < sessions.size(); i++) {
        Stop stop = i == index ? null : sessions.get(i).happened(of(i, outcome));
        if (stop != null) {
          current = i;
          return stop;
        }
      }
      return null;
    }
  }

  /** Index of the guest that has the processor, or -1. */
  private int turn() {
    Vcpu running = monitor.running();
    return running == null ? -1 : running.guest().id() - 1;
  }

  /** What an outcome of the whole machine is to one of the guests. */
  private Outcome of(int index, Outcome outcome) {
    Guest g = at(index);
    if (!g.alive() && !sessions.get(index).last().finished()) {
      return g.over();
    }
    return outcome instanceof Outcome.Breakpoint && turn() == index ? outcome : new Outcome.Limit();
  }

  /** Everything anew, one of the guests with another image. */
  private void remake(int index, MachineConfig config, Image image) {
    GuestPlan old = plans.get(index);
    plans.set(index, new GuestPlan(old.name(), config, image, old.how(), old.weight(), old.cap(), old.until()));
    try {
      monitor = build();
    } catch (BadInput wrong) {
      plans.set(index, old);
      throw wrong;
    }
    for (int i = 0; i < sessions.size(); i++) {
      if (i != index) {
        sessions.get(i).replaced(at(i).machine());
      }
    }
  }
}
