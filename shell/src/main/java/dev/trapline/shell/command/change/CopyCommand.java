package dev.trapline.shell.command.change;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.shell.command.Span;
import dev.trapline.vm.debug.Address;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code copy}. */
@Command(name = "copy", description = "Copy memory: copy FROM LENGTH TO; the two may overlap",
    footerHeading = "Examples:%n", footer = {"  copy 0x1000 256 p:0x9000   reads all first, so overlapping ranges come out right"})
public final class CopyCommand extends ShellCommand {
  @Parameters(index = "0", paramLabel = "FROM", description = "source")
  private String from;

  @Parameters(index = "1", paramLabel = "LENGTH", description = "how many bytes")
  private String length;

  @Parameters(index = "2", paramLabel = "TO", description = "destination")
  private String to;

  @Override
  public Object run(Shell shell) {
    byte[] bytes = Span.read(shell, from, Span.length(shell, "copy", length));
    shell.session().write(Address.parse(to, shell.session().names()), bytes);
    return null;
  }
}
