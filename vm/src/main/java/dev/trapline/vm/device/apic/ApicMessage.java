package dev.trapline.vm.device.apic;

/**
 * An interrupt on its way to local APICs (SDM 3A 11.6.1, 11.11).
 *
 * @param destination an APIC id, or a logical destination
 * @param vector 0 to 255; for a start-up message the page of the first instruction
 */
public record ApicMessage(int destination, boolean logical, Mode mode, int vector, boolean level) {
  /** Delivery modes by their encoding in bits 10 to 8. */
  public enum Mode { FIXED, LOWEST_PRIORITY, SMI, RESERVED, NMI, INIT, STARTUP, EXTINT }

  /** Physical destination of everybody. */
  static final int EVERYBODY = 0xff;
  private static final Mode[] MODES = Mode.values();

  /** The delivery mode in a register word. */
  static Mode mode(int word) {
    return MODES[word >>> 8 & 7];
  }

  /** A message-signalled interrupt (SDM 3A 11.11.1). */
  static ApicMessage signalled(long address, int data) {
    boolean logical = (address & 4) != 0;
    return new ApicMessage((int) (address >>> 12) & 0xff, logical, mode(data), data & 0xff, (data & 0x8000) != 0);
  }
}
