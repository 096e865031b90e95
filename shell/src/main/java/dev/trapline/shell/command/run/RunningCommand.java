package dev.trapline.shell.command.run;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.Stop;
import java.util.List;

/** A command that lets the machine run: it ends in a stop, shown with the instruction that comes next. */
abstract class RunningCommand extends Listing {
  /** Runs and says why it stopped. */
  abstract Stop go(Shell shell);

  @Override
  public final Object run(Shell shell) {
    Stop stop = go(shell);
    if (!shell.interactive() && (stop instanceof Stop.TripleFault || stop instanceof Stop.Broken)) {
      throw new Failure(ExitCode.GUEST_FAULT, "the guest died: " + super.text(shell, stop));
    }
    if (!shell.interactive() && stop instanceof Stop.Limit) {
      throw new Failure(ExitCode.LIMIT, "stopped by a limit: " + super.text(shell, stop));
    }
    return stop;
  }

  @Override
  public final String text(Shell shell, Object result) {
    String line = super.text(shell, result);
    if (((Stop) result).finished()) {
      return line + othersLive(shell);
    }
    if (!shell.autoContext()) {
      return line;
    }
    var inspect = shell.session().inspect();
    return line + "\n" + super.text(shell, inspect.code(inspect.here(), 1));
  }

  /** What a person may not expect after the end of one guest. */
  private static String othersLive(Shell shell) {
    Guests guests = shell.session().guests();
    List<String> living = guests.names().stream().filter(n -> guests.end(n).isEmpty()).toList();
    return !shell.interactive() || living.isEmpty() ? "" : "\n" + String.join(", ", living) + (living.size() == 1 ? " lives" : " live")
        + ": c goes on";
  }

  /** The guest that stopped is the one to look at. */
  @Override
  public boolean staysWithGuest() {
    return true;
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
