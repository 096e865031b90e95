package dev.trapline.vm.debug;

import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The symbol table that a Linux kernel carries for itself, found in memory by its shape alone.
 *
 * <p>What kernels from 4.6 to 6.3 have in their read-only data, each array aligned to a pointer, in this order:
 * <ul>
 * <li>{@code offsets}: 32 bits for each symbol; {@code relative_base}: a pointer, relocated by the kernel itself, so what is read
 *     here is right whatever KASLR chose; {@code num_syms}: 32 bits;
 * <li>{@code names}: for each symbol a length byte (with bit 7 set, a second one with the bits from 7 up) and as many token numbers;
 *     the first character they spell is the symbol's type;
 * <li>{@code markers}: the place in {@code names} of each 256th symbol;
 * <li>{@code token_table}: 256 strings; {@code token_index}: 256 16-bit places in it.
 * </ul>
 * The search begins at the tokens for the digits, which always stand for themselves, and confirms each array by the next. The arrays
 * are one piece of the kernel's image, which lies in one piece in physical memory too, so no page tables are needed.
 */
final class Kallsyms {
  private static final byte[] DIGITS = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009\000".getBytes(StandardCharsets.ISO_8859_1);
  private static final int TOKENS = 256;
  private static final int MARKED = 256;
  private static final int LONGEST_TABLE = 0x4000;
  private static final int FEWEST = 500;
  private static final int MOST = 1_000_000;
  private static final int LONGEST_NAMES = 16 << 20;
  private static final int CHUNK = 1 << 20;
  private static final String TYPES = "aAbBcCdDgGiInNrRsStTuUvVwW?-";

  private final PhysicalMemory memory;
  private final String[] tokens = new String[TOKENS];
  private final Map<String, Long> found = new HashMap<>();
  private final Map<String, Long> perCpuNames = new HashMap<>();
  private long tokenTable;
  /** Bytes of a pointer. */
  private int word;
  private byte[] data;

  private Kallsyms(PhysicalMemory memory) {
    this.memory = memory;
  }

  /**
   * What was found.
   *
   * @param names addresses by name; empty if the table is not understood
   * @param perCpu offsets of per-CPU variables, where they are not among the addresses
   * @param at physical address of the table of tokens
   */
  record Found(Map<String, Long> names, Map<String, Long> perCpu, long at) {}

  /**
   * The symbols of the Linux kernel in memory; null if there is no such table yet. The kernel's unpacking leaves copies behind that were
   * never moved to where it runs.
   *
   * @param runs whether names are those of the running kernel; if no table has such names, it is the first one
   */
  static Found find(PhysicalMemory memory, Predicate<Map<String, Long>> runs) {
    Found other = null;
    for (PhysicalMemory.Region r : memory.regions()) {
      for (long at = r.start(); r.device() == null && r.writable() && at < r.end(); at += CHUNK) {
        Found f = new Kallsyms(memory).within(at, (int) Math.min(CHUNK, r.end() - at));
        if (f != null && runs.test(f.names)) {
          return f;
        }
        other = other == null || other.names.isEmpty() && f != null ? f : other;
      }
    }
    return other;
  }

  private Found within(long from, int length) {
    byte[] chunk = bytes(from, length + DIGITS.length);
    Found puzzling = null;
    for (int i = 0; i < length; i++) {
      if (chunk[i] == '0' && matches(chunk, i) && tokens(from + i)) {
        boolean understood = table();
        puzzling = new Found(found, perCpuNames, tokenTable);
        if (understood) {
          return puzzling;
        }
      }
    }
    return puzzling;
  }

  private byte[] bytes(long from, int length) {
    byte[] out = new byte[length];
    memory.peek(from, out, 0, length);
    return out;
  }

  private static boolean matches(byte[] chunk, int at) {
    for (int i = 0; i < DIGITS.length; i++) {
      if (chunk[at + i] != DIGITS[i]) {
        return false;
      }
    }
    return true;
  }

  private static int u16(byte[] b, int at) {
    return (int) PhysicalMemory.get(b, at, 2);
  }

