package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Every register by its name, readable and writable: {@code rax eax ax al ah}, {@code rip}, {@code rflags}, {@code cs}, {@code cs.base},
 * {@code cr0}, {@code xmm0.lo}, {@code st0.sig}. Where the processor refuses a value, so does setting it from outside.
 */
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
    new SegmentNames(cpu).addTo(this);
    new SystemNames(cpu).addTo(this);
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

  /** Registers one more. */
  void add(String name, int bits, LongSupplier get, LongConsumer set) {
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

  /** What reads a register. */
  LongSupplier getter(String name) {
    return access(name).get;
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
