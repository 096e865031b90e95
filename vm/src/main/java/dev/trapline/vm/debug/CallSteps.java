package dev.trapline.vm.debug;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Steps that take a call as one instruction, and the way out of a function. */
final class CallSteps {
  /** Who makes the steps. */
  interface Host {
    /** Where the machine is. */
    Inspector inspect();

    /** One instruction. */
    Stop step(long instructions);

    /** Runs until something stops the machine. */
    Stop resume();

    /** Does something with a breakpoint for the selected processor that nobody else sees. */
    Stop withTemporary(long linear, Supplier<Stop> work);
  }

  private final Host host;

  CallSteps(Host host) {
    this.host = host;
  }

  /** Steps over one instruction and what it calls. */
  Stop over() {
    Flow flow = new Flow(host.inspect());
    if (!flow.calls()) {
      return host.step(1);
    }
    long stack = flow.stackPointer();
    return host.withTemporary(flow.nextLinear(), () -> {
      Stop s;
      do {
        s = host.resume();
        // In a recursion the same address comes up deeper in the stack first.
      } while (s instanceof Stop.Reached && Long.compareUnsigned(new Flow(host.inspect()).stackPointer(), stack) < 0);
      return s instanceof Stop.Reached ? new Stop.Stepped(s.at()) : s;
    });
  }

  /** Steps until the function has returned; null if there is no time left. */
  Stop out(BooleanSupplier timeIsOver) {
    long stack = new Flow(host.inspect()).stackPointer();
    while (true) {
      Flow flow = new Flow(host.inspect());
      boolean leaves = flow.returns() && Long.compareUnsigned(flow.stackPointer(), stack) >= 0;
      Stop s = over();
      if (leaves || !(s instanceof Stop.Stepped)) {
        return s;
      }
      if (timeIsOver.getAsBoolean()) {
        return null;
      }
    }
  }
}
