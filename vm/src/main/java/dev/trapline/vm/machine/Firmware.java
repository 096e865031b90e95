package dev.trapline.vm.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The firmware ROM, 64 KiB at F0000h and again below 4 GiB, built here byte by byte.
 *
 * <p>Offsets: 0 page tables for the 64-bit entry state (PML4, PDPT, four directories, accessed and dirty bits already set), 8000h one
 * 16-byte stub for each interrupt vector, A000h the wait of INT 16h, E05Bh power-on, EFC7h the diskette parameters, F800h a GDT, FFF0h the
 * reset vector. A stub calls its service by {@code OUT 0EAh,AL}, which changes no register: {@link Bios} sees by CS:IP which stub it was.
 */
final class Firmware {
  /** The private port behind which the services are. */
  static final int SERVICE_PORT = 0xea;
  static final int SEGMENT = 0xf000;
  static final long PAGE_TABLES = MemoryMap.ROM;
  static final int CODE32 = 8;
  static final int DATA = 0x10;
  static final int CODE64 = 0x18;
  static final int GDT_SIZE = 32;
  static final int STUBS = 0x8000;
  static final int STUB_SIZE = 16;
  static final int WAIT_FOR_KEY = 0xa000;
  static final int DISKETTE_PARAMETERS = 0xefc7;
  /** Offset after the OUT of the power-on code. */
  static final int POWER_ON = 0xe05d;
  private static final int GDT_OFFSET = 0xf800;
  static final long GDT = MemoryMap.ROM + GDT_OFFSET;
  private static final int RESET_VECTOR = 0xfff0;
  private static final int PAGE = 4096;
  /** Present, writable, accessed. */
  private static final long TABLE = 0x23;
  /** Present, writable, accessed, dirty, 2 MiB. */
  private static final long LARGE_PAGE = 0xe3;

  private static final int OUT = 0xe6;
  private static final int IRET = 0xcf;
  private static final int HLT = 0xf4;
  private static final int STI = 0xfb;
  private static final int JMP_SHORT = 0xeb;
  private static final int SLAVE_PIC = 0xa0;
  private static final int MASTER_PIC = 0x20;

  private Firmware() {}

  /** The ROM's bytes. */
  static byte[] build() {
    ByteBuffer rom = ByteBuffer.allocate(MemoryMap.ROM_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    pageTables(rom);
    for (int vector = 0; vector < 256; vector++) {
      put(rom, STUBS + vector * STUB_SIZE, stub(vector));
    }
    put(rom, WAIT_FOR_KEY, STI, HLT);
    jump(rom, WAIT_FOR_KEY + 2, STUBS + 0x16 * STUB_SIZE);
    put(rom, POWER_ON - 2, OUT, SERVICE_PORT, HLT, JMP_SHORT, 0xfd);
    put(rom, DISKETTE_PARAMETERS, 0xaf, 2, 0x25, 2, 18, 0x1b, 0xff, 0x6c, 0xf6, 0xf, 8);
    rom.putLong(GDT_OFFSET + CODE32, 0x00cf9b000000ffffL);
    rom.putLong(GDT_OFFSET + DATA, 0x00cf93000000ffffL);
    rom.putLong(GDT_OFFSET + CODE64, 0x00af9b000000ffffL);
    put(rom, RESET_VECTOR, 0xea, POWER_ON - 2 & 0xff, POWER_ON >> 8, 0, SEGMENT >> 8);
    rom.put(RESET_VECTOR + 5, "01/01/26".getBytes(StandardCharsets.US_ASCII));
    put(rom, RESET_VECTOR + 14, 0xfc);
    return rom.array();
  }

  private static void put(ByteBuffer rom, int at, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      rom.put(at + i, (byte) bytes[i]);
    }
  }

  /** JMP rel16. */
  private static void jump(ByteBuffer rom, int at, int to) {
    put(rom, at, 0xe9, to - at - 3 & 0xff, to - at - 3 >> 8 & 0xff);
  }

  private static int[] stub(int vector) {
    if (vector == 8) {
      // The tick: count it, call the user's INT 1Ch, PUSH AX, end of interrupt, POP AX.
      return new int[] {OUT, SERVICE_PORT, 0xcd, 0x1c, 0x50, 0xb0, 0x20, OUT, MASTER_PIC, 0x58, IRET};
    }
    if (vector >= 9 && vector <= 0xf) {
      return new int[] {OUT, SERVICE_PORT, 0x50, 0xb0, 0x20, OUT, MASTER_PIC, 0x58, IRET};
    }
    if (vector >= 0x70 && vector <= 0x77) {
      return new int[] {OUT, SERVICE_PORT, 0x50, 0xb0, 0x20, OUT, SLAVE_PIC, OUT, MASTER_PIC, 0x58, IRET};
    }
    if (vector == 0x18) {
      return new int[] {OUT, SERVICE_PORT, STI, HLT, JMP_SHORT, 0xfd};
    }
    return new int[] {OUT, SERVICE_PORT, IRET};
  }

  private static void pageTables(ByteBuffer rom) {
    long base = MemoryMap.ROM;
    rom.putLong(0, base + PAGE | TABLE);
    for (int i = 0; i < 4; i++) {
      int directory = (2 + i) * PAGE;
      rom.putLong(PAGE + 8 * i, base + directory | TABLE);
      for (int k = 0; k < 512; k++) {
        rom.putLong(directory + 8 * k, (long) i << 30 | (long) k << 21 | LARGE_PAGE);
      }
    }
  }
}
