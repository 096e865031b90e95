package dev.trapline.shell.command;

import dev.trapline.shell.render.Style;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Help texts. */
public final class Help {
  private Help() {}

  /** Usage, options and examples of a parsed command. */
  public static String of(CommandLine line, Style style) {
    return line.getUsageMessage(style.colour() ? Ansi.ON : Ansi.OFF).stripTrailing();
  }

  /** The same for a command by name, with its aliases. */
  public static String of(Registry.Entry entry, Aliases aliases, Style style) {
    String others = aliases.all().entrySet().stream().filter(e -> e.getValue().split("[|/]")[0].equals(entry.name()))
        .map(Map.Entry::getKey).filter(n -> !n.equals(entry.name())).sorted().collect(Collectors.joining(" "));
    return of(entry.line(), style) + (others.isEmpty() ? "" : "\nOther names: " + others);
  }

  /** All commands by topic, one line each. */
  public static String overview(Registry registry, Style style) {
    var out = new StringBuilder();
    for (Topic topic : Topic.values()) {
      out.append(style.in(Style.Ink.HEAD, topic.title)).append('\n');
      registry.all().stream().filter(e -> e.topic() == topic)
          .forEach(e -> out.append("  %-8s %s%n".formatted(e.name(), e.summary())));
    }
    return out + "help COMMAND shows examples; a line that is no command is Groovy; an empty line repeats a step or listing";
  }
}
