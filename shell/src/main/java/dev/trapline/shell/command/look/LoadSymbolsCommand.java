package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code symbols}. */
@Command(name = "symbols", description = "Take names from a file (ELF, System.map), or a Linux guest's own from its memory",
    footerHeading = "Examples:%n", footer = {"  symbols System.map     names of a file", "  symbols                the running Linux kernel's kallsyms"})
public final class LoadSymbolsCommand extends ShellCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "ELF, System.map; without it, the guest's kallsyms")
  private Path file;

  @Override
  public Object run(Shell shell) {
    int n = file == null ? shell.session().symbolsOfGuest() : shell.session().symbols(file);
    return n + " symbols";
  }
}
