package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;
import java.util.List;
import java.util.Set;

/** Parses expressions from a token list: NASM's operators, loosest first (NASM manual 3.5). */
class ExprParser {
  private static final List<Set<String>> LEVELS = List.of(Set.of("||"), Set.of("^^"), Set.of("&&"),
      Set.of("=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"), Set.of("|"), Set.of("^"), Set.of("&"),
      Set.of("<<", "<<<", ">>", ">>>"), Set.of("+", "-"), Set.of("*", "/", "//", "%", "%%"));

  private final List<Token> tokens;
  private final String parent;
  private int pos;
  private int depth;

  /** @param parent the last label without a dot, which local labels belong to */
  ExprParser(List<Token> tokens, String parent) {
    this.tokens = tokens;
    this.parent = parent;
  }

  final boolean atEnd() {
    return pos >= tokens.size();
  }

  final Token peek() {
    return atEnd() ? END : tokens.get(pos);
  }

  final Token peek(int ahead) {
    return pos + ahead < tokens.size() ? tokens.get(pos + ahead) : END;
  }

  private static final Token END = new Token(Token.Kind.OP, "", false);

  final Token next() {
    Token t = peek();
    pos++;
    return t;
  }

  final boolean accept(String spelling) {
    boolean hit = peek().is(spelling);
    if (hit) {
      pos++;
    }
    return hit;
  }

  final void expect(String spelling, String where) {
    if (!accept(spelling)) {
      throw new SourceError("'" + spelling + "' expected " + where + ", found " + found());
    }
  }

  final String found() {
    return atEnd() ? "the end of the line" : "'" + peek().text() + "'";
  }

  final void end() {
    if (!atEnd()) {
      throw new SourceError("unexpected " + found());
    }
  }

  final Expr expression() {
    Expr condition = level(0);
    if (!accept("?")) {
      return condition;
    }
    Expr yes = expression();
    expect(":", "in a conditional expression");
    return new Expr.Choice(condition, yes, expression());
  }

  private Expr level(int n) {
    if (n == LEVELS.size()) {
      return unary();
    }
    Expr left = level(n + 1);
    while (operator(LEVELS.get(n))) {
      String op = next().text();
      left = new Expr.Binary(op, left, level(n + 1));
    }
    return left;
  }

  private boolean operator(Set<String> ops) {
    Token t = peek();
    return t.kind() == Token.Kind.OP && ops.contains(t.text());
  }

  /** Deepest nesting of parentheses and signs. */
  private static final int MOST_NESTED = 100;

  private Expr unary() {
    if (++depth > MOST_NESTED) {
      throw new SourceError("expression nested more than " + MOST_NESTED + " deep");
    }
    Expr e = signed();
    depth--;
    return e;
  }

  private Expr signed() {
    Token t = peek();
    if (t.kind() == Token.Kind.OP && Set.of("+", "-", "~", "!").contains(t.text())) {
      next();
      return new Expr.Unary(t.text(), unary());
    }
    return primary();
  }

  private Expr primary() {
    Token t = next();
    switch (t.kind()) {
      case NUMBER:
        return new Expr.Num(Lexer.value(t.text()));
      case STRING:
        return new Expr.Str(t.text());
      case FLOAT:
        return new Expr.Real(t.text());
      case WORD:
        return word(t.text());
      default:
        return punctuation(t);
    }
  }

  private Expr punctuation(Token t) {
    if (t.is("(")) {
      Expr inner = expression();
      expect(")", "to close a parenthesis");
      return inner;
    }
    if (t.is("$")) {
      return new Expr.Here();
    }
    if (t.is("$$")) {
      return new Expr.SectionStart();
    }
    throw new SourceError(t == END ? "an expression is missing at the end of the line"
        : "an expression is expected, found '" + t.text() + "'");
  }

  private Expr word(String text) {
    if (text.startsWith("$")) {
      return new Expr.Sym(text.substring(1));
    }
    if (text.equalsIgnoreCase("seg") || text.equalsIgnoreCase("wrt")) {
      throw new SourceError("'" + text + "' has no meaning in a flat binary: write the selector or segment as a number");
    }
    if (REALS.contains(text)) {
      return new Expr.Real(text);
    }
    Operand.Reg reg = Names.register(text);
    if (reg != null) {
      return new Expr.Register(x87(reg));
    }
    if (text.equalsIgnoreCase("rip") || text.equalsIgnoreCase("eip")) {
      return new Expr.Register(text.equalsIgnoreCase("rip") ? Address.RIP : Address.EIP);
    }
    return new Expr.Sym(qualified(text));
  }

  private static final Set<String> REALS = Set.of("__Infinity__", "__NaN__", "__QNaN__", "__SNaN__", "__?Infinity?__", "__?NaN?__",
      "__?QNaN?__", "__?SNaN?__");

  /** {@code st(1)} as objdump writes it. */
  private Operand.Reg x87(Operand.Reg reg) {
    if (reg.file() == dev.trapline.vm.isa.RegFile.ST && peek().is("(") && peek(1).kind() == Token.Kind.NUMBER && peek(2).is(")")) {
      next();
      long n = Lexer.value(next().text());
      next();
      return new Operand.Reg(reg.file(), (int) n & 7);
    }
    return reg;
  }

  /** A label with its parent in front if it is local. */
  final String qualified(String name) {
    return name.startsWith(".") && !name.startsWith("..") ? parent + name : name;
  }
}
