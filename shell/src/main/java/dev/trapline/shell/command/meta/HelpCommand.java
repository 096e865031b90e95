package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.ApiHelp;
import dev.trapline.shell.command.Help;
import dev.trapline.shell.command.Near;
import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code help}. */
@Command(name = "help", description = "List the commands, show one with examples, or what scripts and events know",
    footerHeading = "Examples:%n", footer = {"  help           all commands by topic", "  help bp        one of them",
        "  help script    what scripts in Groovy can say; help script expect in full",
        "  help event     kinds of events; help event exit the names of one"})
public final class HelpCommand extends ShellCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "COMMAND", description = "a command or one of its other names")
  private String name;

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "of what scripts know, or a kind of events")
  private String topic;

  @Override
  public Object run(Shell shell) {
    if (name == null) {
      return Help.overview(shell.registry(), shell.style());
    }
    if (name.equals("script")) {
      String scripts = new ApiHelp(shell.style()).script(topic);
      return topic != null ? scripts : Help.of(shell.registry().find(name), shell.aliases(), shell.style()) + "\n\n" + scripts;
    }
    if (name.equals("event")) {
      return new ApiHelp(shell.style()).event(topic);
    }
    if (topic != null) {
      throw new BadInput("help " + name + ": only script and event have names within");
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
