package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code echo}. */
@Command(name = "echo", description = "Print the words: for scripts",
    footerHeading = "Examples:%n", footer = {"  echo reached user mode"})
public final class EchoCommand extends ShellCommand {
  @Parameters(arity = "0..*", paramLabel = "WORD", description = "what to print")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    shell.out().println(join(words));
    return null;
  }
}
