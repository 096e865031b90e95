package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.debug.view.Place;

/** Why the machine stands still, and where. */
public sealed interface Stop {
  Place at();

  /** Loaded or reset; nothing has run. */
  record Ready(Place at) implements Stop {}

  /** The steps asked for were made. */
  record Stepped(Place at) implements Stop {}

  /** An execution breakpoint; the instruction has not run. */
  record Hit(Place at, BreakpointView breakpoint) implements Stop {}

  /**
   * A watchpoint; the access has been made and the instruction is complete.
   *
   * @param access {@code read} or {@code write}
   * @param linear address of the access
   * @param before value of the watched bytes (at most eight) when the machine was last seen
   * @param after value of the same bytes now
   * @param ip offset of the instruction that made the access
   */
  record Watched(Place at, BreakpointView breakpoint, String access, long linear, int bytes, long before, long after, long ip)
      implements Stop {}

  /** A breakpoint on events; the access has been made, or the handler of an exception or interrupt is next. */
  record Happened(Place at, BreakpointView breakpoint, EventView event) implements Stop {}

  /** The place, count or console text waited for was reached; {@code what} names it. */
  record Reached(Place at, String what) implements Stop {}

  /** Somebody pressed Ctrl-C or called {@link Session#interrupt}. */
  record Interrupted(Place at) implements Stop {}

  /** A limit of instructions or time came first; {@code what} names it. */
  record Limit(Place at, String what) implements Stop {}

  /**
   * The guest wrote to isa-debug-exit.
   *
   * @param status process exit status, {@code value << 1 | 1}
   */
  record Exit(Place at, int value, int status) implements Stop {}

  /** Triple fault: nothing runs until reset. */
  record TripleFault(Place at) implements Stop {}

  /** HLT with interrupts off: only a reset could end it. */
  record Dead(Place at) implements Stop {}

  /** The monitor stopped this guest alone: it cannot go on with it. {@code why} is one line, then what belongs to it. */
  record Broken(Place at, String why) implements Stop {}

  /** HLT with nothing scheduled: the guest waits for input ({@link Session#type}). */
  record Waiting(Place at) implements Stop {}

  /** The guest switched the machine off, or reset it and {@link Session#stopAtReset} was asked for; {@code how} says which. */
  record Off(Place at, String how) implements Stop {}

  /** The journal that was repeated has come to its end, with the machine in the state it was recorded with. */
  record Replayed(Place at) implements Stop {}

  /** The run does not follow the journal that is repeated; {@code how} says where and in what. The rest of the journal is given up. */
  record Diverged(Place at, String how) implements Stop {}

  /** Whether the guest can go on from here. */
  default boolean finished() {
    return this instanceof Exit || this instanceof Off || this instanceof TripleFault || this instanceof Dead || this instanceof Broken;
  }
}
