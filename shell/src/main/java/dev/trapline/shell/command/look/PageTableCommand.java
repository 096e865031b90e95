package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pt}. */
@Command(name = "pt", description = "Page tables: pt walk ADDRESS shows every step of a translation",
    subcommands = {PageTableCommand.Walk.class},
    footerHeading = "Examples:%n", footer = {
        "  pt walk 0x401000   each entry, the rights that result, and which accesses fault",
        "  pt walk esp        of the stack"})
public final class PageTableCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    throw new BadInput("pt: walk is missing: pt walk ADDRESS");
  }

  /** {@code pt walk}. */
  @Command(name = "walk", description = "Translate an address step by step, changing nothing")
  public static final class Walk extends Listing {
    @Parameters(arity = "0..*", paramLabel = "ADDRESS", description = "a virtual or linear address (the next instruction's)")
    private List<String> address;

    @Override
    public Object run(Shell shell) {
      var inspect = shell.session().inspect();
      return inspect.walk(address == null ? inspect.here() : Address.parse(join(address), shell.session().names()));
    }

    @Override
    public boolean repeats() {
      return true;
    }
  }
}
