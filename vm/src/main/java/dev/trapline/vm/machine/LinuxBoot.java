package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The Linux/x86 boot protocol (Documentation/arch/x86/boot.rst, 2.06 and later), 32-bit entry: the kernel of a bzImage to 1 MiB, the
 * initial RAM disk as high as the kernel allows, the zero page and the command line in low memory.
 */
final class LinuxBoot {
  private static final int ZERO_PAGE = 0x10000;
  private static final int COMMAND_LINE = 0x20000;
  private static final long KERNEL = 0x100000;
  private static final int PAGE = 4096;

  // What the setup code asks the video BIOS: struct screen_info at the start of the zero page.
  private static final int VIDEO_MODE = 0x06;
  private static final int VIDEO_COLUMNS = 0x07;
  private static final int VIDEO_EGA_BX = 0x0a;
  private static final int VIDEO_LINES = 0x0e;
  private static final int VIDEO_IS_VGA = 0x0f;
  private static final int VIDEO_POINTS = 0x10;

  // Offsets in the setup header, which stands at the same place in file and zero page.
  private static final int SETUP_SECTS = 0x1f1;
  private static final int BOOT_FLAG = 0x1fe;
  private static final int HEADER_END = 0x201;
  private static final int MAGIC = 0x202;
  private static final int VERSION = 0x206;
  private static final int TYPE_OF_LOADER = 0x210;
  private static final int LOADFLAGS = 0x211;
  private static final int RAMDISK_IMAGE = 0x218;
  private static final int RAMDISK_SIZE = 0x21c;
  private static final int CMD_LINE_PTR = 0x228;
  private static final int INITRD_ADDR_MAX = 0x22c;
  private static final int CMDLINE_SIZE = 0x238;
  private static final int INIT_SIZE = 0x260;
  private static final int ACPI_RSDP_ADDR = 0x70;
  private static final int E820_COUNT = 0x1e8;
  private static final int E820_TABLE = 0x2d0;

  private static final int HDRS = 0x53726448;
  private static final int OLDEST = 0x0206;
  private static final int UNKNOWN_LOADER = 0xff;
  private static final int LOADED_HIGH = 1;

  private final String name;
  private final ByteBuffer file;
  private final PhysicalMemory memory;
  private final MemoryMap map;

  LinuxBoot(BootImage image, PhysicalMemory memory, MemoryMap map) {
    this.name = image.name();
    this.file = ByteBuffer.wrap(image.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    this.memory = memory;
    this.map = map;
  }

  /** Whether a file is a bzImage: the boot flag and the header's magic. */
  static boolean isKernel(byte[] bytes) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.length > E820_TABLE && b.getShort(BOOT_FLAG) == (short) 0xaa55 && b.getInt(MAGIC) == HDRS;
  }

  /**
   * Loads kernel and RAM disk and sets the processor at the 32-bit entry.
   *
   * @param initrd the initial RAM disk, or empty
   * @throws BootException if something does not fit
   */
  void load(Cpu cpu, String commandLine, byte[] initrd) {
    int version = file.getShort(VERSION) & 0xffff;
    if (version < OLDEST || (file.get(LOADFLAGS) & LOADED_HIGH) == 0) {
      throw BootException.of("%s: Linux boot protocol %d.%02d: a bzImage with 2.06 or later expected", name, version >> 8, version & 0xff);
    }
    int setup = ((file.get(SETUP_SECTS) & 0xff) == 0 ? 4 : file.get(SETUP_SECTS) & 0xff) * 512 + 512;
    int length = file.capacity() - setup;
    if (length <= 0) {
      throw BootException.of("%s: the kernel should begin at offset %#x of a file of %#x bytes: is it cut short?", name, setup,
          file.capacity());
    }
    long needed = KERNEL + Math.max(length, file.getInt(INIT_SIZE) & 0xffffffffL);
    if (needed > map.highEnd()) {
      throw BootException.of("%s: the kernel needs memory up to %#x, the machine ends at %#x; give it more", name, needed, map.highEnd());
    }
    long ramdisk = placeRamdisk(initrd, needed);
    memory.poke(KERNEL, file.array(), setup, length);
    memory.poke(ramdisk, initrd, 0, initrd.length);
    commandLine(commandLine);
    byte[] zeroPage = zeroPage(ramdisk, initrd.length);
    memory.poke(ZERO_PAGE, zeroPage, 0, zeroPage.length);
    EntryState.protected32(cpu, KERNEL);
    cpu.r[Cpu.RSI] = ZERO_PAGE;
  }

  private long placeRamdisk(byte[] initrd, long after) {
    long top = Math.min(map.highEnd(), (file.getInt(INITRD_ADDR_MAX) & 0xffffffffL) + 1);
    long at = top - initrd.length & -PAGE;
    if (initrd.length > 0 && at < after) {
      throw BootException.of("%s: a RAM disk of %d MiB does not fit between %#x and %#x; give the machine more memory", name,
          initrd.length >> 20, after, top);
    }
    return at;
  }

  private void commandLine(String text) {
    byte[] bytes = (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
    int most = file.getInt(CMDLINE_SIZE);
    if (bytes.length - 1 > most) {
      throw BootException.of("%s: a command line of %d characters: this kernel takes %d", name, bytes.length - 1, most);
    }
    memory.poke(COMMAND_LINE, bytes, 0, bytes.length);
  }

  private byte[] zeroPage(long ramdisk, int ramdiskSize) {
    ByteBuffer z = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
    int headerEnd = MAGIC + (file.get(HEADER_END) & 0xff);
    z.put(SETUP_SECTS, file.array(), SETUP_SECTS, headerEnd - SETUP_SECTS);
    z.put(TYPE_OF_LOADER, (byte) UNKNOWN_LOADER);
    z.putInt(CMD_LINE_PTR, COMMAND_LINE);
    if (ramdiskSize > 0) {
      z.putInt(RAMDISK_IMAGE, (int) ramdisk).putInt(RAMDISK_SIZE, ramdiskSize);
    }
    if (map.hasTables()) {
      z.putLong(ACPI_RSDP_ADDR, FirmwareTables.RSDP);
      screen(z);
    }
    int n = 0;
    for (MemoryMap.Entry e : map.entries()) {
      int at = E820_TABLE + 20 * n++;
      z.putLong(at, e.start()).putLong(at + 8, e.length()).putInt(at + 16, e.type());
    }
    z.put(E820_COUNT, (byte) n);
    return z.array();
  }

  /** The PC board's adapter as {@link DisplayBoard#prepare} leaves it: mode 3, a colour VGA with 256 KiB, the cursor at the top. */
  private static void screen(ByteBuffer z) {
    z.put(VIDEO_MODE, (byte) 3).put(VIDEO_COLUMNS, (byte) 80).put(VIDEO_LINES, (byte) 25);
    z.putShort(VIDEO_EGA_BX, (short) 3).put(VIDEO_IS_VGA, (byte) 1).putShort(VIDEO_POINTS, (short) 16);
  }
}
