package dev.trapline.vm.isa.asm;

/**
 * One token of a source line.
 *
 * @param text the spelling, without quotes or escapes for a string; operators and words as written
 * @param spaced whether white space stands before it
 */
record Token(Kind kind, String text, boolean spaced) {
  /** {@code PP} is a preprocessor word with its percent sign: {@code %macro}, {@code %1}, {@code %%loop}. */
  enum Kind { WORD, NUMBER, FLOAT, STRING, OP, PP }

  boolean is(String spelling) {
    return (kind == Kind.OP || kind == Kind.WORD) && text.equalsIgnoreCase(spelling);
  }

  boolean word() {
    return kind == Kind.WORD;
  }

  Token spaced(boolean value) {
    return value == spaced ? this : new Token(kind, text, value);
  }

  static Token word(String text) {
    return new Token(Kind.WORD, text, true);
  }

  static Token number(long value) {
    return new Token(Kind.NUMBER, value < 0 ? "0x" + Long.toHexString(value) : Long.toString(value), true);
  }

  /** The tokens as source text again. */
  static String join(java.util.List<Token> tokens) {
    var out = new StringBuilder();
    for (Token t : tokens) {
      if (t.spaced && !out.isEmpty()) {
        out.append(' ');
      }
      out.append(t.kind == Kind.STRING ? quote(t.text) : t.text);
    }
    return out.toString();
  }

  private static String quote(String s) {
    return s.indexOf('\'') < 0 ? "'" + s + "'" : '"' + s + '"';
  }
}
