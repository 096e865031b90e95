package dev.trapline.vm.debug;

import java.util.Locale;

/** What kind of instruction to step to. */
public enum Goal {
  /** A jump, call or return. */
  BRANCH,
  /** A call or software interrupt. */
  CALL,
  /** A return from a function or handler. */
  RETURN;

  /** How many instructions are looked at before the user is asked again. */
  private static final long MOST = 250_000;

  Stop from(Session session) {
    for (long i = 0; i < MOST; i++) {
      Stop stop = session.step(1);
      if (!(stop instanceof Stop.Stepped) || reached(new Flow(session.inspect()))) {
        return stop;
      }
    }
    return new Stop.Limit(session.inspect().place(), MOST + " instructions without a " + name().toLowerCase(Locale.ROOT));
  }

  private boolean reached(Flow flow) {
    return switch (this) {
      case BRANCH -> flow.branches();
      case CALL -> flow.enters();
      case RETURN -> flow.returns();
    };
  }
}
