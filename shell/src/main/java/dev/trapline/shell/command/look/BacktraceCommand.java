package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bt}. */
@Command(name = "bt", description = "Functions not yet finished, innermost first, and how each was found",
    footerHeading = "Examples:%n", footer = {"  bt             up to 64 callers, by Linux's ORC tables or by frame pointers", "  bt 3           three"})
public final class BacktraceCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "N", description = "at most N (64)")
  private int most = 64;

  @Override
  public Object run(Shell shell) {
    return shell.session().inspect().backtrace(most);
  }
}
