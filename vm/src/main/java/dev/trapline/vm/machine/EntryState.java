package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Feature;

/**
 * Processor states in which images are started. Interrupts are off; the tables they use stand in the firmware ROM, so nothing in
 * RAM is taken.
 *
 * <p>32-bit: what multiboot prescribes: protected mode, flat segments (8 code, 10h data), paging off. 64-bit: 64-bit mode (18h code,
 * 10h data) with the first 4 GiB mapped to themselves by 2 MiB pages, supervisor, writable. 16-bit: real mode, data segments 0. RSP is
 * 7C00h in real mode, else 90000h.
 */
final class EntryState {
  private static final int STACK = 0x90000;
  private static final int CODE32 = 0xc09b;
  private static final int DATA32 = 0xc093;
  private static final int CODE64 = 0xa09b;
  private static final long FLAT_LIMIT = 0xffffffffL;
  private static final int CR0_PE = 1;
  private static final int CR0_ET = 0x10;
  private static final long CR0_PG = 0x80000000L;
  private static final int CR4_PAE = 0x20;
  private static final int EFER_LME_LMA = 0x500;

  private EntryState() {}

  /** Real mode at segment:offset, all data segments 0. */
  static void real(Cpu c, int segment, int offset) {
    for (int s = 0; s < 6; s++) {
      c.seg[s].set(0, 0, 0xffff, 0x93);
    }
    c.seg[Cpu.CS].set(segment, (long) segment << 4, 0xffff, 0x9b);
    c.idtBase = 0;
    c.idtLimit = 0x3ff;
    c.cr0 = CR0_ET;
    c.r[Cpu.RSP] = BootSector.LOAD_ADDRESS;
    c.rip = offset;
    c.registersLoaded();
  }

  /** 32-bit protected mode at a linear address. */
  static void protected32(Cpu c, long entry) {
    c.cr0 = CR0_ET | CR0_PE;
    flat(c, Firmware.CODE32, CODE32);
    c.rip = entry;
    c.registersLoaded();
  }

  /** 64-bit mode at an address in the identity map; {@link BootException} if the processor has none. */
  static void long64(Cpu c, long entry) {
    if (!c.cpuid.has(Feature.LM)) {
      throw BootException.of("a start in 64-bit mode needs a processor with 'lm', this one (%s) has none", c.model.type().name());
    }
    c.cr0 = CR0_PG | CR0_ET | CR0_PE;
    c.cr3 = Firmware.PAGE_TABLES;
    c.cr4 = CR4_PAE;
    c.efer = EFER_LME_LMA;
    flat(c, Firmware.CODE64, CODE64);
    c.rip = entry;
    c.registersLoaded();
  }

  private static void flat(Cpu c, int selector, int code) {
    for (int s = 0; s < 6; s++) {
      c.seg[s].set(Firmware.DATA, 0, FLAT_LIMIT, DATA32);
    }
    c.seg[Cpu.CS].set(selector, 0, FLAT_LIMIT, code);
    c.gdtBase = Firmware.GDT;
    c.gdtLimit = Firmware.GDT_SIZE - 1;
    c.idtBase = 0;
    c.idtLimit = 0;
    c.r[Cpu.RSP] = STACK;
  }
}
