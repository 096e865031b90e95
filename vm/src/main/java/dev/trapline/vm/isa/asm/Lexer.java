package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.asm.Token.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Splits one line of source into tokens (NASM manual 3.4 and 3.5). A comment ends the line. */
final class Lexer {
  private final String s;
  private int pos;
  private final List<Token> out = new ArrayList<>();

  private Lexer(String line) {
    this.s = line;
  }

  static List<Token> tokens(String line) {
    return new Lexer(line).run();
  }

  private List<Token> run() {
    boolean spaced = false;
    while (pos < s.length() && s.charAt(pos) != ';') {
      char c = s.charAt(pos);
      if (Character.isWhitespace(c)) {
        spaced = true;
        pos++;
        continue;
      }
      out.add(next(c, spaced));
      spaced = false;
    }
    return out;
  }

  private Token next(char c, boolean spaced) {
    if (c == '\'' || c == '"' || c == '`') {
      return new Token(Kind.STRING, string(c), spaced);
    }
    if (c >= '0' && c <= '9' || c == '$' && pos + 1 < s.length() && Character.isDigit(s.charAt(pos + 1))) {
      return number(spaced);
    }
    if (c == '%') {
      return percent(spaced);
    }
    if (wordStart(c)) {
      return new Token(Kind.WORD, word(), spaced);
    }
    if (c == '$') {
      return dollar(spaced);
    }
    return new Token(Kind.OP, operator(), spaced);
  }

  private Token dollar(boolean spaced) {
    pos++;
    if (pos < s.length() && s.charAt(pos) == '$') {
      pos++;
      return new Token(Kind.OP, "$$", spaced);
    }
    if (pos < s.length() && wordStart(s.charAt(pos))) {
      return new Token(Kind.WORD, "$" + word(), spaced);
    }
    return new Token(Kind.OP, "$", spaced);
  }

  static boolean wordStart(char c) {
    return Character.isLetter(c) || c == '_' || c == '.' || c == '?' || c == '@';
  }

  static boolean wordPart(char c) {
    return wordStart(c) || Character.isDigit(c) || c == '$' || c == '#' || c == '~';
  }

  private String word() {
    int start = pos;
    while (pos < s.length() && wordPart(s.charAt(pos))) {
      pos++;
    }
    return s.substring(start, pos);
  }

  private Token percent(boolean spaced) {
    int start = pos++;
    if (pos >= s.length()) {
      return new Token(Kind.OP, "%", spaced);
    }
    char c = s.charAt(pos);
    if (c == '%') {
      pos++;
      if (pos < s.length() && wordStart(s.charAt(pos))) {
        word();
        return new Token(Kind.PP, s.substring(start, pos), spaced);
      }
      return new Token(Kind.OP, "%%", spaced);
    }
    if (c == '{') {
      int end = s.indexOf('}', pos);
      if (end < 0) {
        throw new SourceError("%{ without closing brace");
      }
      pos = end + 1;
      return new Token(Kind.PP, "%" + s.substring(start + 2, end), spaced);
    }
    return percentWord(start, c, spaced);
  }

  private Token percentWord(int start, char c, boolean spaced) {
    boolean signed = (c == '+' || c == '-') && pos + 1 < s.length() && Character.isDigit(s.charAt(pos + 1));
    if (c == '+' && !signed || c == '?' || c == '[') {
      pos++;
      return new Token(Kind.PP, s.substring(start, pos), spaced);
    }
    if (signed || Character.isDigit(c)) {
      pos++;
      while (pos < s.length() && Character.isDigit(s.charAt(pos))) {
        pos++;
      }
      return new Token(Kind.PP, s.substring(start, pos), spaced);
    }
    if (wordStart(c) || c == '$') {
      while (pos < s.length() && s.charAt(pos) == '$') {
        pos++;
      }
      word();
      return new Token(Kind.PP, s.substring(start, pos), spaced);
    }
    return new Token(Kind.OP, "%", spaced);
  }

  private static final String[] OPERATORS = {"<=>", ">>>", "<<<", "<<", ">>", "<=", ">=", "==", "!=", "<>", "&&", "||", "^^", "//"};

  private String operator() {
    for (String op : OPERATORS) {
      if (s.startsWith(op, pos)) {
        pos += op.length();
        return op;
      }
    }
    return String.valueOf(s.charAt(pos++));
  }

  private String string(char quote) {
    var text = new StringBuilder();
    pos++;
    while (true) {
      if (pos >= s.length()) {
        throw new SourceError("string without closing " + quote);
      }
      char c = s.charAt(pos++);
      if (c == quote) {
        return text.toString();
      }
      if (c == '\\' && quote == '`' && pos < s.length()) {
        escape(text);
      } else {
        text.append(c);
      }
    }
  }

