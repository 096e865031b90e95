package dev.trapline.vm.device.pci;

/**
 * The Intel 82441FX host bridge (PMC) as far as software on a PC uses it: the programmable attribute map (59h to 5Fh), which puts
 * DRAM behind C0000h to FFFFFh in place of the expansion bus for reads, stores or both.
 *
 * <p>Datasheet: Intel 82441FX (290549), 3.2.17 "PAM".
 */
public final class HostBridge extends PciFunction {
  private static final int PAM = 0x59;
  private static final int REGISTERS = 7;
  private static final int SMRAM = 0x72;
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final long BIOS = 0xf0000;
  private static final long EXPANSION = 0xc0000;
  private static final int PART = 0x4000;

  /** Where the attributes take effect. */
  public interface Attributes {
    /** Tells whether reads and stores of a range go to DRAM. */
    void dram(long start, long length, boolean reads, boolean stores);
  }

  private final Attributes attributes;
  /** The registers whose effect has been announced. */
  private final int[] announced = new int[2 * REGISTERS];

  public HostBridge(Attributes attributes) {
    super("host-bridge", 0x8086, 0x1237, 0x060000, 2);
    this.attributes = attributes;
    set(COMMAND, 2, COMMAND_MEMORY | COMMAND_MASTER);
    allow(COMMAND, 2, 0x100);
    // Firmware takes these as the sign of a machine with fw_cfg.
    set(SUBSYSTEM_VENDOR, 2, 0x1af4);
    set(SUBSYSTEM, 2, 0x1100);
    set(SMRAM, 1, 2);
    allow(0x50, 8, -1);
    for (int i = 0; i < REGISTERS; i++) {
      allow(PAM + i, 1, 0x33);
    }
    allow(0x60, 8, -1);
    allow(SMRAM, 1, 0x78);
  }

  /** Attributes of the part an address lies in: bit 0 reads, bit 1 stores. */
  private int part(int n) {
    return config(PAM + n / 2, 1) >> 4 * (n & 1) & 3;
  }

  @Override
  protected void configWritten(int offset, int bytes) {
    if (offset + bytes <= PAM || offset >= PAM + REGISTERS) {
      return;
    }
    for (int n = 1; n < 2 * REGISTERS; n++) {
      int now = part(n);
      if (now != announced[n]) {
        announced[n] = now;
        announce(n, (now & READ) != 0, (now & WRITE) != 0);
      }
    }
  }

  /** The high half of the first register is the 64 KiB of the BIOS; the rest are 16 KiB each from C0000h. */
  private void announce(int n, boolean reads, boolean stores) {
    if (n == 1) {
      attributes.dram(BIOS, 4 * PART, reads, stores);
    } else {
      attributes.dram(EXPANSION + (long) (n - 2) * PART, PART, reads, stores);
    }
  }
}
