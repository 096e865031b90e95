package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.debug.view.DescriptorView;

/** Descriptors taken apart (SDM 3A 3.4.5, 3.5, 5.8.3). */
final class Descriptors {
  private static final String[] SYSTEM32 = {"reserved", "tss16", "ldt", "tss16 busy", "call gate16", "task gate", "int gate16",
    "trap gate16", "reserved", "tss32", "reserved", "tss32 busy", "call gate32", "reserved", "int gate32", "trap gate32"};
  private static final String[] SYSTEM64 = {"upper half", "reserved", "ldt", "reserved", "reserved", "reserved", "reserved",
    "reserved", "reserved", "tss64", "reserved", "tss64 busy", "call gate64", "reserved", "int gate64", "trap gate64"};

  private Descriptors() {}

  static long base(long raw) {
    return raw >>> 16 & 0xffffff | raw >>> 56 << 24;
  }

  static long limit(long raw) {
    long limit = raw & 0xffff | raw >>> 32 & 0xf0000;
    return (raw >>> 55 & 1) != 0 ? limit << 12 | 0xfff : limit;
  }

  /** Bytes 5 and 6 as {@link Segment#access} has them. */
  static int access(long raw) {
    return (int) (raw >>> 40) & 0xf0ff;
  }

  /** Whether a system descriptor takes two slots in long mode: LDT, TSS, call gate. */
  static boolean wide(long raw, boolean longMode) {
    int type = access(raw) & 0xf;
    return longMode && (access(raw) & Segment.S) == 0 && (type == 2 || type == 9 || type == 11 || type == 12);
  }

  static DescriptorView view(int index, int selector, long raw, long upper, boolean longMode) {
    int access = access(raw);
    String kind = kind(access, longMode);
    boolean gate = kind.contains("gate");
    long high = wide(raw, longMode) ? upper << 32 : 0;
    long base = gate ? raw & 0xffff | raw >>> 32 & 0xffff0000L | high : base(raw) | high;
    long limit = gate ? raw >>> 16 & 0xffff : limit(raw);
    return new DescriptorView(index, selector, raw, raw == 0 ? "null" : kind, base, limit, access >> 5 & 3, (access & Segment.P) != 0);
  }

  /** Words for access rights: {@code code32 exec/read conforming}, {@code data16 read/write down}, {@code tss32 busy}. */
  static String kind(int access, boolean longMode) {
    int type = access & 0xf;
    if ((access & Segment.S) == 0) {
      return longMode ? SYSTEM64[type] : SYSTEM32[type];
    }
    String size = (access & Segment.L) != 0 ? "64" : (access & Segment.DB) != 0 ? "32" : "16";
    if ((type & 8) != 0) {
      return "code" + size + " exec" + ((type & 2) != 0 ? "/read" : "") + ((type & 4) != 0 ? " conforming" : "");
    }
    return "data" + (size.equals("64") ? "32" : size) + " read" + ((type & 2) != 0 ? "/write" : "") + ((type & 4) != 0 ? " down" : "");
  }
}
