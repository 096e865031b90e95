package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.util.ArrayList;
import java.util.List;

/**
 * A line in words: separated by blanks, with {@code '...'} and {@code "..."} quoting, {@code {...}} kept together, and a comment from a
 * {@code #} that begins the line or stands alone (a count such as {@code #1000} is no comment).
 */
public final class Words {
  private Words() {}

  public static List<String> of(String line) {
    var out = new ArrayList<String>();
    int i = 0;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (Character.isWhitespace(c)) {
        i++;
      } else if (c == '#' && (out.isEmpty() || i + 1 == line.length() || Character.isWhitespace(line.charAt(i + 1)))) {
        break;
      } else {
        var word = new StringBuilder();
        i = word(line, i, word);
        out.add(word.toString());
      }
    }
    return out;
  }

  private static int word(String line, int from, StringBuilder word) {
    int i = from;
    int depth = 0;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (depth == 0 && Character.isWhitespace(c)) {
        break;
      }
      if (depth == 0 && (c == '\'' || c == '"') && (i == from || line.charAt(i - 1) == '=')) {
        i = quoted(line, i, word);
        continue;
      }
      depth += c == '{' ? 1 : c == '}' && depth > 0 ? -1 : 0;
      word.append(c);
      i++;
    }
    return i;
  }

  private static int quoted(String line, int from, StringBuilder word) {
    char quote = line.charAt(from);
    int i = from + 1;
    while (i < line.length() && line.charAt(i) != quote) {
      if (line.charAt(i) == '\\' && quote == '"' && i + 1 < line.length()) {
        i++;
        word.append(escape(line.charAt(i)));
      } else {
        word.append(line.charAt(i));
      }
      i++;
    }
    if (i >= line.length()) {
      throw new BadInput("a closing " + quote + " is missing: " + line.substring(from));
    }
    return i + 1;
  }

  private static char escape(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> c;
    };
  }
}
