package dev.trapline.vm.debug;

import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.vmm.AuditPlan;
import dev.trapline.vm.vmm.CostProfile;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.GuestSpec;
import dev.trapline.vm.vmm.Monitor;
import dev.trapline.vm.vmm.MonitorException;
import dev.trapline.vm.vmm.sched.Policy;
import java.util.List;
import java.util.function.IntConsumer;

/** Several guests side by side under one monitor. */
public final class GuestGroup {
  /** What the monitor needs for itself, and for each guest beside its memory. */
  private static final long MONITOR_MEMORY = 64L << 20;
  /** A millisecond at the standard rate. */
  private static final long SLICE = 100_000;

  private final Monitor monitor;

  /**
   * Makes the host and the guests on it.
   *
   * @param memory of the host in bytes; 0 for as much as the guests need
   * @param policy round-robin, credit or bvt
   * @throws BadInput if there is too little memory, or an image, name or policy cannot be used
   */
  public GuestGroup(long memory, String policy, List<GuestPlan> plans) {
    long needed = plans.stream().mapToLong(p -> p.machine().memory()).sum() + MONITOR_MEMORY;
    try {
      MachineConfig host = MachineConfig.standard().withMemory(memory == 0 ? needed : memory).withPlatform(MachineConfig.Platform.PC);
      monitor = new Monitor(new Machine(host), Policy.of(policy, SLICE), CostProfile.standard());
      for (GuestPlan p : plans) {
        int weight = p.weight() == 0 ? GuestSpec.STANDARD_WEIGHT : p.weight();
        monitor.add(new GuestSpec(p.name(), p.machine().withImage(p.image().boot()), p.how().technique(), p.how().paging(), weight, p.cap()))
            .audits(AuditPlan.of(p.how().audit()));
      }
    } catch (BootException | MonitorException | IllegalArgumentException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  /** Names of the guests in their order. */
  public List<String> names() {
    return monitor.guests().stream().map(Guest::name).toList();
  }

  private Guest guest(String name) {
    return monitor.guests().stream().filter(g -> g.name().equals(name)).findFirst()
        .orElseThrow(() -> new BadInput("no guest " + name + ": there is " + String.join(", ", names())));
  }

  /** Who takes what a guest prints on its first serial port. */
  public void console(String name, IntConsumer sink) {
    guest(name).machine().console(sink);
  }

  /**
   * Runs all guests until none of them lives, or for some instructions of the host's time.
   *
   * @return whether guests are left that live
   */
  public boolean run(long instructions) {
    Outcome o = monitor.run(instructions);
    return !(o instanceof Outcome.PowerOff || o instanceof Outcome.Waiting);
  }

  /** Makes {@link #run} return; any thread may call it. */
  public void interrupt() {
    monitor.host().requestStop();
  }

  /** How a guest ended: {@code powered off}, {@code exit 33}; empty while it lives. */
  public String end(String name) {
    Guest g = guest(name);
    return g.broken().orElseGet(() -> g.ended().map(GuestGroup::text).orElse(""));
  }

  private static String text(Outcome o) {
    return switch (o) {
      case Outcome.PowerOff p -> "powered off";
      case Outcome.Exit e -> "exit " + e.status();
      case Outcome.ResetRequested r -> "reset";
      case Outcome.TripleFault t -> "triple fault";
      default -> o.getClass().getSimpleName();
    };
  }

  /** Whether a guest ended by its own will: switched off, or with an exit status. */
  public boolean endedWell(String name) {
    return guest(name).ended().filter(o -> o instanceof Outcome.PowerOff || o instanceof Outcome.Exit).isPresent();
  }

  /** Instructions of the host's time, and how many of them nobody ran. */
  public long time() {
    return monitor.now();
  }

  public long idle() {
    return monitor.idle();
  }

  /** What the monitor knows of a guest. */
  public MonitorViews views(String name) {
    return new MonitorViews(monitor, guest(name));
  }
}
