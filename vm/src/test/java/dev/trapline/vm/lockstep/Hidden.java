package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the gdb protocol does not show: hidden parts of segment registers, descriptor tables, debug registers, x87 tags. */
final class Hidden {
  private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};
  private static final Pattern SEGMENT = Pattern.compile("^(ES|CS|SS|DS|FS|GS|LDT|TR) *=(\\w+) (\\w+) (\\w+) (\\w+)", Pattern.MULTILINE);
  private static final Pattern TABLE = Pattern.compile("^(GDT|IDT)= +(\\w+) (\\w+)", Pattern.MULTILINE);
  private static final Pattern DEBUG = Pattern.compile("\\b(DR[0-367])=(\\w+)");
  private static final Pattern TAGS = Pattern.compile("\\bFTW=(\\w+)");
  private static final Pattern LEVEL = Pattern.compile("\\bCPL=(\\d)");
  /** Type, S, DPL, P, AVL, L, D/B and G in the second word of a descriptor. */
  private static final int RIGHTS = 0xf0ff;

  private Hidden() {}

  /** Of QEMU, from its {@code info registers}. */
  static Map<String, String> parse(String text) {
    var all = new LinkedHashMap<String, String>();
    for (Matcher m = SEGMENT.matcher(text); m.find(); ) {
      all.put(m.group(1), segment(hex(m, 2), hex(m, 3), hex(m, 4), (int) hex(m, 5) >> 8 & RIGHTS));
    }
    for (Matcher m = TABLE.matcher(text); m.find(); ) {
      all.put(m.group(1), table(hex(m, 2), hex(m, 3)));
    }
    for (Matcher m = DEBUG.matcher(text); m.find(); ) {
      all.put(m.group(1), String.format("%016x", hex(m, 2)));
    }
    Matcher tags = TAGS.matcher(text);
    Matcher level = LEVEL.matcher(text);
    if (!tags.find() || !level.find()) {
      throw new IllegalArgumentException("not as QEMU prints registers:\n" + text);
    }
    all.put("FTW", tags.group(1));
    all.put("CPL", level.group(1));
    return all;
  }

  private static long hex(Matcher m, int group) {
    return Long.parseUnsignedLong(m.group(group), 16);
  }

  /** Ours; a segment register that holds nothing is left out. */
  static Map<String, String> of(Cpu c) {
    var all = new LinkedHashMap<String, String>();
    for (int i = 0; i < SEGMENTS.length; i++) {
      put(all, SEGMENTS[i], c.seg[i]);
    }
    put(all, "LDT", c.ldtr);
    put(all, "TR", c.tr);
    all.put("GDT", table(c.gdtBase, c.gdtLimit));
    all.put("IDT", table(c.idtBase, c.idtLimit));
    for (int i : new int[] {0, 1, 2, 3, 6, 7}) {
      all.put("DR" + i, String.format("%016x", c.dr[i]));
    }
    all.put("FTW", String.format("%02x", c.x87.valid));
    all.put("CPL", String.valueOf(c.cpl));
    return all;
  }

  /** The text of a segment with a bit of its type set. */
  static String withType(String segment, int bit) {
    int at = segment.length() - 1;
    return segment.substring(0, at) + Integer.toHexString(Character.digit(segment.charAt(at), 16) | bit);
  }

  /** A number that changes when any of it does. */
  static long fingerprint(Cpu c) {
    long h = c.cpl;
    for (Segment s : c.seg) {
      h = 31 * h + fingerprint(s);
    }
    h = 31 * (31 * h + fingerprint(c.ldtr)) + fingerprint(c.tr);
    h = 31 * (31 * (31 * (31 * h + c.gdtBase) + c.gdtLimit) + c.idtBase) + c.idtLimit;
    return 31 * (31 * h + Arrays.hashCode(c.dr)) + c.x87.valid;
  }

  private static long fingerprint(Segment s) {
    return 31 * (31 * (31 * (31 * s.selector + s.base) + s.limit) + s.access) + (s.unusable ? 1 : 0);
  }

  private static void put(Map<String, String> all, String name, Segment s) {
    if (!s.unusable) {
      all.put(name, segment(s.selector, s.base, s.limit, s.access));
    }
  }

  private static String segment(long selector, long base, long limit, int rights) {
    return String.format("%04x base %016x limit %08x rights %04x", selector, base, limit, rights);
  }

  private static String table(long base, long limit) {
    return String.format("base %016x limit %04x", base, limit);
  }
}
