package dev.trapline.vm.device.disk;

/**
 * How a diskette of a size is laid out.
 *
 * @param rate data rate as the controller's rate registers code it: 0 500, 1 300, 2 250 kbit/s, 3 1 Mbit/s
 * @param driveType the drive it belongs into, as CMOS byte 10h codes it
 */
public record Diskette(int cylinders, int heads, int sectors, int rate, int driveType) {
  private static final int DOUBLE_DENSITY_IN_HIGH = 1;
  private static final int DOUBLE_DENSITY = 2;
  private static final int KIB = 1024;

  /**
   * The layout of an image: of its exact size, or 1.44 MiB for others that are smaller.
   *
   * @throws ImageException if it is too large for a diskette
   */
  public static Diskette of(DiskImage image) {
    long kib = (image.size() + KIB - 1) / KIB;
    if (kib > 2880) {
      throw new ImageException(image.name() + ": " + kib + " KiB do not fit a diskette");
    }
    return switch ((int) kib) {
      case 160 -> new Diskette(40, 1, 8, 2, 1);
      case 180 -> new Diskette(40, 1, 9, 2, 1);
      case 320 -> new Diskette(40, 2, 8, 2, 1);
      case 360 -> new Diskette(40, 2, 9, 2, 1);
      case 720 -> new Diskette(80, 2, 9, 2, 3);
      case 1200 -> new Diskette(80, 2, 15, 0, 2);
      default -> kib <= 1440 ? new Diskette(80, 2, 18, 0, 4) : new Diskette(80, 2, 36, 3, 5);
    };
  }

  /** Whether the controller hears something at a rate: drives that turn faster give double density at 300 kbit/s. */
  boolean readableAt(int selected) {
    return selected == rate || rate == DOUBLE_DENSITY && selected == DOUBLE_DENSITY_IN_HIGH;
  }

  /** Number of a sector from the start, or -1 if there is none. */
  long linear(int cylinder, int head, int sector) {
    if (cylinder >= cylinders || head >= heads || sector < 1 || sector > sectors) {
      return -1;
    }
    return ((long) cylinder * heads + head) * sectors + sector - 1;
  }
}
