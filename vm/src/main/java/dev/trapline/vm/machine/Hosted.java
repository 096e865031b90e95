package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.interp.Interpreter;
import java.util.Optional;

/** A machine whose processors a monitor runs, as that monitor sees it. */
public final class Hosted {
  private final Machine machine;
  private final Processors processors;
  private final Scheduler scheduler;
  private final Inputs inputs;

  Hosted(Machine machine, Processors processors, Scheduler scheduler, Inputs inputs) {
    this.machine = machine;
    this.processors = processors;
    this.scheduler = scheduler;
    this.inputs = inputs;
  }

  /** Makes a processor the one that acts, at the present time: what it reads and writes next is its own. */
  public void select(int processor) {
    processors.select(processor, machine.now());
  }

  /** Lets devices do everything that is due now, and input from outside come in. */
  public void runDue() {
    scheduler.runDue(machine.now());
    inputs.deliver();
  }

  /** When the next device event is due, or {@link Scheduler#NEVER}. */
  public long nextEvent() {
    return scheduler.nextEvent();
  }

  /** The wire of an ISA interrupt. */
  public IrqLine irq(int number) {
    return machine.irq(number);
  }

  /** Whether a halted processor has something to wake up for. */
  public static boolean wakes(Cpu cpu) {
    return Processors.wakes(cpu);
  }

  /** What a processor or device has asked for since the last call: power off, reset, a triple fault; empty if nothing. */
  public Optional<Outcome> ended() {
    machine.interpreters().forEach(Interpreter::stopTaken);
    return Optional.ofNullable(machine.over());
  }
}
