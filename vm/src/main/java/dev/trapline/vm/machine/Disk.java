package dev.trapline.vm.machine;

/**
 * A disk as INT 13h shows it: a read-only image with a geometry. The sizes of diskettes make diskettes, drive 0; everything else is a
 * hard disk, drive 80h, of 16 heads and 63 sectors.
 *
 * @param bytes the image; a last partial sector reads as if filled with zeros
 */
record Disk(byte[] bytes, boolean diskette, int cylinders, int heads, int sectors) {
  static Disk of(byte[] image) {
    return switch (image.length / 1024) {
      case 160 -> new Disk(image, true, 40, 1, 8);
      case 180 -> new Disk(image, true, 40, 1, 9);
      case 320 -> new Disk(image, true, 40, 2, 8);
      case 360 -> new Disk(image, true, 40, 2, 9);
      case 720 -> new Disk(image, true, 80, 2, 9);
      case 1200 -> new Disk(image, true, 80, 2, 15);
      case 1440 -> new Disk(image, true, 80, 2, 18);
      case 2880 -> new Disk(image, true, 80, 2, 36);
      default -> image.length <= 1440 * 1024 ? new Disk(image, true, 80, 2, 18) : hard(image);
    };
  }

  private static Disk hard(byte[] image) {
    int cylinders = (image.length + 16 * 63 * BootSector.SECTOR - 1) / (16 * 63 * BootSector.SECTOR);
    return new Disk(image, false, Math.min(1024, cylinders), 16, 63);
  }

  int drive() {
    return diskette ? 0 : 0x80;
  }

  /** Sectors in the image, the last partial one included; a diskette has all its geometry promises. */
  long size() {
    return diskette ? (long) cylinders * heads * sectors : (bytes.length + BootSector.SECTOR - 1L) / BootSector.SECTOR;
  }

  /** Drive type as INT 13h AH=08h and CMOS byte 10h number it. */
  int type() {
    return switch (sectors) {
      case 8, 9 -> cylinders == 80 ? 3 : 1;
      case 15 -> 2;
      case 36 -> 5;
      default -> 4;
    };
  }

  /** Linear sector number, or -1 if outside the geometry. */
  long linear(int cylinder, int head, int sector) {
    if (sector < 1 || sector > sectors || head >= heads || cylinder >= cylinders) {
      return -1;
    }
    return ((long) cylinder * heads + head) * sectors + sector - 1;
  }

  /** One sector. */
  byte[] read(long sector) {
    byte[] out = new byte[BootSector.SECTOR];
    long from = sector * BootSector.SECTOR;
    if (from < bytes.length) {
      System.arraycopy(bytes, (int) from, out, 0, (int) Math.min(out.length, bytes.length - from));
    }
    return out;
  }
}
