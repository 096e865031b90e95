package dev.trapline.vm.isa.disasm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/** Runs {@code objdump -dw} over a file and hands out its lines. */
final class Objdump {
  /**
   * One line.
   *
   * @param text the instruction with spaces and symbols normalised
   */
  record Entry(long address, byte[] bytes, String text) {}

  private Objdump() {}

  /** Every instruction of a file's code sections, in order. */
  static void each(Path file, Syntax syntax, Consumer<Entry> consumer) throws IOException, InterruptedException {
    run(List.of("objdump", "-dw", "-M", syntax == Syntax.INTEL ? "intel" : "att", file.toString()), consumer);
  }

  private static void run(List<String> command, Consumer<Entry> consumer) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    Process p = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var in = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.ISO_8859_1), 1 << 20)) {
      String line;
      while ((line = in.readLine()) != null) {
        Entry e = parse(line);
        if (e != null) {
          consumer.accept(e);
        }
      }
    }
    p.waitFor();
  }

  private static Entry parse(String line) {
    int colon = line.indexOf(":\t");
    if (colon < 0 || colon > 20) {
      return null;
    }
    int tab = line.indexOf('\t', colon + 2);
    if (tab < 0) {
      return null;
    }
    long address = Long.parseUnsignedLong(line.substring(0, colon).trim(), 16);
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(line.substring(colon + 2, tab).trim());
    return new Entry(address, bytes, normal(line.substring(tab + 1)));
  }

  /**
   * One spelling for both: single spaces, addresses with 0x and without symbols, and no pseudo index register (objdump shows a SIB byte
   * without index as {@code +riz*1}); a negative displacement from RIP as such.
   */
  static String normal(String text) {
    String s = text;
    int symbol = s.indexOf(" <");
    while (symbol >= 0) {
      int end = s.indexOf('>', symbol);
      s = s.substring(0, symbol) + (end < 0 ? "" : s.substring(end + 1));
      symbol = s.indexOf(" <");
    }
    s = spaces(s);
    int comment = s.indexOf("# ");
    if (comment >= 0 && !s.startsWith("0x", comment + 2)) {
      s = s.substring(0, comment + 2) + "0x" + s.substring(comment + 2);
    }
    s = negative(pseudoIndex(s));
    int last = s.lastIndexOf(' ');
    return last > 0 && comment < 0 && isPlainHex(s, last + 1) ? s.substring(0, last + 1) + "0x" + s.substring(last + 1) : s;
  }

  private static String spaces(String s) {
    var out = new StringBuilder(s.length());
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c != ' ' || !out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
        out.append(c);
      }
    }
    return out.toString().stripTrailing();
  }

  private static String negative(String s) {
    int at = s.indexOf("ip+0xffffffff");
    if (at < 0) {
      return negativeAtt(s);
    }
    int end = s.indexOf(']', at);
    return s.substring(0, at + 2) + "-0x" + Long.toHexString(-Long.parseUnsignedLong(s.substring(at + 5, end), 16)) + s.substring(end);
  }

  private static String negativeAtt(String s) {
    int end = s.indexOf("(%rip)");
    int at = end < 0 ? -1 : s.lastIndexOf("0x", end);
    if (at < 0 || end - at != 18 || !s.startsWith("0xffffffff", at)) {
      return s;
    }
    long displacement = Long.parseUnsignedLong(s.substring(at + 2, end), 16);
    return s.substring(0, at) + "-0x" + Long.toHexString(-displacement) + s.substring(end);
  }

  private static String pseudoIndex(String s) {
    int at = s.indexOf("iz*");
    if (at < 0) {
      return s.replace(",%riz,1)", ")").replace(",%eiz,1)", ")");
    }
    int start = at - 1;
    return s.charAt(start - 1) == '+' ? s.substring(0, start - 1) + s.substring(at + 4) : s;
  }

  private static boolean isPlainHex(String s, int from) {
    if (s.startsWith("call") || s.startsWith("j") || s.startsWith("loop") || s.contains(" call ") || s.contains(" j") || s.contains(" loop")
        || s.startsWith("xbegin")) {
      for (int i = from; i < s.length(); i++) {
        if (Character.digit(s.charAt(i), 16) < 0) {
          return false;
        }
      }
      return from < s.length();
    }
    return false;
  }

  /** Files worth comparing that exist here, of the given ones. */
  static List<Path> present(String... names) {
    var files = new ArrayList<Path>();
    for (String n : names) {
      if (java.nio.file.Files.isRegularFile(Path.of(n))) {
        files.add(Path.of(n));
      }
    }
    return files;
  }
}
