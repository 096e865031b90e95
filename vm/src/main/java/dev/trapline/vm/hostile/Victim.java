package dev.trapline.vm.hostile;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.Random;

/** The machine an attacker has taken over: whatever he wants stands in its memory and registers before its next instruction. */
record Victim(Machine machine, Random random) {
  /** Where the code is that an attack runs, and how much. */
  static final int CODE = 0x20000;
  static final int CODE_SIZE = 0x4000;

  Cpu cpu() {
    return machine.cpu();
  }

  PhysicalMemory memory() {
    return machine.memory();
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  @SafeVarargs
  final <T> T one(T... of) {
    return of[random.nextInt(of.length)];
  }

  int one(int[] of) {
    return of[random.nextInt(of.length)];
  }

  long one(long[] of) {
    return of[random.nextInt(of.length)];
  }

  void poke(long at, byte[] bytes) {
    memory().poke(at, bytes, 0, bytes.length);
  }

  void poke(long at, int bytes, long value) {
    byte[] b = new byte[8];
    PhysicalMemory.put(b, 0, 8, value);
    memory().poke(at, b, 0, bytes);
  }

  byte[] noise(int length) {
    byte[] b = new byte[length];
    random.nextBytes(b);
    return b;
  }

  /** A number as attackers like them: small, at an edge, all ones, or any. */
  long value() {
    return switch (below(8)) {
      case 0 -> below(16);
      case 1 -> -1;
      case 2 -> 1L << below(64);
      case 3 -> (1L << below(64)) - 1;
      case 4 -> -1L << below(64);
      case 5 -> address();
      default -> random.nextLong();
    };
  }

  /** A physical address: in the machine's RAM, behind its end, at a device, or of no sense. */
  long address() {
    long size = machine.config().memory();
    return switch (below(6)) {
      case 0 -> below((int) size);
      case 1 -> size + below(1 << 28);
      case 2 -> one(DEVICES) + below(0x1000);
      case 3 -> size - below(0x2000);
      case 4 -> 0xffff_f000L + below(0x2000);
      default -> random.nextLong() >>> below(64);
    };
  }

  /** Where devices answer, or where this package puts them. */
  static final long[] DEVICES = {0xfee0_0000L, 0xfec0_0000L, 0xfed0_0000L, 0xa_0000, 0xb_8000, 0xc_0000, 0xe_0000, 0xf_0000, 0xe000_0000L,
      0xe080_0000L, 0xe090_0000L, 0xe0a0_0000L, 0xe0b0_0000L, 0xe0c0_0000L, 0xe0d0_0000L};
}
