package dev.trapline.shell.script;

import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Bars, in the terminal and as SVG. */
final class Plot {
  private static final int WIDTH = 48;

  private Plot() {}

  private static double most(Map<String, ? extends Number> numbers) {
    return Math.max(numbers.values().stream().mapToDouble(Number::doubleValue).max().orElse(0), Double.MIN_NORMAL);
  }

  private static String number(Number n) {
    double d = n.doubleValue();
    return d == Math.rint(d) ? String.format(Locale.ROOT, "%,d", (long) d) : String.format(Locale.ROOT, "%,.2f", d);
  }

  static String bars(Map<String, ? extends Number> numbers) {
    double most = most(numbers);
    int names = numbers.keySet().stream().mapToInt(String::length).max().orElse(0);
    var out = new StringBuilder();
    numbers.forEach((name, n) -> out.append(out.isEmpty() ? "" : "\n").append(name).append(" ".repeat(names - name.length())).append(" |")
        .append("#".repeat((int) Math.round(Math.max(0, n.doubleValue()) / most * WIDTH))).append(' ').append(number(n)));
    return out.toString();
  }

  /** @throws BadInput if the file cannot be written */
  static void svg(Path file, String title, Map<String, ? extends Number> numbers) {
    double most = most(numbers);
    int left = 12 + 8 * numbers.keySet().stream().mapToInt(String::length).max().orElse(0);
    String head = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" font-size=\"12\">%n";
    var out = new StringBuilder(head
        .formatted(left + 560, 40 + 20 * numbers.size()));
    out.append("<text x=\"8\" y=\"18\" font-size=\"14\">").append(escaped(title)).append("</text>\n");
    int y = 34;
    for (var e : numbers.entrySet()) {
      long width = Math.round(Math.max(0, e.getValue().doubleValue()) / most * 440);
      out.append("<text x=\"8\" y=\"%d\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" fill=\"#4a78b0\"/>".formatted(y + 11,
          escaped(e.getKey()), left, y, width)).append("<text x=\"%d\" y=\"%d\">%s</text>%n".formatted(left + width + 6, y + 11,
              number(e.getValue())));
      y += 20;
    }
    try {
      Files.writeString(file, out.append("</svg>\n"));
    } catch (IOException denied) {
      throw new BadInput("cannot write " + file);
    }
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
