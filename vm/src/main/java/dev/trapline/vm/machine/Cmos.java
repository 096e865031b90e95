package dev.trapline.vm.machine;

import dev.trapline.vm.device.Rtc;

/** Memory sizes and drives in CMOS RAM, where firmware leaves them (IBM AT and later conventions). */
final class Cmos {
  private final Rtc rtc;

  private Cmos(Rtc rtc) {
    this.rtc = rtc;
  }

  /**
   * @param disks controllers of the PC board, or null
   * @param disk what the machine boots from by its own firmware, or null
   */
  static void fill(Rtc rtc, MemoryMap map, DiskBoard disks, Disk disk) {
    Cmos cmos = new Cmos(rtc);
    cmos.drives(disks, disk);
    cmos.memory(map);
    rtc.cmos(Rtc.CENTURY, 0x20);
  }

  private void drives(DiskBoard disks, Disk disk) {
    int diskette = disk != null && disk.diskette() ? disk.type() << 4 : 0;
    boolean drives = disks != null && disks.equipment() != 0;
    rtc.cmos(0x10, drives ? disks.disketteTypes() : diskette);
    rtc.cmos(0x14, drives ? 0x22 | disks.equipment() : diskette == 0 ? 0x22 : 0x23);
  }

  private void memory(MemoryMap map) {
    long upper = map.upperKib();
    long above16 = Math.max(0, map.highEnd() - (16L << 20)) >>> 16;
    long above4 = map.above4G() >>> 16;
    word(0x15, MemoryMap.LOW_END >> 10);
    word(0x17, Math.min(0xffff, upper));
    word(0x30, Math.min(0xffff, upper));
    word(0x34, Math.min(0xffff, above16));
    word(0x5b, above4);
    rtc.cmos(0x5d, (int) (above4 >>> 16));
  }

  private void word(int address, long value) {
    rtc.cmos(address, (int) value);
    rtc.cmos(address + 1, (int) (value >>> 8));
  }
}
