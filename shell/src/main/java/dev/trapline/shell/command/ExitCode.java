package dev.trapline.shell.command;

/** Exit codes of the program; fixed, scripts depend on them. */
public final class ExitCode {
  public static final int OK = 0;
  /** An {@code assert} was false. */
  public static final int ASSERTION = 1;
  /** Wrong usage, or an error in a script. */
  public static final int USAGE = 2;
  /** The guest died: triple fault. */
  public static final int GUEST_FAULT = 3;
  /** A time or instruction limit came first. */
  public static final int LIMIT = 4;
  /** A repeated run does not follow its journal. */
  public static final int DIVERGED = 5;
  /** The guest halted for ever: HLT with interrupts off, which a system without ACPI does at its end and others where they give up. */
  public static final int HALTED = 6;
  /** Somebody pressed Ctrl-C, as shells count it. */
  public static final int INTERRUPTED = 130;
  /** A bug of ours. */
  public static final int INTERNAL = 70;

  private ExitCode() {}
}
