package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a line says about its output: {@code info idt | grep page | head 3 > idt.txt}. Bars and angles also stand in expressions, so only
 * these filters count, and only files with a slash or one of the usual endings.
 *
 * @param line what is left for the command
 * @param filters in order, each a word and its argument
 * @param file where the text goes; null for the terminal
 * @param append whether to add to the file
 */
record Output(String line, List<String> filters, Path file, boolean append) {
  private static final Pattern FILE = Pattern.compile("(.*)\\s(>>?)\\s*([^\\s'\"]*/[^\\s'\"]+|[^\\s'\"]+\\.(?:txt|json|log|csv))\\s*");
  private static final Pattern FILTER = Pattern.compile("(.*\\S)\\s*\\|\\s*((?:grep|head|tail|count|less|more)\\b[^|]*)");

  /** Takes a line apart from its end; what stands in quotes stays. */
  static Output of(String text) {
    String rest = text;
    Path file = null;
    boolean append = false;
    Matcher f = FILE.matcher(rest);
    if (f.matches() && !quoteOpen(f.group(1))) {
      file = Path.of(f.group(3));
      append = f.group(2).length() == 2;
      rest = f.group(1);
    }
    var filters = new ArrayList<String>();
    for (Matcher m = FILTER.matcher(rest); m.matches() && !quoteOpen(m.group(1)); m = FILTER.matcher(rest)) {
      filters.addFirst(m.group(2).strip());
      rest = m.group(1);
    }
    return new Output(rest, List.copyOf(filters), file, append);
  }

  private static boolean quoteOpen(String text) {
    return text.chars().filter(c -> c == '\'').count() % 2 != 0 || text.chars().filter(c -> c == '"').count() % 2 != 0;
  }

  /** Whether the last filter shows it a screen at a time. */
  boolean paged() {
    return !filters.isEmpty() && filters.getLast().matches("(less|more)\\b.*");
  }

  /** What remains for the terminal. */
  String deliver(String text) {
    List<String> lines = text.isEmpty() ? List.of() : text.lines().toList();
    for (String filter : filters) {
      lines = filtered(lines, filter);
    }
    String left = String.join("\n", lines);
    if (file == null) {
      return left;
    }
    write(left.isEmpty() ? "" : left + "\n");
    return "";
  }

  private static List<String> filtered(List<String> lines, String filter) {
    String[] words = filter.split("\\s+", 2);
    String argument = words.length > 1 ? words[1].replaceAll("^(['\"])(.*)\\1$", "$2") : "";
    return switch (words[0]) {
      case "grep" -> lines.stream().filter(l -> l.contains(argument)).toList();
      case "head" -> lines.subList(0, Math.min(lines.size(), number(filter, argument)));
      case "tail" -> lines.subList(Math.max(0, lines.size() - number(filter, argument)), lines.size());
      case "less", "more" -> lines;
      default -> List.of(Integer.toString(lines.size()));
    };
  }

  private static int number(String filter, String argument) {
    String n = argument.isEmpty() ? "10" : argument.replaceFirst("^-n? *", "");
    if (!n.matches("[0-9]{1,9}")) {
      throw new BadInput("| " + filter + ": a number of lines is expected");
    }
    return Integer.parseInt(n);
  }

  private void write(String text) {
    try {
      if (append) {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } else {
        Files.writeString(file, text);
      }
    } catch (IOException refused) {
      throw new BadInput("cannot write " + file + ": " + refused.getMessage());
    }
  }
}
