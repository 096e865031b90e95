package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTailTest {
  private int found;
  private final StringBuilder passed = new StringBuilder();
  private final ConsoleTail tail = new ConsoleTail(() -> found++);

  private void print(String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      tail.accept(b & 0xff);
    }
  }

  @Test
  void whatIsExpectedIsFoundOnceWhenItIsComplete() {
    assertFalse(tail.expect("login: ", false));
    print("Debian\r\nlogin:");
    assertNull(tail.takeSeen());
    print(" x");
    assertEquals("login: ", tail.takeSeen());
    assertNull(tail.takeSeen());
    print("login: ");
    assertEquals(1, found);
  }

  @Test
  void linesAndControlSequencesDoNotSeparateATextFromItself() {
    tail.expect("one\ntwo", false);
    print("on\033[1;31me\033[0m\r\n\033(B\033]0;title\007two");
    assertEquals("one\ntwo", tail.takeSeen());
  }

  @Test
  void earlierOutputCountsUntilItIsUsedUp() {
    print("a prompt# ");
    assertTrue(tail.expect("prompt#", true));
    assertFalse(tail.expect("prompt#", true), "used up");
    print("prompt#");
    assertEquals("prompt#", tail.takeSeen());
    print("more");
    assertFalse(tail.expect("more", false), "only what comes now");
  }

  @Test
  void everyByteIsPassedOnAndTheLastLinesAreKept() {
    tail.to(b -> passed.append((char) b));
    print("\033[2Jeins\r\n\r\nzwölf");
    assertEquals("\033[2Jeins\r\n\r\nzwÃ¶lf", passed.toString());
    assertEquals(List.of("eins", "zwölf"), tail.lines(5));
    assertEquals(List.of("zwölf"), tail.lines(1));
    assertEquals(18, tail.printed());
  }

  @Test
  void aLongOutputIsCutAtItsBeginning() {
    print("x".repeat(200_000) + "end");
    assertTrue(tail.expect("end", true));
    assertTrue(tail.lines(1).getFirst().length() < 100_000);
  }
}
