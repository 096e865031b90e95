package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code symbols}. */
@Command(name = "symbols", description = "Take names from a file (ELF, System.map), or a Linux guest's own from its memory",
    footerHeading = "Examples:%n", footer = {
        "  symbols System.map     names of a file, moved to where the running kernel is (KASLR)",
        "  symbols                the running Linux kernel's own, from its memory (kallsyms)",
        "  info symbols           where the names are from; info symbol ADDRESS, sym TEXT"})
public final class LoadSymbolsCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "ELF, System.map; without it, the guest's kallsyms")
  private Path file;

  @Override
  public Object run(Shell shell) {
    return file == null ? shell.session().symbolsOfGuest() : shell.session().symbols(file);
  }
}
