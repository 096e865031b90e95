package dev.trapline.shell;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** What one of several guests prints: whole lines, each under the guest's name, in a colour of its own on a terminal. */
final class GuestLines implements IntConsumer {
  private static final int[] COLOURS = {36, 33, 35, 32, 34, 31};

  private final String prefix;
  private final PrintStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /**
   * @param width of the longest name
   * @param number of the guest, from 0
   */
  GuestLines(String name, int width, int number, PrintStream out) {
    String padded = name + " ".repeat(width - name.length());
    boolean colour = System.console() != null && System.console().isTerminal() && System.getenv("NO_COLOR") == null;
    this.prefix = colour ? "\033[" + COLOURS[number % COLOURS.length] + "m" + padded + "\033[0m | " : padded + " | ";
    this.out = out;
  }

  @Override
  public void accept(int b) {
    if (b == '\n') {
      out.println(prefix + line.toString(StandardCharsets.UTF_8));
      line.reset();
    } else if (b != '\r') {
      line.write(b);
    }
  }
}
