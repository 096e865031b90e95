package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;

/**
 * What firmware writes into the memory type registers of every processor (SDM 3A 12.11, APM2 7.7), where an image is started without
 * a BIOS: write-back, but for the legacy video memory and the device hole below 4 GiB, which are uncacheable, and ROM, which is
 * write-protected. An operating system that finds them all zero has to guess.
 */
final class MemoryTypes {
  private static final int FIX64K_00000 = 0x250;
  private static final int FIX16K_80000 = 0x258;
  private static final int FIX16K_A0000 = 0x259;
  /** The first of eight, each of eight pages. */
  private static final int FIX4K_C0000 = 0x268;
  private static final int FIX4K_E0000 = FIX4K_C0000 + 4;
  private static final int FIX4K_F0000 = FIX4K_C0000 + 6;
  private static final int FIX4K_LAST = FIX4K_C0000 + 7;
  private static final int PHYS_BASE_0 = 0x200;
  private static final int PHYS_MASK_0 = 0x201;
  private static final int DEF_TYPE = 0x2ff;

  private static final int UNCACHEABLE = 0;
  private static final int WRITE_PROTECTED = 5;
  private static final int WRITE_BACK = 6;
  /** In the mask: the range counts. In the default type: enabled, fixed ranges too. */
  private static final int VALID = 0x800;
  private static final int ENABLED = 0xc00;

  private MemoryTypes() {}

  static void prepare(Cpu c) {
    fixed(c, FIX64K_00000, WRITE_BACK);
    fixed(c, FIX16K_80000, WRITE_BACK);
    fixed(c, FIX16K_A0000, UNCACHEABLE);
    for (int msr = FIX4K_C0000; msr <= FIX4K_LAST; msr++) {
      // The ACPI tables from E0000h up stand in RAM.
      fixed(c, msr, msr >= FIX4K_E0000 && msr < FIX4K_F0000 ? WRITE_BACK : WRITE_PROTECTED);
    }
    c.msrs.write(c, PHYS_BASE_0, MemoryMap.HOLE | UNCACHEABLE);
    c.msrs.write(c, PHYS_MASK_0, -MemoryMap.GIB & (1L << Control.PHYSICAL_BITS) - 1 | VALID);
    c.msrs.write(c, DEF_TYPE, ENABLED | WRITE_BACK);
  }

  private static void fixed(Cpu c, int msr, int type) {
    c.msrs.write(c, msr, type * 0x0101_0101_0101_0101L);
  }
}
