package dev.trapline.vm.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Expressions over 64-bit integers: registers ({@code rax}, {@code $rax}, {@code @rax}), symbols, numbers, {@code [addr]} with an
 * optional {@code byte|word|dword|qword}, and C's operators with C's precedence. Division and comparison are unsigned except
 * where an operand is written negative.
 */
public final class Expr {
  private static final Map<String, Integer> BINARY = Map.ofEntries(
      Map.entry("||", 1), Map.entry("&&", 2), Map.entry("|", 3), Map.entry("^", 4), Map.entry("&", 5),
      Map.entry("==", 6), Map.entry("!=", 6), Map.entry("<", 7), Map.entry("<=", 7), Map.entry(">", 7), Map.entry(">=", 7),
      Map.entry("<<", 8), Map.entry(">>", 8), Map.entry("+", 9), Map.entry("-", 9),
      Map.entry("*", 10), Map.entry("/", 10), Map.entry("%", 10));
  private static final int LONGEST = 1000;
  private static final Map<String, Integer> SIZES = Map.of("byte", 1, "word", 2, "dword", 4, "qword", 8);

  private final String text;
  private final List<String> tokens;
  private final Names names;
  private int at;

  private Expr(String text, Names names) {
    this.text = text;
    this.names = names;
    this.tokens = tokens(text);
  }

  /** Evaluates; the whole text must be one expression, else {@link BadInput} says what is wrong. */
  public static long evaluate(String text, Names names) {
    return compile(text, names).getAsLong();
  }

  /**
   * Compiles for evaluation again and again, which reads registers directly and allocates nothing; what cannot be evaluated then is
   * {@link BadInput}. Symbols are what they are now.
   */
  public static LongSupplier compile(String text, Names names) {
    Expr e = new Expr(text, names);
    if (e.tokens.isEmpty()) {
      throw new BadInput("an expression is missing: for example rsp+8, [rsp], 0x7c00");
    }
    LongSupplier v = e.binary(1);
    if (e.at < e.tokens.size()) {
      throw new BadInput("'" + e.tokens.get(e.at) + "' is not expected in '" + text + "'");
    }
    return v;
  }

  private static List<String> tokens(String s) {
    if (s.length() > LONGEST) {
      throw new BadInput("an expression of " + s.length() + " characters: at most " + LONGEST);
    }
    var out = new ArrayList<String>();
    int i = 0;
    while (i < s.length()) {
      char c = s.charAt(i);
      if (Character.isWhitespace(c)) {
        i++;
        continue;
      }
      int end = i + 1;
      if (wordChar(c)) {
        while (end < s.length() && wordChar(s.charAt(end))) {
          end++;
        }
      } else if (end < s.length() && BINARY.containsKey(s.substring(i, end + 1))) {
        end++;
      }
      out.add(s.substring(i, end));
      i = end;
    }
    return out;
  }

