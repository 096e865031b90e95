package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.cpu.X87;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A processor's registers in a row, each with a name and one of two kinds. What the program sees (general registers, flags, the instruction
 * pointer, floating-point registers) belongs to the executable memory E and the counter P of Popek and Goldberg; the rest is the mode M and
 * the relocation-bounds register R of this machine: privilege level, segments, descriptor tables, control, debug and model-specific
 * registers, IF and IOPL.
 */
final class Reading {
  private static final String[] GENERAL = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
      "r14", "r15"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
  /** Flags that are resources. */
  private static final int RESOURCE_FLAGS = Cpu.IF | Cpu.IOPL | Cpu.VM | Cpu.VIF | Cpu.VIP;
  private static final int RIP = 16;

  private static final List<String> NAMES = new ArrayList<>();
  /** Names up to here are what the program sees. */
  private static final int SEEN;
  /** One register more is the activity state, neither of both. */
  private static final int MSRS;
  /** The first of the six segment registers, each four names, which a program of the 8086 sees. */
  private static final int SEGMENT;

  static {
    NAMES.addAll(List.of(GENERAL));
    NAMES.addAll(List.of("rip", "flags"));
    for (int i = 0; i < 32; i++) {
      NAMES.add("xmm" + i / 2 + (i % 2 == 0 ? ".low" : ".high"));
    }
    NAMES.add("mxcsr");
    for (int i = 0; i < 8; i++) {
      NAMES.add("fpr" + i);
      NAMES.add("fpr" + i + ".exponent");
    }
    NAMES.addAll(List.of("fpu tags", "fcw", "fsw", "fip", "fcs", "fdp", "fds", "fop", "halted"));
    SEEN = NAMES.size();
    NAMES.addAll(List.of("cpl", "IF", "IOPL", "VM flags"));
    SEGMENT = NAMES.size();
    for (String s : SEGMENTS) {
      NAMES.addAll(List.of(s, s + ".base", s + ".limit", s + ".rights"));
    }
    NAMES.addAll(List.of("gdtr.base", "gdtr.limit", "idtr.base", "idtr.limit", "cr0", "cr2", "cr3", "cr4", "cr8", "efer", "xcr0"));
    for (int i = 0; i < 8; i++) {
      NAMES.add("dr" + i);
    }
    MSRS = NAMES.size();
  }

  private final long[] values;
  private final boolean segmentsSeen;

  private Reading(long[] values, boolean segmentsSeen) {
    this.values = values;
    this.segmentsSeen = segmentsSeen;
  }

  /**
   * Reads a processor.
   *
   * @param segmentsSeen whether segment registers are what the program sees, as a program of the 8086 does, and no resource
   */
  static Reading of(Cpu c, boolean segmentsSeen) {
    long[] msrs = c.msrs.values();
    long[] v = new long[MSRS + msrs.length];
    int n = seen(c, v);
    n = resources(c, v, n);
    System.arraycopy(msrs, 0, v, n, msrs.length);
    return new Reading(v, segmentsSeen);
  }

  private static int seen(Cpu c, long[] v) {
    System.arraycopy(c.r, 0, v, 0, 16);
    v[RIP] = c.rip;
    v[RIP + 1] = c.rflags() & ~(long) (RESOURCE_FLAGS | Cpu.RF);
    int n = RIP + 2;
    System.arraycopy(c.xmm, 0, v, n, 32);
    n += 32;
    v[n++] = c.mxcsr;
    X87 x = c.x87;
    for (int i = 0; i < 8; i++) {
      v[n++] = x.sig[i];
      v[n++] = x.signExp[i];
    }
    for (long field : new long[] {x.valid, x.controlWord(), x.statusWord(), x.fip, x.fcs, x.fdp, x.fds, x.fop, c.halted ? 1 : 0}) {
      v[n++] = field;
    }
    return n;
  }

  private static int resources(Cpu c, long[] v, int from) {
    int n = from;
    v[n++] = c.cpl;
    v[n++] = c.flag(Cpu.IF) ? 1 : 0;
    v[n++] = (c.sysFlags & Cpu.IOPL) >> 12;
    v[n++] = c.sysFlags & (Cpu.VM | Cpu.VIF | Cpu.VIP);
    for (int s = 0; s < 8; s++) {
      Segment g = s < 6 ? c.seg[s] : s == 6 ? c.ldtr : c.tr;
      v[n++] = g.selector;
      v[n++] = g.base;
      v[n++] = g.unusable ? 0 : g.limit;
      v[n++] = g.unusable ? -1 : g.access;
    }
    for (long field : new long[] {c.gdtBase, c.gdtLimit, c.idtBase, c.idtLimit, c.cr0, c.cr2, c.cr3, c.cr4, c.cr8, c.efer, c.xcr0}) {
      v[n++] = field;
    }
    System.arraycopy(c.dr, 0, v, n, 8);
    return n + 8;
  }

  long rip() {
    return values[RIP];
  }

  boolean halted() {
    return values[SEEN - 1] != 0;
  }

  private static String name(int i) {
    return i < MSRS ? NAMES.get(i) : "msr slot " + (i - MSRS);
  }

  private static String difference(int i, long a, long b) {
    return String.format("%s %x/%x", name(i), a, b);
  }

  private boolean seen(int i) {
    return i < SEEN || segmentsSeen && i >= SEGMENT && i < SEGMENT + 4 * 6;
  }

  /**
   * Where two instructions, or the same one in two states, have a different effect on what the program sees: one short text each, name,
   * first and second value. A register that was different before and that neither changed is no effect.
   */
  static List<String> effectDifferences(Reading before, Reading after, Reading otherBefore, Reading otherAfter) {
    if (Arrays.equals(after.values, otherAfter.values)) {
      return List.of();
    }
    var all = new ArrayList<String>();
    for (int i = 0; i < MSRS; i++) {
      boolean changed = before.values[i] != after.values[i] || otherBefore.values[i] != otherAfter.values[i];
      if (after.seen(i) && changed && after.values[i] != otherAfter.values[i]) {
        all.add(difference(i, after.values[i], otherAfter.values[i]));
      }
    }
    return all;
  }

  /** Where two differ in resources. */
  static List<String> resourceDifferences(Reading a, Reading b) {
    return differences(a, b, SEEN, true);
  }

  /** Where two differ in anything. */
  static List<String> allDifferences(Reading a, Reading b) {
    return differences(a, b, 0, false);
  }

  private static List<String> differences(Reading a, Reading b, int from, boolean resources) {
    if (Arrays.equals(a.values, from, a.values.length, b.values, from, b.values.length)) {
      return List.of();
    }
    var all = new ArrayList<String>();
    for (int i = from; i < a.values.length; i++) {
      if (a.values[i] != b.values[i] && !(resources && a.seen(i))) {
        all.add(difference(i, a.values[i], b.values[i]));
      }
    }
    return all;
  }
}
