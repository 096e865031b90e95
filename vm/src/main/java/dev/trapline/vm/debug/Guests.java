package dev.trapline.vm.debug;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * The guests of a monitor under one debugger, and which of them commands are about. Each has a {@link Session} of its own; they stand on
 * one machine, so running any of them runs all, and a stop of any ends the run and makes that guest the current one.
 */
public interface Guests {
  /** Their names in their order; empty on the bare machine. */
  List<String> names();

  /** The session of the guest that commands are about. */
  Session current();

  /** The session of a guest by its name or its number, 1 for the first. @throws BadInput if there is none */
  Session session(String guest);

  /** The sessions of all guests in their order; on the bare machine its one. */
  default List<Session> sessions() {
    return names().isEmpty() ? List.of(current()) : names().stream().map(this::session).toList();
  }

  /** Makes a guest the current one. @throws BadInput if there is none of this name or number */
  void select(String guest);

  /** The current session or, if its guest has ended, the next one whose guest lives, which is then the current one. */
  Session living();

  /**
   * Runs until each guest has printed a text on its serial console or shows it on its screen, what it printed since the last expected one
   * included.
   *
   * @return {@link Stop.Reached} if all have; otherwise why not
   */
  Stop expectOfAll(String text);

  /** Runs until one of them stops, or has printed what its plan says it is to end with: then it is switched off, and the others run on. */
  default Stop resume() {
    return living().resume();
  }

  /** Instructions executed by all. */
  long executed();

  /** Who tells the host's time in nanoseconds, of which {@link MonitorViews#hostNanoseconds} is a guest's part. */
  void clock(LongSupplier nanoseconds);

  /** Whether there are others than the current one. */
  default boolean several() {
    return names().size() > 1;
  }

  /** What to tell who wants the current guest to run, which has ended. */
  default String over() {
    boolean others = names().stream().anyMatch(n -> end(n).isEmpty());
    return (several() ? "guest " + current().guest() : "the guest") + " has ended: " + (others ? "'c' goes on with the others, " : "")
        + "'reset' starts " + (several() ? "all guests" : "it") + " again, 'load' another";
  }

  /** How a guest ended: {@code powered off}, {@code exit 33}, {@code triple fault}; empty while it lives. */
  default String end(String guest) {
    return switch (session(guest).last()) {
      case Stop.Off o when o.how().equals("power-off") -> "powered off";
      case Stop.Off o -> o.how();
      case Stop.Exit e -> "exit " + e.status();
      case Stop.TripleFault t -> "triple fault";
      case Stop.Dead d -> "halted for ever";
      case Stop.Broken b -> "stopped by the monitor: " + b.why().lines().findFirst().orElse("");
      default -> "";
    };
  }

  /** A bare machine, or the only guest. */
  record Alone(Session current) implements Guests {
    @Override
    public List<String> names() {
      return List.of();
    }

    @Override
    public Session session(String guest) {
      throw new BadInput("no guest " + guest + ": this is the bare machine");
    }

    @Override
    public void select(String guest) {
      session(guest);
    }

    @Override
    public Session living() {
      return current;
    }

    @Override
    public Stop expectOfAll(String text) {
      return current.expect(text, null, Long.MAX_VALUE);
    }

    @Override
    public long executed() {
      return current.executed();
    }

    @Override
    public void clock(LongSupplier nanoseconds) {
      // There is nobody to share it with.
    }
  }
}
