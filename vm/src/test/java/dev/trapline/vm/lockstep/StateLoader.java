package dev.trapline.vm.lockstep;

import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Puts the state of our processor into a QEMU that stands at its reset vector and has the same memory. What gdb cannot write, the
 * processor does itself: a few bytes of code are put where it stands, executed and taken away again.
 */
final class StateLoader {
  /** RAM used meanwhile; what stands there comes back at the end. */
  private static final int SCRATCH = 0x5000;
  private static final int SCRATCH_SIZE = 0x3000;
  private static final int OPERAND = SCRATCH + 0x400;
  private static final int GDT = SCRATCH + 0x800;
  private static final int PML4 = SCRATCH + 0x1000;
  private static final int PDPT = SCRATCH + 0x2000;
  private static final int GDT_SIZE = 0x800;
  /** Of the last entry. */
  private static final int CODE64 = GDT_SIZE - 8;
  private static final long CODE64_DESCRIPTOR = 0x00af9b000000ffffL;
  private static final int TABLE_ENTRY = 3;
  /** Present, writable, 1 GiB. */
  private static final int LARGE_ENTRY = 0x83;

  private static final int CONFIG_ADDRESS = 0xcf8;
  private static final int CONFIG_DATA = 0xcfc;
  /** The host bridge's register before PAM0. */
  private static final int PAM = 0x80000058;
  private static final String LGDT16 = "660f0116";
  /** With a CS override. */
  private static final String LGDT32 = "2e0f0115";
  private static final int[] SEGMENTS = {Registers.SS, Registers.DS, Registers.ES, Registers.FS, Registers.GS, Registers.CS};
  private static final long PG = 0x80000000L;
  private static final int LME = 0x100;
  private static final int LMA = 0x400;
  private static final int BUSY = 2;
  private static final int PAGE = 4096;
  private static final long WP = 0x10000;

  private final Cpu cpu;
  private final PortBus ports;
  private final Qemu qemu;
  private final Registers wanted;

  StateLoader(Ours ours, Qemu qemu) {
    this.cpu = ours.cpu();
    this.ports = ours.machine().ports();
    this.qemu = qemu;
    this.wanted = Registers.of(cpu);
  }

  /** @throws IllegalStateException if the processor is not at privilege level 0 */
  void load() throws IOException {
    if (cpu.cpl != 0) {
      throw new IllegalStateException("a state can be loaded at CPL 0 only: go on a few instructions");
    }
    qemu.set(Registers.CS, 0);
    chipset();
    floatingPoint();
    for (int n : Registers.modelSpecific()) {
      modelSpecific(n, cpu.msrs.read(cpu, n));
    }
    qemu.set(Registers.CR4, wanted);
    if (cpu.longMode()) {
      longMode();
    } else {
      debugRegisters();
      execute("660f011e" + little(OPERAND, 2), table(cpu.idtBase, cpu.idtLimit));
      if (cpu.protectedMode()) {
        protectedMode();
      } else {
        execute(LGDT16 + little(OPERAND, 2), table(cpu.gdtBase, cpu.gdtLimit));
        restoreScratch();
        set(SEGMENTS);
        set(Registers.CR0);
      }
    }
    context();
    repair();
  }

  /** Loading TR left a dirty bit in a page table: takes it away, also from the TLB. */
  private void repair() throws IOException {
    byte[] page = new byte[PAGE];
    boolean any = false;
    for (long p = 0; p < qemu.ramSize(); p += PAGE) {
      cpu.mem.physical().peek(p, page, 0, PAGE);
      if (cpu.mem.physical().isRam(p) && MemorySegment.mismatch(MemorySegment.ofArray(page), 0, PAGE, qemu.ram(), p, p + PAGE) >= 0) {
        qemu.pokePhysical(p, page);
        any = true;
      }
    }
    if (any) {
      set(Registers.CR3);
    }
  }

  private void set(int... registers) throws IOException {
    for (int r : registers) {
      qemu.set(r, wanted);
    }
  }