  /** C escapes, in back quotes only. Bytes are held as characters 0 to 255 above ASCII; see {@link #bytes}. */
  private void escape(StringBuilder text) {
    char c = s.charAt(pos++);
    int at = "abtnvfre".indexOf(c);
    if (at >= 0) {
      text.append((char) new int[] {7, 8, 9, 10, 11, 12, 13, 27}[at]);
    } else if (c == 'x') {
      text.append((char) (RAW + digits(16, 2)));
    } else if (c >= '0' && c <= '7') {
      pos--;
      text.append((char) (RAW + digits(8, 3)));
    } else if (c == 'u' || c == 'U') {
      text.appendCodePoint(digits(16, c == 'u' ? 4 : 8));
    } else {
      text.append(c);
    }
  }

  /** Characters from here up stand for one raw byte each (a private-use range). */
  private static final int RAW = 0xe000;

  private int digits(int radix, int most) {
    int value = 0;
    int n = 0;
    while (n < most && pos < s.length() && Character.digit(s.charAt(pos), radix) >= 0) {
      value = value * radix + Character.digit(s.charAt(pos++), radix);
      n++;
    }
    if (n == 0) {
      throw new SourceError("escape in a string without digits");
    }
    return value;
  }

  /** A string's bytes: UTF-8, and the raw bytes of escapes. */
  static byte[] bytes(String text) {
    var out = new java.io.ByteArrayOutputStream();
    text.codePoints().forEach(c -> {
      if (c >= RAW && c < RAW + 256) {
        out.write(c - RAW);
      } else {
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
      }
    });
    return out.toByteArray();
  }

  private Token number(boolean spaced) {
    int start = pos++;
    while (pos < s.length() && (wordPart(s.charAt(pos)) || exponentSign(start))) {
      pos++;
    }
    String text = s.substring(start, pos);
    return new Token(isFloat(text) ? Kind.FLOAT : Kind.NUMBER, text, spaced);
  }

  private boolean exponentSign(int start) {
    char c = s.charAt(pos);
    char before = Character.toLowerCase(s.charAt(pos - 1));
    if (c != '+' && c != '-') {
      return false;
    }
    String sofar = s.substring(start, pos).toLowerCase(java.util.Locale.ROOT);
    return sofar.startsWith("0x") ? before == 'p' && sofar.length() > 3 : before == 'e' && isFloat(sofar + "0");
  }

  private static boolean isFloat(String text) {
    String t = text.toLowerCase(java.util.Locale.ROOT);
    return t.startsWith("0x") ? t.indexOf('.') > 0 || t.indexOf('p') > 0
        : t.matches("[0-9][0-9_]*(\\.[0-9_]*(e[+-]?[0-9_]+)?|e[+-]?[0-9_]+)");
  }

  /** The value of a number token: 0x1f 1fh $1f 0b1 1b 0o7 7q 0d9 9d, underscores ignored (NASM manual 3.4.1). */
  static long value(String text) {
    String t = text.replace("_", "").toLowerCase(java.util.Locale.ROOT);
    try {
      if (t.startsWith("0x")) {
        return unsigned(t.substring(2), 16, text);
      }
      if (t.startsWith("$")) {
        return unsigned(t.substring(1), 16, text);
      }
      char last = t.charAt(t.length() - 1);
      if (last == 'h' || last == 'x') {
        return unsigned(t.substring(0, t.length() - 1), 16, text);
      }
      int prefix = t.length() > 2 && t.charAt(0) == '0' ? radix(t.charAt(1)) : 0;
      if (prefix != 0) {
        return unsigned(t.substring(2), prefix, text);
      }
      int suffix = radix(last);
      return suffix == 0 ? unsigned(t, 10, text) : unsigned(t.substring(0, t.length() - 1), suffix, text);
    } catch (NumberFormatException e) {
      throw new SourceError("'" + text + "' is not a number");
    }
  }

  private static int radix(char c) {
    return switch (c) {
      case 'b', 'y' -> 2;
      case 'o', 'q' -> 8;
      case 'd', 't' -> 10;
      case 'h' -> 16;
      default -> 0;
    };
  }

  private static long unsigned(String digits, int radix, String whole) {
    var big = new java.math.BigInteger(digits, radix);
    if (big.bitLength() > 64 || big.signum() < 0) {
      throw new SourceError("number " + whole + " does not fit in 64 bits");
    }
    return big.longValue();
  }
}
