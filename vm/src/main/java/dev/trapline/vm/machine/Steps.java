package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;

/** Single instructions of a machine's processors. The machine's course is that of an uninterrupted run. */
public final class Steps {
  private final Machine machine;
  private final Processors processors;
  /** Who runs the processors, or null. */
  private final Substrate substrate;

  Steps(Machine machine, Processors processors, Substrate substrate) {
    this.machine = machine;
    this.processors = processors;
    this.substrate = substrate;
  }

  /**
   * A processor executes one instruction; interrupts may enter before it, others have their turns as always. A halted processor waits for
   * the next event first, at most until its count has come to {@code limit}.
   */
  public Outcome one(int number, long limit) {
    if (substrate != null) {
      return substrate.step(number, limit);
    }
    Cpu c = processors.cpus().get(number);
    while (true) {
      long before = c.count - processors.idle(number);
      // Asleep, time goes by from event to event; the run ends there, so what wakes is still to execute its first instruction.
      Outcome o = processors.allWait() ? machine.run(Math.max(1, machine.nextEvent() - processors.now()))
          : machine.runTo(number, c.count + 1);
      if (!(o instanceof Outcome.Limit) || c.count - processors.idle(number) > before || c.count >= limit) {
        return o;
      }
    }
  }

  /** The processor whose turn it is executes one instruction; while it sleeps, the next one that does not. */
  public Outcome any() {
    if (substrate != null) {
      return substrate.step(processors.current(), Long.MAX_VALUE);
    }
    while (true) {
      Cpu c = processors.cpu();
      long before = machine.executed();
      boolean active = !c.halted || Processors.wakes(c);
      long rest = active ? 1 : Math.max(1, processors.budget(machine.nextEvent()));
      Outcome o = machine.runTo(processors.current(), c.count + rest < 0 ? Long.MAX_VALUE : c.count + rest);
      if (!(o instanceof Outcome.Limit) || machine.executed() > before) {
        return o;
      }
    }
  }
}
