package dev.trapline.shell.render;

/** Colours, or none. */
public final class Style {
  /** What a piece of text is. */
  public enum Ink {
    /** Names of registers and fields. */
    NAME("36"),
    /** Symbols. */
    SYMBOL("32"),
    /** Values that changed, the current line. */
    ACCENT("1;33"),
    /** Headings. */
    HEAD("1"),
    /** Less important text. */
    DIM("2"),
    /** Errors and faults. */
    ERROR("1;31");

    private final String code;

    Ink(String code) {
      this.code = code;
    }
  }

  public static final Style PLAIN = new Style(false);
  public static final Style COLOUR = new Style(true);

  /** Told apart on dark and light screens. */
  private static final int[] GUESTS = {36, 33, 35, 32, 34, 31};

  private final boolean colour;

  private Style(boolean colour) {
    this.colour = colour;
  }

  public boolean colour() {
    return colour;
  }

  /** What is a guest's, in the guest's colour; the first has number 0. */
  public String guest(int number, String text) {
    return colour ? "\u001b[" + GUESTS[number % GUESTS.length] + "m" + text + "\u001b[0m" : text;
  }

  /** The text in its ink; unchanged without colours. */
  public String in(Ink ink, String text) {
    return colour && !text.isEmpty() ? "\u001b[" + ink.code + "m" + text + "\u001b[0m" : text;
  }
}
