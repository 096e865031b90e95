package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Session;
import java.util.List;

/** Setting registers by name, those wider than an expression too: {@code xmm0} and {@code st0} consist of two parts each. */
public final class RegisterSetting {
  private static final int BIAS = 16383;

  private RegisterSetting() {}

  /** The registers a name stands for: itself, or the two parts of a wide one. */
  public static List<String> parts(String name) {
    return name.matches("xmm([0-9]|1[0-5])") ? List.of(name + ".hi", name + ".lo")
        : name.matches("st[0-7]") ? List.of(name + ".exp", name + ".sig") : List.of(name);
  }

  /** Sets a register to what a text says: an expression, up to 32 hexadecimal digits for XMM, a decimal number for the x87 stack. */
  public static void set(Shell shell, String name, String text) {
    Session session = shell.session();
    List<String> parts = parts(name);
    String value = text.trim();
    if (parts.size() == 1) {
      session.register(name, Expr.evaluate(value, session.names()));
    } else if (name.startsWith("xmm")) {
      vector(session, parts, value);
    } else {
      stack(session, parts, value);
    }
  }

  private static void vector(Session session, List<String> parts, String value) {
    boolean wide = value.matches("0[xX][0-9a-fA-F]{17,32}");
    int split = value.length() - 16;
    session.register(parts.getFirst(), wide ? Long.parseUnsignedLong(value.substring(2, split), 16) : 0);
    session.register(parts.getLast(), wide ? Long.parseUnsignedLong(value.substring(split), 16)
        : Expr.evaluate(value, session.names()));
  }

  private static void stack(Session session, List<String> parts, String value) {
    double d;
    try {
      d = Double.parseDouble(value);
    } catch (NumberFormatException wrong) {
      throw new BadInput("'" + value + "': a decimal number is expected; " + parts.getFirst() + " and .sig take the bits");
    }
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      throw new BadInput(value + ": set " + parts.getFirst() + " and .sig instead");
    }
    boolean tiny = d != 0 && Math.abs(d) < Double.MIN_NORMAL;
    // Subnormal doubles are normal in the wider format; scaling by a power of two is exact.
    long bits = Double.doubleToRawLongBits(tiny ? d * 0x1p60 : d);
    int exponent = Math.getExponent(Double.longBitsToDouble(bits)) + BIAS - (tiny ? 60 : 0);
    session.register(parts.getFirst(), (bits >>> 48 & 0x8000) | (d == 0 ? 0 : exponent));
    session.register(parts.getLast(), d == 0 ? 0 : 1L << 63 | bits << 11);
  }
}