  /** Looks for the token index behind the table that has its digits at an address. */
  private boolean tokens(long digits) {
    byte[] after = bytes(digits, LONGEST_TABLE + 2 * TOKENS);
    for (int at = (int) (-digits & 3); at < LONGEST_TABLE; at += 4) {
      int place = u16(after, at + 2 * '0');
      if (u16(after, at) == 0 && place > 0 && u16(after, at + 2 * '1') == place + 2 && spelled(after, at, digits - place)) {
        tokenTable = digits - place;
        return true;
      }
    }
    return false;
  }

  private boolean spelled(byte[] after, int index, long table) {
    byte[] text = bytes(table, 1 << 16);
    for (int t = 0; t < TOKENS; t++) {
      int at = u16(after, index + 2 * t);
      int next = t + 1 < TOKENS ? u16(after, index + 2 * t + 2) : -1;
      int end = at;
      while (end < text.length - 1 && text[end] != 0) {
        end++;
      }
      if (next >= 0 && next != end + 1) {
        return false;
      }
      tokens[t] = new String(text, at, end - at, StandardCharsets.ISO_8859_1);
    }
    return true;
  }

  /** Goes back from the tokens to a plausible number of symbols with names behind it. */
  private boolean table() {
    int length = (int) Math.min(tokenTable, LONGEST_NAMES);
    data = bytes(tokenTable - length, length);
    for (int at = length - (int) (tokenTable & 3) - 4; at >= 16; at -= 4) {
      long n = PhysicalMemory.get(data, at, 4);
      if (n >= FEWEST && n <= MOST && (read(at, (int) n, 8) || read(at, (int) n, 4))) {
        return true;
      }
    }
    return false;
  }

  private int aligned(int at) {
    long base = tokenTable - data.length;
    return (int) ((base + at + word - 1 & -word) - base);
  }

  private boolean read(int number, int n, int bytesOfPointer) {
    word = bytesOfPointer;
    int names = aligned(number + 4);
    int offsets = number - word - (4 * n + word - 1) / word * word;
    if (aligned(number) != number || offsets < 0 || !namesEndAtMarkers(names, n)) {
      return false;
    }
    long base = PhysicalMemory.get(data, number - word, word);
    if (word == 8 ? base >>> 47 != 0x1ffff : base >>> 31 == 0) {
      return false;
    }
    collect(names, offsets, n, base);
    return true;
  }

  private boolean namesEndAtMarkers(int names, int n) {
    int at = names;
    int second = -1;
    for (int i = 0; i < n; i++) {
      second = i == MARKED ? at - names : second;
      if (at >= data.length - 2 || length(at) == 0 || at + width(at) + length(at) > data.length || !typed(at)) {
        return false;
      }
      at += width(at) + length(at);
    }
    int markers = aligned(at);
    return markers + 8 <= data.length && PhysicalMemory.get(data, markers, 4) == 0 && PhysicalMemory.get(data, markers + 4, 4) == second;
  }

  private boolean typed(int at) {
    String first = tokens[data[at + width(at)] & 0xff];
    return !first.isEmpty() && TYPES.indexOf(first.charAt(0)) >= 0;
  }

  private int width(int at) {
    return data[at] < 0 ? 2 : 1;
  }

  private int length(int at) {
    return data[at] < 0 ? data[at] & 0x7f | (data[at + 1] & 0xff) << 7 : data[at];
  }

  private void collect(int names, int offsets, int n, long base) {
    boolean perCpu = false;
    for (int i = 0; i < n; i++) {
      perCpu |= word == 8 && (int) PhysicalMemory.get(data, offsets + 4 * i, 4) < 0;
    }
    int at = names;
    for (int i = 0; i < n; i++) {
      int offset = (int) PhysicalMemory.get(data, offsets + 4 * i, 4);
      // Where per-CPU symbols are absolute, those are the offsets that are not negative; they are no addresses.
      if (perCpu && offset >= 0) {
        perCpuNames.putIfAbsent(name(at), (long) offset);
      } else {
        long address = perCpu ? base - 1 - offset : base + (offset & 0xffffffffL);
        Symbols.put(found, name(at), word == 8 ? address : address & 0xffffffffL);
      }
      at += width(at) + length(at);
    }
  }

  private String name(int at) {
    var out = new StringBuilder();
    for (int i = 0; i < length(at); i++) {
      out.append(tokens[data[at + width(at) + i] & 0xff]);
    }
    return out.substring(1);
  }
}
