package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExprTest {
  private static final Names NAMES = names(10);

  private static Names names(int radix) {
    return new Names() {
      private final Map<String, Long> values = Map.of("rax", 5L, "main", 0x401000L, "cs", 0x8L, "ax", 7L);

      @Override
      public OptionalLong value(String name) {
        Long v = values.get(name);
        return v == null ? OptionalLong.empty() : OptionalLong.of(v);
      }

      @Override
      public long read(long linear, int bytes) {
        return linear * 10 + bytes;
      }

      @Override
      public int pointerBytes() {
        return 4;
      }

      @Override
      public int radix() {
        return radix;
      }

      @Override
      public String nearest(String name) {
        return "main";
      }
    };
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {
      "0x1f;31", "31;31", "1fh;31", "0n31;31", "0b11;3", "0ffff8000h;4294934528", "0xffff8000`00000000;-140737488355328",
      "rax;5", "$rax;5", "@rax;5", "main+0x10;4198416", "1+2*3;7", "(1+2)*3;9", "-1;-1", "~0;-1", "!0;1", "7&3;3", "1<<4;16",
      "0x80>>3;16", "10/3;3", "10%3;1", "2==2;1", "2!=2;0", "1<2 && 3>2;1", "0 || 0;0", "6^3;5", "1|2;3", "[rax];54",
      "byte [rax];51", "qword [rax+1];68", "*main;41984004", "- - 3;3"})
  void evaluatesAsItSays(String row, long value) {
    assertEquals(value, Expr.evaluate(row, NAMES));
  }

  @Test
  void orBindsLooserThanAnd() {
    assertEquals(3, Expr.evaluate("1|2&3", NAMES));
    assertEquals(1, Expr.evaluate("1 || 0 && 0", NAMES));
  }

  @Test
  void inRadixSixteenDigitsAreNumbersAndDollarNamesRegisters() {
    assertEquals(0x10, Expr.evaluate("10", names(16)));
    assertEquals(0x7c00, Expr.evaluate("7c00", names(16)));
    assertEquals(5, Expr.evaluate("$rax", names(16)));
    assertEquals(10, Expr.evaluate("0n10", names(16)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"|missing", "1+|ends too early", "(1|')' is missing", "1 2|not expected", "0xzz|not a number",
      "foo|did you mean 'main'", "1/0|division by zero", "[1|']' is missing", ")|not expected", "99999999999999999999|not a number"})
  void saysWhatIsWrong(String text, String part) {
    BadInput wrong = assertThrows(BadInput.class, () -> Expr.evaluate(text == null ? "" : text, NAMES));
    assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
    assertEquals(1, wrong.getMessage().lines().count());
  }

  @Test
  void addressesHaveSpacesAndSegments() {
    assertEquals(new Address.Linear(0x1000), Address.parse("l:0x1000", NAMES));
    assertEquals(new Address.Physical(0x1000), Address.parse("p:0x1000", NAMES));
    assertEquals(new Address.Physical(0x1000), Address.parse("0x1000", 'p', NAMES));
    assertEquals(new Address.Virtual(-1, 0x401000), Address.parse("main", NAMES));
    assertEquals(new Address.Virtual(8, 0x10), Address.parse("cs:0x10", NAMES));
    assertEquals(new Address.Virtual(0x7c0, 0x1a), Address.parse("07c0:001a", NAMES));
    assertEquals(new Address.Virtual(0x7c0, 5), Address.parse("0x7c0:rax", NAMES));
    assertThrows(BadInput.class, () -> Address.parse("g1:p:0x7c00", NAMES));
    assertEquals(new Address.Host(0x10), Address.parse("h:0x10", NAMES));
    assertThrows(BadInput.class, () -> Address.parse("0x12345:0", NAMES));
    assertThrows(BadInput.class, () -> Address.parse("p:", NAMES));
  }
}
