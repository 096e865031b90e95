package dev.trapline.vm.debug;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which hits of a breakpoint count: {@code >=10}, {@code %100}, {@code ==3} or plain {@code 3}, {@code <5}. */
public record HitRule(String operator, long number) {
  private static final Pattern FORM = Pattern.compile("\\s*(>=|<=|==|=|>|<|%)?\\s*(\\d{1,18})\\s*");

  /** @throws BadInput if it is none */
  public static HitRule parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new BadInput("--hits '" + text + "': write >=10, %100, ==3 or <5");
    }
    long n = Long.parseLong(m.group(2));
    String op = m.group(1) == null || m.group(1).equals("=") ? "==" : m.group(1);
    if (n == 0 && op.equals("%")) {
      throw new BadInput("--hits '" + text + "': every 0th hit is none");
    }
    return new HitRule(op, n);
  }

  /** Whether the hit of this number, counted from 1, is one. */
  boolean holds(long hits) {
    return switch (operator) {
      case ">=" -> hits >= number;
      case "<=" -> hits <= number;
      case ">" -> hits > number;
      case "<" -> hits < number;
      case "%" -> hits % number == 0;
      default -> hits == number;
    };
  }

  @Override
  public String toString() {
    return operator + number;
  }
}