  private static boolean wordChar(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$' || c == '@' || c == '`' || c == '\'';
  }

  private LongSupplier binary(int level) {
    LongSupplier left = unary();
    while (at < tokens.size()) {
      String op = tokens.get(at);
      Integer precedence = BINARY.get(op);
      if (precedence == null || precedence < level) {
        return left;
      }
      at++;
      left = apply(op, left, binary(precedence + 1));
    }
    return left;
  }

  private LongSupplier apply(String op, LongSupplier a, LongSupplier b) {
    return switch (op) {
      case "||" -> () -> truth(a.getAsLong() != 0 || b.getAsLong() != 0);
      case "&&" -> () -> truth(a.getAsLong() != 0 && b.getAsLong() != 0);
      case "|" -> () -> a.getAsLong() | b.getAsLong();
      case "^" -> () -> a.getAsLong() ^ b.getAsLong();
      case "&" -> () -> a.getAsLong() & b.getAsLong();
      case "==" -> () -> truth(a.getAsLong() == b.getAsLong());
      case "!=" -> () -> truth(a.getAsLong() != b.getAsLong());
      case "<" -> () -> truth(Long.compareUnsigned(a.getAsLong(), b.getAsLong()) < 0);
      case "<=" -> () -> truth(Long.compareUnsigned(a.getAsLong(), b.getAsLong()) <= 0);
      case ">" -> () -> truth(Long.compareUnsigned(a.getAsLong(), b.getAsLong()) > 0);
      case ">=" -> () -> truth(Long.compareUnsigned(a.getAsLong(), b.getAsLong()) >= 0);
      case "<<" -> () -> shift(a.getAsLong(), b.getAsLong(), true);
      case ">>" -> () -> shift(a.getAsLong(), b.getAsLong(), false);
      case "+" -> () -> a.getAsLong() + b.getAsLong();
      case "-" -> () -> a.getAsLong() - b.getAsLong();
      case "*" -> () -> a.getAsLong() * b.getAsLong();
      default -> () -> divide(op, a.getAsLong(), b.getAsLong());
    };
  }

  private static long shift(long a, long b, boolean left) {
    return b < 0 || b > 63 ? 0 : left ? a << b : a >>> b;
  }

  private long divide(String op, long a, long b) {
    if (b == 0) {
      throw new BadInput("division by zero in '" + text + "'");
    }
    return op.equals("/") ? Long.divideUnsigned(a, b) : Long.remainderUnsigned(a, b);
  }

  private static long truth(boolean b) {
    return b ? 1 : 0;
  }

  private LongSupplier unary() {
    String t = next();
    switch (t) {
      case "-" -> {
        LongSupplier v = unary();
        return () -> -v.getAsLong();
      }
      case "+" -> {
        return unary();
      }
      case "~" -> {
        LongSupplier v = unary();
        return () -> ~v.getAsLong();
      }
      case "!" -> {
        LongSupplier v = unary();
        return () -> truth(v.getAsLong() == 0);
      }
      case "*" -> {
        LongSupplier v = unary();
        return () -> names.read(v.getAsLong(), names.pointerBytes());
      }
      case "(" -> {
        LongSupplier v = binary(1);
        expect(")");
        return v;
      }
      case "[" -> {
        return memory(0);
      }
      default -> {
        return word(t);
      }
    }
  }

  private LongSupplier word(String t) {
    Integer size = SIZES.get(t);
    if (size != null && at < tokens.size() && tokens.get(at).equals("[")) {
      at++;
      return memory(size);
    }
    if (!wordChar(t.charAt(0))) {
      throw new BadInput("'" + t + "' is not expected in '" + text + "'");
    }
    String name = t.startsWith("$") || t.startsWith("@") ? t.substring(1) : t;
    // In radix 16 a word of hexadecimal digits is a number; $ or @ in front makes it a name.
    OptionalLong number = name.equals(t) ? Numbers.parse(t, names.radix()) : OptionalLong.empty();
    if (number.isPresent()) {
      long n = number.getAsLong();
      return () -> n;
    }
    LongSupplier value = names.getter(name);
    if (value == null) {
      throw unknown(name);
    }
    return value;
  }

  private BadInput unknown(String name) {
    if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
      return new BadInput("'" + name + "' is not a number: write 0x1f, 31, 1fh or 0n31");
    }
    String near = names.nearest(name);
    return new BadInput("no register or symbol '" + name + "'" + (near == null ? "" : "; did you mean '" + near + "'?"));
  }

  /** @param bytes 0 for a pointer's width in the mode at the time */
  private LongSupplier memory(int bytes) {
    LongSupplier address = binary(1);
    expect("]");
    return () -> names.read(address.getAsLong(), bytes == 0 ? names.pointerBytes() : bytes);
  }

  private String next() {
    if (at >= tokens.size()) {
      throw new BadInput("'" + text + "' ends too early: a value is missing");
    }
    return tokens.get(at++);
  }

  private void expect(String token) {
    if (at >= tokens.size() || !tokens.get(at).equals(token)) {
      throw new BadInput("'" + text + "': '" + token + "' is missing");
    }
    at++;
  }
}
