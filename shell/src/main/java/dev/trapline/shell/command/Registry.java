package dev.trapline.shell.command;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands a shell knows, in the order help lists them. */
public record Registry(List<Entry> all) {
  /** A command: what it is about, its class and how to make one. Name and description stand in its {@link Command} annotation. */
  public record Entry(Topic topic, Class<? extends ShellCommand> type, Supplier<ShellCommand> make) {
    public String name() {
      return type.getAnnotation(Command.class).name();
    }

    /** One line about it. */
    public String summary() {
      return type.getAnnotation(Command.class).description()[0];
    }

    /** The examples in its help: the footer lines. */
    public List<String> examples() {
      return Arrays.stream(type.getAnnotation(Command.class).footer()).map(s -> s.replace("%%", "%").strip()).toList();
    }

    /** A parser for one line. Words that look like options but are none are arguments: {@code ? -1}. */
    public CommandLine line() {
      CommandLine line = new CommandLine(make.get());
      configure(line);
      line.getSubcommands().values().forEach(Registry::configure);
      return line;
    }
  }

  public Registry {
    all = List.copyOf(all);
  }

  public List<String> names() {
    return all.stream().map(Entry::name).toList();
  }

  /** The command of exactly this name, or null. */
  public Entry find(String name) {
    return all.stream().filter(e -> e.name().equals(name)).findFirst().orElse(null);
  }

  private static void configure(CommandLine line) {
    line.setUnmatchedOptionsArePositionalParams(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedSubcommandsAllowed(true);
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.setExpandAtFiles(false);
    line.setToggleBooleanFlags(false);
  }
}
