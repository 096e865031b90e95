package dev.trapline.vm.debug;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Stands between a console and whoever shows it: passes bytes on, keeps the last of them as plain text, and looks for an expected text.
 * Carriage returns and terminal control sequences (ECMA-48, 5.4) are no part of the text.
 */
final class ConsoleTail implements IntConsumer {
  /** How much of the text is kept, at least and at most. */
  private static final int KEPT = 1 << 15;
  private static final int MOST = 1 << 16;
  private static final int ESCAPE = 0x1b;

  /** Where in a control sequence the output stands. */
  private enum Sequence { NONE, ESCAPED, CONTROL, STRING, CHARSET }

  private final Runnable found;
  private final StringBuilder text = new StringBuilder();
  private Sequence sequence = Sequence.NONE;
  private IntConsumer sink = b -> {};
  /** What an earlier match has not used up begins here. */
  private int fresh;
  private long printed;
  private String wanted;
  private String seen;
  private Consumer<String> lines;
  private final StringBuilder line = new StringBuilder();

  /** @param found called when the expected text is complete */
  ConsoleTail(Runnable found) {
    this.found = found;
  }

  /** Who is told of every line; null for nobody. */
  void lines(Consumer<String> who) {
    lines = who;
    line.setLength(who == null ? 0 : line.length());
  }

  void to(IntConsumer value) {
    sink = value;
  }

  /** The text that bytes of UTF-8 are here: a character for each byte. */
  private static String bytes(String s) {
    return new String(s.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /**
   * Sets the text to wait for; null for none.
   *
   * @param earlier whether what was printed since the last match counts
   * @return whether it is there already
   */
  boolean expect(String value, boolean earlier) {
    wanted = value == null ? null : bytes(value.replace("\r", ""));
    seen = null;
    if (value == null) {
      return false;
    }
    fresh = earlier ? fresh : text.length();
    int at = text.indexOf(wanted, fresh);
    if (at >= 0) {
      fresh = at + wanted.length();
      wanted = null;
    }
    return at >= 0;
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
    printed++;
    if (sequence != Sequence.NONE || b == ESCAPE) {
      sequence = next(b);
    } else if (b != '\r' && b != 0) {
      append((char) (b & 0xff));
    }
  }

  private Sequence next(int b) {
    return switch (sequence) {
      case NONE -> Sequence.ESCAPED;
      case ESCAPED -> switch (b) {
        case '[' -> Sequence.CONTROL;
        case ']', 'P', '_', '^' -> Sequence.STRING;
        case '(', ')', '#', ' ', '%' -> Sequence.CHARSET;
        default -> Sequence.NONE;
      };
      case CONTROL -> b >= '@' && b <= '~' ? Sequence.NONE : Sequence.CONTROL;
      case STRING -> b == 7 || b == '\\' ? Sequence.NONE : Sequence.STRING;
      case CHARSET -> Sequence.NONE;
    };
  }

  private void append(char c) {
    text.append(c);
    if (lines != null) {
      line(c);
    }
    if (text.length() > MOST) {
      int cut = text.length() - KEPT;
      text.delete(0, cut);
      fresh = Math.max(0, fresh - cut);
    }
    if (wanted != null && endsWith(wanted)) {
      seen = new String(wanted.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      wanted = null;
      fresh = text.length();
      found.run();
    }
  }

  private void line(char c) {
    if (c != '\n') {
      line.append(c);
      return;
    }
    String whole = new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    line.setLength(0);
    lines.accept(whole);
  }

  private boolean endsWith(String s) {
    int from = text.length() - s.length();
    return from >= fresh && !s.isEmpty() && text.indexOf(s, from) == from;
  }

  /** Bytes printed so far. */
  long printed() {
    return printed;
  }

  /** The last lines printed, those without anything left out. */
  List<String> lines(int most) {
    String all = new String(text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    var lines = new ArrayList<>(all.lines().map(String::stripTrailing).filter(l -> !l.isEmpty()).toList());
    return List.copyOf(lines.subList(Math.max(0, lines.size() - most), lines.size()));
  }
}
