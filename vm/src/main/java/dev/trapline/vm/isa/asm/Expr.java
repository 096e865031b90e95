package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;

/** An expression (NASM manual 3.5). */
sealed interface Expr {
  /** What an expression may ask its surroundings. */
  interface Scope {
    /** The value of a symbol; {@link Value#UNKNOWN} if it may still come. */
    Value symbol(String name);

    /** {@code $}: where the statement begins. */
    Value here();

    /** {@code $$}: where the section begins. */
    Value sectionStart();
  }

  Value eval(Scope scope);

  record Num(long value) implements Expr {
    @Override
    public Value eval(Scope scope) {
      return Value.of(value);
    }
  }

  /** A character constant; its first character is the lowest byte. */
  record Str(String text) implements Expr {
    @Override
    public Value eval(Scope scope) {
      byte[] b = Lexer.bytes(text);
      if (b.length > 8) {
        throw new SourceError("character constant '" + text + "' is longer than 8 bytes");
      }
      long v = 0;
      for (int i = b.length - 1; i >= 0; i--) {
        v = v << 8 | b[i] & 0xff;
      }
      return Value.of(v);
    }
  }

  /** A floating-point constant: only data directives accept one. */
  record Real(String text) implements Expr {
    @Override
    public Value eval(Scope scope) {
      throw new SourceError("floating-point constant " + text + " can stand only in dd, dq and dt");
    }
  }

  record Here() implements Expr {
    @Override
    public Value eval(Scope scope) {
      return scope.here();
    }
  }

  record SectionStart() implements Expr {
    @Override
    public Value eval(Scope scope) {
      return scope.sectionStart();
    }
  }

  record Sym(String name) implements Expr {
    @Override
    public Value eval(Scope scope) {
      return scope.symbol(name);
    }
  }

  record Register(Operand.Reg reg) implements Expr {
    @Override
    public Value eval(Scope scope) {
      return Value.of(reg);
    }
  }

  record Unary(String op, Expr a) implements Expr {
    @Override
    public Value eval(Scope scope) {
      Value v = a.eval(scope);
      return switch (op) {
        case "+" -> v;
        case "-" -> Value.of(0).minus(v);
        case "~" -> new Value(~v.scalar("operand of ~"), null, java.util.List.of(), v.known());
        default -> new Value(v.scalar("operand of !") == 0 ? 1 : 0, null, java.util.List.of(), v.known());
      };
    }
  }

  record Choice(Expr condition, Expr yes, Expr no) implements Expr {
    @Override
    public Value eval(Scope scope) {
      return condition.eval(scope).scalar("condition") != 0 ? yes.eval(scope) : no.eval(scope);
    }
  }

  record Binary(String op, Expr a, Expr b) implements Expr {
    @Override
    public Value eval(Scope scope) {
      Value x = a.eval(scope);
      Value y = b.eval(scope);
      switch (op) {
        case "+":
          return x.plus(y);
        case "-":
          return x.minus(y);
        case "*":
          return x.times(y);
        default:
          if (x.base() != null && x.base() == y.base() && COMPARISONS.contains(op)) {
            return Value.of(compute(x.number(), y.number()));
          }
          boolean known = x.known() && y.known();
          long l = x.scalar("left operand of " + op);
          long r = y.scalar("right operand of " + op);
          return known ? Value.of(compute(l, r)) : Value.UNKNOWN;
      }
    }

    private static final java.util.Set<String> COMPARISONS = java.util.Set.of("=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>");

    private long compute(long x, long y) {
      return switch (op) {
        case "/" -> Long.divideUnsigned(x, divisor(y));
        case "//" -> x / divisor(y);
        case "%" -> Long.remainderUnsigned(x, divisor(y));
        case "%%" -> x % divisor(y);
        case "<<", "<<<" -> y > 63 ? 0 : x << y;
        case ">>" -> y > 63 ? 0 : x >>> y;
        case ">>>" -> x >> Math.min(y, 63);
        case "&" -> x & y;
        case "|" -> x | y;
        case "^" -> x ^ y;
        case "&&" -> bit(x != 0 && y != 0);
        case "||" -> bit(x != 0 || y != 0);
        case "^^" -> bit(x != 0 ^ y != 0);
        case "=", "==" -> bit(x == y);
        case "<>", "!=" -> bit(x != y);
        case "<" -> bit(x < y);
        case "<=" -> bit(x <= y);
        case ">" -> bit(x > y);
        case ">=" -> bit(x >= y);
        case "<=>" -> Long.compare(x, y);
        default -> throw new IllegalStateException(op);
      };
    }

    private long divisor(long y) {
      if (y == 0) {
        throw new SourceError("division by zero");
      }
      return y;
    }

    private static long bit(boolean b) {
      return b ? 1 : 0;
    }
  }
}
