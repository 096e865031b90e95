package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.asm.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * A multi-line macro (NASM manual 4.3).
 *
 * @param most greatest number of parameters, {@link Integer#MAX_VALUE} for {@code *}
 * @param greedy the last parameter takes the rest of the line
 */
record Macro(String name, int least, int most, boolean greedy, List<List<Token>> defaults, List<Line> body) {
  boolean takes(int n) {
    return n >= least && (n <= most || greedy);
  }

  /** Reads {@code name 1-3+ default, default}; the body is added by the caller. */
  static Macro header(List<Token> words, List<Line> body) {
    if (words.isEmpty() || !words.getFirst().word()) {
      throw new SourceError("%macro needs a name and a number of parameters: %macro name 2");
    }
    String name = words.getFirst().text();
    var p = new ExprParser(words.subList(1, words.size()), "");
    int least = p.peek().kind() == Kind.NUMBER ? (int) Lexer.value(p.next().text()) : 0;
    int most = least;
    if (p.accept("-")) {
      most = p.accept("*") ? Integer.MAX_VALUE : (int) Lexer.value(p.next().text());
    }
    boolean greedy = p.accept("+");
    p.accept(".nolist");
    var rest = new ArrayList<Token>();
    while (!p.atEnd()) {
      rest.add(p.next());
    }
    return new Macro(name, least, most, greedy, rest.isEmpty() ? List.of() : arguments(rest), body);
  }

  /** Splits at commas outside braces; braces around an argument are dropped. */
  static List<List<Token>> arguments(List<Token> tokens) {
    var out = new ArrayList<List<Token>>();
    if (tokens.isEmpty()) {
      return out;
    }
    var current = new ArrayList<Token>();
    int depth = 0;
    for (Token t : tokens) {
      int before = depth;
      depth += t.is("{") ? 1 : t.is("}") ? -1 : 0;
      if (t.is(",") && depth == 0) {
        out.add(current);
        current = new ArrayList<>();
      } else if (!(t.is("{") && before == 0 || t.is("}") && depth == 0)) {
        current.add(t);
      }
    }
    out.add(current);
    return out;
  }

  /** The arguments of a call, with the greedy one joined and defaults filled in; null if the count does not fit. */
  List<List<Token>> bind(List<Token> given) {
    List<List<Token>> args = arguments(given);
    if (greedy && args.size() > most) {
      args = greedyArguments(given);
    }
    if (!takes(args.size())) {
      return null;
    }
    var bound = new ArrayList<>(args);
    for (int i = bound.size() - least; i < defaults.size() && bound.size() < most; i++) {
      bound.add(defaults.get(i));
    }
    return bound;
  }

  private List<List<Token>> greedyArguments(List<Token> given) {
    var args = new ArrayList<List<Token>>();
    int from = 0;
    int depth = 0;
    for (int i = 0; i < given.size() && args.size() < most - 1; i++) {
      depth += given.get(i).is("{") ? 1 : given.get(i).is("}") ? -1 : 0;
      if (given.get(i).is(",") && depth == 0) {
        args.add(arguments(given.subList(from, i)).getFirst());
        from = i + 1;
      }
    }
    args.add(given.subList(from, given.size()));
    return args;
  }

  /** One call of a macro: what the parameters stand for. */
  static final class Frame {
    final String name;
    final int unique;
    final SourceLine call;
    final String context;
    private final List<List<Token>> args;
    private int rotation;
    boolean exit;

    Frame(String name, int unique, SourceLine call, String context, List<List<Token>> args) {
      this.name = name;
      this.unique = unique;
      this.call = call;
      this.context = context;
      this.args = args;
    }

    void rotate(long n) {
      rotation = args.isEmpty() ? 0 : (int) Math.floorMod(rotation + n, (long) args.size());
    }

    private List<Token> argument(int n) {
      return n >= 1 && n <= args.size() ? args.get((n - 1 + rotation) % args.size()) : List.of();
    }

    /** The line with {@code %1}, {@code %0}, {@code %%x} and the like replaced. */
    List<Token> substitute(List<Token> tokens) {
      var out = new ArrayList<Token>();
      boolean glue = false;
      for (Token t : tokens) {
        List<Token> value = t.kind() == Kind.PP ? value(t) : null;
        boolean replaced = value != null;
        List<Token> add = replaced ? value : List.of(t);
        for (int k = 0; k < add.size(); k++) {
          Token piece = k == 0 ? add.get(0).spaced(t.spaced()) : add.get(k);
          boolean joins = k == 0 && !t.spaced() && !out.isEmpty() && (replaced || glue) && gluable(out.getLast()) && gluable(piece);
          out.add(joins ? Defines.join(out.removeLast(), piece) : piece);
        }
        glue = replaced;
      }
      return out;
    }

    private static boolean gluable(Token t) {
      return t.word() || t.kind() == Kind.NUMBER;
    }

    private List<Token> value(Token t) {
      String s = t.text().substring(1);
      if (s.startsWith("%")) {
        return List.of(Token.word("..@" + unique + "." + s.substring(1)));
      }
      if (s.matches("-?[0-9]+:-?[0-9]+")) {
        return range(s);
      }
      if (s.matches("[+-][0-9]+")) {
        return List.of(Token.word(condition(argument(Integer.parseInt(s.substring(1))), s.charAt(0) == '-')));
      }
      if (!s.matches("[0-9]+")) {
        return null;
      }
      return s.equals("0") ? List.of(Token.number(args.size())) : argument(Integer.parseInt(s));
    }

    private List<Token> range(String s) {
      int from = place(s.substring(0, s.indexOf(':')));
      int to = place(s.substring(s.indexOf(':') + 1));
      var out = new ArrayList<Token>();
      for (int i = from; from <= to ? i <= to : i >= to; i += from <= to ? 1 : -1) {
        if (!out.isEmpty()) {
          out.add(new Token(Kind.OP, ",", false));
        }
        out.addAll(argument(i));
      }
      return out;
    }

    private int place(String s) {
      int n = Integer.parseInt(s);
      return n < 0 ? args.size() + 1 + n : n;
    }

    /** {@code %-1}: the opposite condition of the argument (NASM manual 4.3.10). */
    private static String condition(List<Token> argument, boolean negate) {
      String name = argument.size() == 1 ? argument.getFirst().text().toLowerCase(java.util.Locale.ROOT) : "";
      for (var c : dev.trapline.vm.isa.Cond.values()) {
        if (c.names().contains(name)) {
          return negate ? dev.trapline.vm.isa.Cond.values()[c.ordinal() ^ 1].names().getFirst() : name;
        }
      }
      throw new SourceError("'" + name + "' is not a condition code");
    }
  }
}
