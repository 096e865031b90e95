package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Every register by its name, readable and writable: {@code rax eax ax al ah}, {@code rip}, {@code rflags}, {@code cs}, {@code cr0}. */
final class RegisterNames {
  static final String[] GENERAL = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

  private record Access(int bits, LongSupplier get, LongConsumer set) {}

  private final Map<String, Access> byName = new LinkedHashMap<>();
  private final Cpu cpu;

  RegisterNames(Cpu cpu) {
    this.cpu = cpu;
    for (int i = 0; i < 16; i++) {
      general(i);
    }
    pointers();
    for (int i = 0; i < 6; i++) {
      segment(SEGMENTS[i], cpu.seg[i]);
    }
    segment("ldtr", cpu.ldtr);
    segment("tr", cpu.tr);
    system();
  }

  private void general(int i) {
    part(i < 8 ? "r" + GENERAL[i] : "r" + i, i, 0, 64);
    part(i < 8 ? "e" + GENERAL[i] : "r" + i + "d", i, 0, 32);
    part(i < 8 ? GENERAL[i] : "r" + i + "w", i, 0, 16);
    part(i < 4 ? GENERAL[i].charAt(0) + "l" : i < 8 ? GENERAL[i] + "l" : "r" + i + "b", i, 0, 8);
    if (i < 4) {
      part(GENERAL[i].charAt(0) + "h", i, 8, 8);
    }
  }

  private void part(String name, int i, int shift, int bits) {
    long mask = bits == 64 ? -1 : (1L << bits) - 1;
    add(name, bits, () -> cpu.r[i] >>> shift & mask, v -> {
      // A 32-bit write clears the upper half, as the processor's does (SDM 1 3.4.1.1).
      long keep = bits == 32 ? 0 : cpu.r[i] & ~(mask << shift);
      cpu.r[i] = keep | (v & mask) << shift;
    });
  }

  private void pointers() {
    add("rip", 64, () -> cpu.rip, v -> cpu.rip = v);
    add("eip", 32, () -> cpu.rip & 0xffffffffL, v -> cpu.rip = v & 0xffffffffL);
    add("ip", 16, () -> cpu.rip & 0xffff, v -> cpu.rip = v & 0xffff);
    add("pc", 64, () -> linearIp(), v -> cpu.rip = v - (cpu.mode64() ? 0 : cpu.seg[Cpu.CS].base));
    add("rflags", 64, cpu::rflags, cpu::rflags);
    add("eflags", 32, cpu::rflags, cpu::rflags);
    add("flags", 16, () -> cpu.rflags() & 0xffff, v -> cpu.rflags(cpu.rflags() & ~0xffffL | v & 0xffff));
  }

  private long linearIp() {
    return cpu.mode64() ? cpu.rip : cpu.seg[Cpu.CS].base + cpu.rip & 0xffffffffL;
  }

  private void segment(String name, Segment s) {
    add(name, 16, () -> s.selector, v -> {
      s.selector = (int) v & 0xffff;
      if (!cpu.protectedMode() || cpu.v86()) {
        s.base = (v & 0xffff) << 4;
      }
      cpu.modeChanged();
    });
    add(name + "_base", 64, () -> s.base, v -> {
      s.base = v;
      cpu.modeChanged();
    });
    add(name + "_limit", 32, () -> s.limit, v -> {
      s.limit = v;
      cpu.modeChanged();
    });
  }

  private void system() {
    readOnly("cr0", 64, () -> cpu.cr0);
    add("cr2", 64, () -> cpu.cr2, v -> cpu.cr2 = v);
    readOnly("cr3", 64, () -> cpu.cr3);
    readOnly("cr4", 64, () -> cpu.cr4);
    readOnly("cr8", 64, () -> cpu.cr8);
    readOnly("efer", 64, () -> cpu.efer);
    for (int i : new int[] {0, 1, 2, 3, 6, 7}) {
      readOnly("dr" + i, 64, () -> cpu.dr[i]);
    }
    readOnly("gdtr_base", 64, () -> cpu.gdtBase);
    readOnly("gdtr_limit", 16, () -> cpu.gdtLimit);
    readOnly("idtr_base", 64, () -> cpu.idtBase);
    readOnly("idtr_limit", 16, () -> cpu.idtLimit);
    readOnly("cpl", 8, () -> cpu.cpl);
    add("mxcsr", 32, () -> cpu.mxcsr, v -> cpu.mxcsr = (int) v);
  }

  private void readOnly(String name, int bits, LongSupplier get) {
    add(name, bits, get, v -> {
      throw new BadInput(name + " cannot be set from outside: the mode it belongs to would not follow");
    });
  }

  private void add(String name, int bits, LongSupplier get, LongConsumer set) {
    byName.put(name, new Access(bits, get, set));
  }

  int bits(String name) {
    return access(name).bits;
  }

  boolean knows(String name) {
    return byName.containsKey(name.toLowerCase(java.util.Locale.ROOT));
  }

  long get(String name) {
    return access(name).get.getAsLong();
  }

  void set(String name, long value) {
    access(name).set.accept(value);
  }

  private Access access(String name) {
    Access a = byName.get(name.toLowerCase(java.util.Locale.ROOT));
    if (a == null) {
      throw new BadInput("no register '" + name + "'");
    }
    return a;
  }

  List<String> names() {
    return List.copyOf(byName.keySet());
  }
}
