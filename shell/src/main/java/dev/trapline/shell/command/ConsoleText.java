package dev.trapline.shell.command;

import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a guest's console as text: UTF-8, whose characters come in pieces. Questions to the terminal (where the cursor is, what it
 * is) are left out: the answer would come as if the person had typed it to the shell.
 */
final class ConsoleText {
  private static final int LONGEST = 8;
  private static final int ESCAPE = 0x1b;
  private static final int LONGEST_SEQUENCE = 32;
  private final StringBuilder sequence = new StringBuilder();
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
      .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
  private final CharBuffer text = CharBuffer.allocate(LONGEST);

  /** Prints what a byte completes. */
  void accept(int b, PrintWriter out) {
    if (b == ESCAPE) {
      out.append(sequence);
      sequence.setLength(0);
      sequence.append((char) b);
    } else if (sequence.length() > 0) {
      inSequence((char) b, out);
    } else {
      plain(b, out);
    }
  }

  /** ESC [ digits and semicolons, then a letter (ECMA-48 5.4). */
  private void inSequence(char c, PrintWriter out) {
    sequence.append(c);
    boolean open = sequence.length() == 2 ? c == '[' : c >= ' ' && c < '@';
    if (open && sequence.length() < LONGEST_SEQUENCE) {
      return;
    }
    if (!open && sequence.length() > 2 && (c == 'n' || c == 'c')) {
      sequence.setLength(0);
    }
    out.append(sequence);
    sequence.setLength(0);
  }

  private void plain(int b, PrintWriter out) {
    if (b >= 0 && b < 0x80 && bytes.position() == 0) {
      out.write(b);
      return;
    }
    bytes.put((byte) b).flip();
    decoder.decode(bytes, text, false);
    bytes.compact();
    text.flip();
    out.append(text);
    text.clear();
  }
}
