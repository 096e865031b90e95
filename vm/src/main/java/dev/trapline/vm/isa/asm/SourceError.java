package dev.trapline.vm.isa.asm;

/** What is wrong with one statement; the assembler adds file and line. */
final class SourceError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SourceError(String message) {
    super(printable(message), null, false, false);
  }

  /** One line, whatever characters the source has. */
  private static String printable(String s) {
    var out = new StringBuilder();
    s.codePoints().forEach(c -> {
      boolean strange = Character.isISOControl(c) || c >= 0xe000 && c <= 0xf8ff;
      out.append(strange ? String.format("\\x%02x", c & 0xff) : Character.toString(c));
    });
    return out.toString();
  }
}
