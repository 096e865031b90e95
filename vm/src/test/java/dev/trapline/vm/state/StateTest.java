package dev.trapline.vm.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.util.Hash;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A record goes to bytes and JSON and back, and what does not fit is named. */
class StateTest {
  enum Colour { RED, GREEN }

  record Inner(int a, boolean b) implements StateRecord {}

  record Sample(boolean flag, int number, long word, String text, Colour colour, byte[] bytes, int[] ints, long[] longs, boolean[] flags,
      Inner inner, List<Inner> list) implements StateRecord {
    @Override
    public int version() {
      return 3;
    }
  }

  record Other(boolean flag) implements StateRecord {}

  record Real(double value) implements StateRecord {}

  private static Sample sample() {
    return new Sample(true, -5, 0x8000000000000001L, "0x1 \"quoted\" \\ \u0007", Colour.GREEN, new byte[] {0, -1, 0x7f}, new int[] {1, -2},
        new long[] {-1, 2}, new boolean[] {true, false}, new Inner(7, true), List.of(new Inner(1, false), new Inner(2, true)));
  }

  private static void assertSame(Sample expected, StateValue tree) {
    Sample back = StateForm.together(Sample.class, tree, "sample");
    assertEquals(StateForm.apart(expected), StateForm.apart(back));
    assertArrayEquals(expected.bytes, back.bytes);
    assertEquals(expected.list, back.list);
  }

  @Test
  void aRecordSurvivesTheBinaryForm() {
    assertSame(sample(), StateBinary.read(StateBinary.write(StateForm.apart(sample()))));
  }

  @Test
  void aRecordSurvivesJson() {
    String json = StateJson.write(StateForm.apart(sample()));
    assertTrue(json.startsWith("{\"$version\":3,\"flag\":true,\"number\":-5,\"word\":\"0x8000000000000001\""), json);
    assertSame(sample(), StateJson.read(json));
  }

  @Test
  void equalStatesHaveEqualBytesAndOthersDoNot() {
    byte[] a = StateBinary.write(StateForm.apart(new Inner(1, true)));
    assertArrayEquals(a, StateBinary.write(StateForm.apart(new Inner(1, true))));
    assertTrue(Hash.of(a) != Hash.of(StateBinary.write(StateForm.apart(new Inner(1, false)))));
  }

  @Test
  void aDifferenceIsNamedByItsField() {
    Sample b = new Sample(true, -5, 1, "x", Colour.RED, new byte[3], new int[] {1, -2}, new long[] {-1, 2}, new boolean[] {true, true},
        new Inner(7, true), List.of(new Inner(1, false), new Inner(9, true)));
    List<String> paths = StateDiff.of("sample", StateForm.apart(sample()), StateForm.apart(b)).stream()
        .map(StateDiff.Difference::path).toList();
    assertEquals(List.of("sample.word", "sample.text", "sample.colour", "sample.bytes", "sample.flags[1]", "sample.list[1].a"), paths);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertMessage("x.a: missing", Inner.class, "{\"$version\":1,\"b\":true}");
    assertMessage("x.c: no such field", Inner.class, "{\"$version\":1,\"a\":1,\"b\":true,\"c\":1}");
    assertMessage("x.a: number expected, found text", Inner.class, "{\"$version\":1,\"a\":\"one\",\"b\":true}");
    assertMessage("x: version 2 saved, version 1 expected", Inner.class, "{\"$version\":2,\"a\":1,\"b\":true}");
    assertMessage("state JSON, position 12: , or } expected", Inner.class, "{\"$version\":x");
  }

  private static void assertMessage(String expected, Class<? extends StateRecord> type, String json) {
    StateException e = assertThrows(StateException.class, () -> StateForm.together(type, StateJson.read(json), "x"));
    assertTrue(e.getMessage().equals(expected) || e.getMessage().startsWith("state JSON, position"), e.getMessage());
  }

  @Test
  void everyTruncationOfTheBinaryFormIsRefused() {
    byte[] whole = StateBinary.write(StateForm.apart(sample()));
    for (int n = 0; n < whole.length; n++) {
      byte[] cut = java.util.Arrays.copyOf(whole, n);
      assertThrows(StateException.class, () -> StateBinary.read(cut), "cut to " + n);
    }
  }

  @Test
  void floatingPointIsNoState() {
    assertThrows(IllegalArgumentException.class, () -> StateForm.apart(new Real(1)));
  }

  /** Pinned: a hash must be the same in every JVM and every version of Trapline. */
  @Test
  void hashesAreFixedForEver() {
    byte[] bytes = new byte[100];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7);
    }
    assertEquals("f11fe1294c409a4b", Long.toHexString(Hash.of(bytes)));
  }
}
