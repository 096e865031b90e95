package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.Stop;
import java.io.PrintStream;
import java.util.List;

/** The end of a boot of several guests: how each ended, and what that makes of the program. */
final class GroupBoot {
  private final Guests guests;
  /** What each guest is to print, or null. */
  private final String until;

  GroupBoot(Guests guests, String until) {
    this.guests = guests;
    this.until = until;
  }

  /** Runs until something stops a guest, or all have printed what they are to. */
  Stop go() {
    return until == null ? guests.resume() : guests.expectOfAll(until);
  }

  /** How each guest ended, one line for each. */
  void summary(PrintStream out) {
    int width = guests.names().stream().mapToInt(String::length).max().orElse(0);
    for (String name : guests.names()) {
      String end = guests.end(name);
      out.println(name + " ".repeat(width - name.length()) + " : " + (end.isEmpty() ? "still running" : end));
    }
  }

  /**
   * The exit code: 0 if the text was there or all ended by themselves.
   *
   * @throws Failure if a guest did not, or a limit came first
   */
  int status(Stop stop, String limit) {
    List<String> badly = guests.names().stream().filter(this::endedBadly).toList();
    if (!badly.isEmpty()) {
      throw new Failure(ExitCode.GUEST_FAULT, String.join(", ", badly) + " did not end by itself");
    }
    boolean over = guests.names().stream().noneMatch(n -> guests.end(n).isEmpty());
    if (until != null && !(stop instanceof Stop.Reached)) {
      throw new Failure(ExitCode.LIMIT, over || stop instanceof Stop.Waiting ? "not all guests have printed '" + until + "'" : limit);
    }
    if (!over && (stop instanceof Stop.Limit || stop instanceof Stop.Interrupted)) {
      throw new Failure(ExitCode.LIMIT, limit);
    }
    return ExitCode.OK;
  }

  private boolean endedBadly(String guest) {
    return switch (guests.session(guest).last()) {
      case Stop.TripleFault t -> true;
      case Stop.Broken b -> true;
      case Stop.Dead d -> true;
      default -> false;
    };
  }

  /** @throws BadInput if several guests cannot have an option */
  static void refuse(String option, boolean given) {
    if (given) {
      throw new BadInput(option + " is for one guest: give it to one in a description of the machine, or boot one with --kernel");
    }
  }
}
