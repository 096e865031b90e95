package dev.trapline.vm.device.virtio;

/** A driver did what the specification forbids. It never leaves the device, which stops and remembers the reason. */
final class Malformed extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param reason for listings: what was found, without numbers that vary
   */
  Malformed(String reason) {
    super(reason, null, false, false);
  }
}
