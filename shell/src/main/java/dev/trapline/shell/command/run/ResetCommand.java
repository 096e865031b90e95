package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import picocli.CommandLine.Command;

/** {@code reset}. */
@Command(name = "reset", description = "Start again from the loaded image; breakpoints stay",
    footerHeading = "Examples:%n", footer = {"  reset          the machine as it was right after loading"})
public final class ResetCommand extends Listing {
  @Override
  public Object run(Shell shell) {
    return shell.session().reset();
  }
}
