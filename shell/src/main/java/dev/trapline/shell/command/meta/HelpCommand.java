package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.Help;
import dev.trapline.shell.command.Near;
import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code help}. */
@Command(name = "help", description = "List the commands, or show one with examples: help x",
    footerHeading = "Examples:%n", footer = {"  help           all commands by topic", "  help bp        one of them"})
public final class HelpCommand extends ShellCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "COMMAND", description = "a command or one of its other names")
  private String name;

  @Override
  public Object run(Shell shell) {
    if (name == null) {
      return Help.overview(shell.registry(), shell.style());
    }
    String expansion = shell.aliases().expansion(name);
    Registry.Entry entry = shell.registry().find(name);
    if (entry == null && expansion != null) {
      entry = shell.registry().find(expansion.split("[|/]")[0]);
    }
    if (entry == null) {
      String near = Near.of(name, shell.registry().names());
      throw new BadInput("no command '" + name + "'" + (near == null ? ": 'help' lists them" : "; did you mean '" + near + "'?"));
    }
    return Help.of(entry, shell.aliases(), shell.style());
  }
}
