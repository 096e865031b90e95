package dev.trapline.vm.machine;

import dev.trapline.vm.device.FwCfg;
import dev.trapline.vm.device.Rtc;
import java.util.Optional;

/** The ROM of the board: ours, or a BIOS the user names, and what the board tells such a BIOS. */
final class FirmwareBoard {
  private static final int BOOT_FLAGS_1 = 0x38;
  private static final int BOOT_FLAGS_2 = 0x3d;
  /** Boot order in nibbles, first in the lowest: 1 floppy disk, 2 hard disk, 3 CD-ROM. */
  private static final int ORDER = 0x21;
  private static final int THIRD = 0x30;
  private static final int COM1 = 0x3f8;

  private final byte[] rom;
  private final boolean foreign;

  FirmwareBoard(Optional<BootImage> image) {
    this.foreign = image.filter(i -> i.resolvedKind() == BootImage.Kind.FIRMWARE).isPresent();
    this.rom = foreign ? image.get().bytes() : Firmware.build();
  }

  /** The bytes of the ROM. */
  byte[] rom() {
    return rom;
  }

  /** Whether the user's BIOS starts the machine: then nothing is prepared for it. */
  boolean startsMachine() {
    return foreign;
  }

  /** Boot order as SeaBIOS and Bochs' BIOS read it from CMOS. */
  void describe(Rtc rtc) {
    if (foreign) {
      rtc.cmos(BOOT_FLAGS_1, THIRD);
      rtc.cmos(BOOT_FLAGS_2, ORDER);
    }
  }

  /** SeaBIOS shows its text on this serial port as well and takes keys from it. */
  void describe(FwCfg cfg) {
    cfg.file("etc/sercon-port", new byte[] {(byte) COM1, COM1 >> 8});
  }
}
