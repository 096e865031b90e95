package dev.trapline.shell.command;

import dev.trapline.shell.render.Style;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What several guests print, as lines of which each is one guest's and begins with its name. Colours of the guest are kept, what moves the
 * cursor is not: a jump to another place of the screen ends a line.
 */
public final class GuestLines {
  /** A line that does not end is broken here, in bytes. */
  private static final int LONGEST = 1000;
  private static final String JUMP = "\033\\[[0-9;]*[Hf]";
  /** Control sequences (ECMA-48 5.4) but colours, other escapes, and control characters. */
  private static final String MOVES = "\033\\[[0-?]*[ -/]*[@-ln-~]|\033[()#][0-9A-Za-z]|\033[^\\[()#]|[\\p{Cntrl}&&[^\t\033]]";
  private static final String COLOUR = "\033\\[[0-9;]*m";
  private static final String SEPARATOR = " | ";

  private final List<String> names;
  private final int width;
  private final List<ByteArrayOutputStream> open = new ArrayList<>();

  public GuestLines(List<String> names) {
    this.names = List.copyOf(names);
    this.width = names.stream().mapToInt(String::length).max().orElse(0);
    names.forEach(n -> open.add(new ByteArrayOutputStream()));
  }

  /** A byte of a guest; the lines it completes, none most of the time. */
  public List<String> accept(int guest, int b, Style style) {
    ByteArrayOutputStream line = open.get(guest);
    if (b == '\n') {
      List<String> whole = take(guest, style);
      return whole.isEmpty() ? List.of(prefix(guest, style).stripTrailing()) : whole;
    }
    line.write(b);
    return line.size() >= LONGEST ? take(guest, style) : List.of();
  }

  /** What a guest has begun and not ended, as lines; it is gone from here. */
  public List<String> take(int guest, Style style) {
    List<String> lines = text(guest, style);
    open.get(guest).reset();
    return lines;
  }

  /**
   * The line a guest has begun, as it would be shown; empty if there is none.
   *
   * @param columns what is to fit: of a longer line the end is shown
   */
  public String begun(int guest, Style style, int columns) {
    List<String> lines = text(guest, style);
    String line = lines.isEmpty() ? "" : lines.getLast();
    String plain = line.replaceAll(COLOUR, "");
    int room = columns - width - SEPARATOR.length();
    boolean fits = plain.length() <= columns;
    return fits || room <= 0 ? fits ? line : "" : prefix(guest, style) + plain.substring(plain.length() - room);
  }

  private List<String> text(int guest, Style style) {
    var lines = new ArrayList<String>();
    for (String piece : open.get(guest).toString(StandardCharsets.UTF_8).split(JUMP)) {
      String overwritten = piece.replaceFirst("\r+$", "").replaceFirst("(?s).*\r", "");
      String plain = overwritten.replaceAll(MOVES, "");
      String text = style.colour() ? plain : plain.replaceAll(COLOUR, "");
      if (!text.replaceAll(COLOUR, "").isBlank()) {
        lines.add(prefix(guest, style) + text.stripTrailing() + (text.contains("\033") ? "\033[0m" : ""));
      }
    }
    return lines;
  }

  private String prefix(int guest, Style style) {
    String name = names.get(guest);
    return style.guest(guest, name + " ".repeat(width - name.length())) + SEPARATOR;
  }
}
