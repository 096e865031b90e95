package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.util.Locale;

/** Amounts of memory as people write them. */
public final class Sizes {
  private Sizes() {}

  /** Whether a text is one. */
  public static boolean isOne(String text) {
    return text.toUpperCase(Locale.ROOT).matches("[0-9]{1,9}[KMG]?");
  }

  /** A size with K, M or G; plain numbers are MiB, as QEMU has it. @throws BadInput with the option's or command's name if it is none */
  public static long bytes(String option, String text) {
    String t = text.toUpperCase(Locale.ROOT);
    if (!isOne(text)) {
      throw new BadInput(option + " " + text + ": a size such as 128M or 2G is expected");
    }
    char unit = t.charAt(t.length() - 1);
    long n = Long.parseLong(Character.isDigit(unit) ? t : t.substring(0, t.length() - 1));
    return n << (unit == 'K' ? 10 : unit == 'G' ? 30 : 20);
  }
}
