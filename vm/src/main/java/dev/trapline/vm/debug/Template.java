package dev.trapline.vm.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A line with expressions in braces: {@code rip={rip:x} count={count}}. Behind a colon stands how: {@code x} hexadecimal (as without one),
 * {@code d} decimal, {@code b} binary, {@code c} a character. Two braces stand for one.
 */
final class Template {
  private final List<Supplier<String>> parts = new ArrayList<>();

  /** @throws BadInput if it is none */
  Template(String text, Names names) {
    int i = 0;
    var plain = new StringBuilder();
    while (i < text.length()) {
      char c = text.charAt(i);
      boolean twice = i + 1 < text.length() && text.charAt(i + 1) == c && (c == '{' || c == '}');
      if (twice || c != '{') {
        plain.append(c);
        i += twice ? 2 : 1;
        continue;
      }
      int end = text.indexOf('}', i);
      if (end < 0) {
        throw new BadInput("--log '" + text + "': a closing } is missing");
      }
      literal(plain);
      parts.add(field(text.substring(i + 1, end), names));
      i = end + 1;
    }
    literal(plain);
  }

  private void literal(StringBuilder plain) {
    String s = plain.toString();
    plain.setLength(0);
    if (!s.isEmpty()) {
      parts.add(() -> s);
    }
  }

  private static Supplier<String> field(String text, Names names) {
    int colon = text.lastIndexOf(':');
    boolean formatted = colon >= 0 && colon == text.length() - 2;
    LongSupplier value = Expr.compile(formatted ? text.substring(0, colon) : text, names);
    return switch (formatted ? text.charAt(colon + 1) : 'x') {
      case 'x' -> () -> "0x" + Long.toHexString(value.getAsLong());
      case 'd' -> () -> Long.toString(value.getAsLong());
      case 'b' -> () -> Long.toBinaryString(value.getAsLong());
      case 'c' -> () -> Character.toString((char) (value.getAsLong() & 0xff));
      default -> throw new BadInput("--log: {" + text + "}: behind the colon x, d, b or c is expected");
    };
  }

  /** The line; what cannot be read is a question mark. */
  String text() {
    var out = new StringBuilder();
    for (Supplier<String> p : parts) {
      out.append(one(p));
    }
    return out.toString();
  }

  private static String one(Supplier<String> part) {
    try {
      return part.get();
    } catch (BadInput unreadable) {
      return "?";
    }
  }
}
