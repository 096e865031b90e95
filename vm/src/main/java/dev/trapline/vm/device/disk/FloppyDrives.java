package dev.trapline.vm.device.disk;

import java.util.Arrays;

/** The drives on a floppy controller's cable: diskettes, where the heads stand and where they go, change lines. */
final class FloppyDrives {
  /** Drives there can be. */
  static final int DRIVES = 2;
  /** Drives the controller can select. */
  static final int SELECTS = 4;

  private final Medium[] media = new Medium[DRIVES];
  private final Diskette[] formats = new Diskette[DRIVES];
  final int[] cylinder = new int[SELECTS];
  final int[] wanted = new int[SELECTS];
  final boolean[] changed = {true, true};

  void insert(int drive, Medium medium) {
    formats[drive] = Diskette.of(medium.image());
    media[drive] = medium;
  }

  /** The diskette in a drive, or null. */
  Medium medium(int drive) {
    return drive < DRIVES ? media[drive] : null;
  }

  Diskette format(int drive) {
    return formats[drive];
  }

  boolean isThere(int drive) {
    return medium(drive) != null;
  }

  /** Type of a drive as CMOS byte 10h codes it, 0 for none. */
  int type(int drive) {
    return formats[drive] == null ? 0 : formats[drive].driveType();
  }

  boolean isProtected(int drive) {
    return isThere(drive) && media[drive].readOnly();
  }

  /** The head of a drive is where it was to go. */
  void arrive(int drive) {
    cylinder[drive] = wanted[drive];
    if (isThere(drive)) {
      changed[drive] = false;
    }
  }

  /** Heads that were moving stay where they stood. */
  void halt() {
    System.arraycopy(cylinder, 0, wanted, 0, SELECTS);
  }

  void powerOn() {
    Arrays.fill(cylinder, 0);
    Arrays.fill(wanted, 0);
    Arrays.fill(changed, true);
  }
}
