package dev.trapline.shell.command;

import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** The bytes of a guest's console as text: UTF-8, whose characters come in pieces. */
final class ConsoleText {
  private static final int LONGEST = 8;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
      .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
  private final CharBuffer text = CharBuffer.allocate(LONGEST);

  /** Prints what a byte completes. */
  void accept(int b, PrintWriter out) {
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