  // ---- code that QEMU executes

  /** Executes code at the scratch page with an operand beside it. */
  private void execute(String hex, byte[] operand) throws IOException {
    qemu.pokePhysical(OPERAND, operand);
    qemu.pokePhysical(SCRATCH, HexFormat.of().parseHex(hex));
    qemu.set(Registers.RIP, SCRATCH);
    qemu.step();
    qemu.stepped();
    long rip = qemu.registers().low()[Registers.RIP];
    if (rip != SCRATCH + hex.length() / 2) {
      throw new IOException("QEMU does not execute " + hex + " but goes to " + Long.toHexString(rip));
    }
  }

  private void execute(String hex) throws IOException {
    execute(hex, new byte[8]);
  }

  private static String little(long value, int bytes) {
    var text = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      text.append(String.format("%02x", value >>> 8 * i & 0xff));
    }
    return text.toString();
  }

  private static byte[] table(long base, int limit) {
    return ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putShort((short) limit).putLong(base).array();
  }

  private void restoreScratch() throws IOException {
    byte[] bytes = new byte[SCRATCH_SIZE];
    cpu.mem.physical().peek(SCRATCH, bytes, 0, SCRATCH_SIZE);
    qemu.pokePhysical(SCRATCH, bytes);
  }

  // ---- the pieces

  /** Which parts of the space below 1 MiB are RAM: the host bridge's PAM registers (Intel 290549 3.2.17). */
  private void chipset() throws IOException {
    int address = ports.in(CONFIG_ADDRESS, 4);
    for (int register = PAM; register <= PAM + 4; register += 4) {
      ports.out(CONFIG_ADDRESS, 4, register);
      out(CONFIG_ADDRESS, register);
      out(CONFIG_DATA, ports.in(CONFIG_DATA, 4));
    }
    ports.out(CONFIG_ADDRESS, 4, address);
  }

  private void out(int port, int value) throws IOException {
    qemu.set(Registers.RDX, port);
    qemu.set(Registers.RAX, value & 0xffffffffL);
    execute("66ef");
  }

  /** x87 by FXRSTOR: gdb cannot write the tags. */
  private void floatingPoint() throws IOException {
    ByteBuffer image = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    image.putShort(0, (short) cpu.x87.controlWord()).putShort(2, (short) cpu.x87.statusWord()).put(4, (byte) cpu.x87.valid);
    image.putInt(24, cpu.mxcsr);
    for (int i = 0; i < 8; i++) {
      image.putLong(32 + 16 * i, wanted.low()[Registers.ST0 + i]).putShort(40 + 16 * i, (short) wanted.high()[Registers.ST0 + i]);
    }
    execute("0fae0e" + little(OPERAND, 2), image.array());
  }

  private void modelSpecific(int number, long value) throws IOException {
    qemu.set(Registers.RCX, number & 0xffffffffL);
    qemu.set(Registers.RAX, value & 0xffffffffL);
    qemu.set(Registers.RDX, value >>> 32);
    execute("0f30");
  }

  /** MOV DRn,rAX; DR6 last but one, so that nothing set meanwhile stays, DR7 last. */
  private void debugRegisters() throws IOException {
    for (int i : new int[] {0, 1, 2, 3, 6, 7}) {
      qemu.set(Registers.RAX, cpu.dr[i]);
      execute("0f23" + little(0xc0 + 8 * i, 1));
    }
  }

  /** Descriptors as our segment registers hold them, at the places of their selectors: the guest's table may say otherwise by now. */
  private byte[] descriptors() {
    ByteBuffer gdt = ByteBuffer.allocate(GDT_SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(CODE64, CODE64_DESCRIPTOR);
    for (Segment s : cpu.seg) {
      long limit = (s.access & Segment.G) != 0 ? s.limit >>> 12 : s.limit;
      long rights = s.access & 0xf0ffL | limit >> 8 & 0xf00;
      if (!s.unusable && (s.selector & ~7) != 0) {
        gdt.putLong(s.selector & ~7, limit & 0xffff | (s.base & 0xffffff) << 16 | rights << 40 | (s.base >>> 24 & 0xff) << 56);
      }
    }
    return gdt.array();
  }

  private void protectedMode() throws IOException {
    qemu.pokePhysical(GDT, descriptors());
    execute(LGDT16 + little(OPERAND, 2), table(GDT, GDT_SIZE - 1));
    qemu.set(Registers.CR0, cpu.cr0 & ~PG);
    set(SEGMENTS);
    boolean big = cpu.seg[Cpu.CS].big();
    execute(big ? LGDT32 + little(OPERAND, 4) : "2e" + LGDT16 + little(OPERAND, 2), table(cpu.gdtBase, cpu.gdtLimit));
    restoreScratch();
    set(Registers.CR3, Registers.EFER, Registers.CR0);
  }

  /** 64-bit mode with the first GiB mapped to itself, for the tables' 64-bit bases; then the page tables wanted. */
  private void longMode() throws IOException {
    qemu.pokePhysical(GDT, descriptors());
    execute(LGDT16 + little(OPERAND, 2), table(GDT, GDT_SIZE - 1));
    byte[] none = new byte[SCRATCH_SIZE - 0x1000];
    qemu.pokePhysical(PML4, none);
    qemu.pokePhysical(PML4, new byte[] {TABLE_ENTRY, (byte) (PDPT >> 8)});
    qemu.pokePhysical(PDPT, new byte[] {(byte) LARGE_ENTRY});
    qemu.set(Registers.CR3, PML4);
    qemu.set(Registers.EFER, cpu.efer & ~LMA | LME);
    set(Registers.CR0);
    set(SEGMENTS);
    qemu.set(Registers.CS, CODE64);
    if (cpu.mode64()) {
      set(Registers.CS);
    }
    execute("0f011425" + little(OPERAND, 4), table(cpu.gdtBase, cpu.gdtLimit));
    execute("0f011c25" + little(OPERAND, 4), table(cpu.idtBase, cpu.idtLimit));
    debugRegisters();
    restoreScratch();
    set(Registers.CR3);
  }

  /** System segments and all that is left. */
  private void context() throws IOException {
    if (cpu.longMode() && !cpu.mode64()) {
      set(Registers.CS);
    }
    set(Registers.FS_BASE, Registers.GS_BASE, Registers.RIP);
    system(cpu.ldtr, "0f00d0", 0);
    system(cpu.tr, "0f00d8", BUSY);
    for (int r = 0; r < Registers.ALL.size(); r++) {
      boolean segment = r >= Registers.CS && r <= Registers.GS;
      boolean x87 = r >= Registers.ST0 && r < Registers.XMM0;
      if (!segment && !x87 && r != Registers.CR0 && r != Registers.CR3 && r != Registers.CR4 && r != Registers.EFER) {
        qemu.set(r, wanted);
      }
    }
  }

  /** LLDT or LTR of a selector, where QEMU now stands; meanwhile the descriptor is not busy and its page may be written. */
  private void system(Segment s, String hex, int busy) throws IOException {
    if (s.selector == 0) {
      return;
    }
    long type = cpu.gdtBase + (s.selector & ~7) + 5;
    byte[] rights = qemu.peek(type, 1);
    qemu.poke(type, new byte[] {(byte) (rights[0] & ~busy)});
    long at = cpu.seg[Cpu.CS].base + cpu.rip;
    byte[] code = qemu.peek(at, 3);
    qemu.poke(at, HexFormat.of().parseHex(hex));
    qemu.set(Registers.RAX, s.selector);
    qemu.set(Registers.CR0, cpu.cr0 & ~WP);
    qemu.step();
    qemu.stepped();
    qemu.poke(at, code);
    qemu.poke(type, rights);
    set(Registers.CR0, Registers.RIP);
  }
}
