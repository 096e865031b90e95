package dev.trapline.vm.debug;

import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** Stands between the serial port and whoever shows it: passes bytes on and looks for an expected text. */
final class ConsoleWatch implements IntConsumer {
  private final Runnable found;
  private IntConsumer sink = b -> {};
  private byte[] expected;
  private final StringBuilder tail = new StringBuilder();
  private String text;
  private String seen;

  /** @param found called when the expected text is complete */
  ConsoleWatch(Runnable found) {
    this.found = found;
  }

  void to(IntConsumer value) {
    sink = value;
  }

  /** Sets the text to wait for; null for none. What was printed before does not count. */
  void expect(String value) {
    text = value;
    expected = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
    tail.setLength(0);
  }

  /** The expected text if it was found since the last call, else null. */
  String takeSeen() {
    String s = seen;
    seen = null;
    return s;
  }

  @Override
  public void accept(int b) {
    sink.accept(b);
    if (expected == null || expected.length == 0) {
      return;
    }
    tail.append((char) (b & 0xff));
    if (tail.length() > expected.length) {
      tail.deleteCharAt(0);
    }
    if (matches()) {
      seen = text;
      found.run();
    }
  }

  private boolean matches() {
    if (tail.length() != expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (tail.charAt(i) != (expected[i] & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
