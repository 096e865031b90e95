package dev.trapline.vm.device.display;

import dev.trapline.vm.device.pci.PciFunction;

/** The adapter on the PCI bus, as QEMU and Bochs have it: 1234h:1111h, frame buffer in BAR 0, registers in BAR 2, video BIOS in the ROM. */
public final class VgaFunction extends PciFunction {
  private static final int REGISTERS = 4096;
  private static final int SUBSYSTEM_VENDOR_ID = 0x1af4;
  private static final int SUBSYSTEM_ID = 0x1100;

  private final Vga vga;

  /** @param rom the video BIOS, empty for none */
  public VgaFunction(Vga vga, byte[] rom) {
    super("vga", 0x1234, 0x1111, 0x030000, 2);
    this.vga = vga;
    set(SUBSYSTEM_VENDOR, 2, SUBSYSTEM_VENDOR_ID);
    set(SUBSYSTEM, 2, SUBSYSTEM_ID);
    memoryBar(0, "framebuffer", VideoMemory.SIZE, vga.memory());
    memoryBar(2, "registers", REGISTERS, vga.mapped());
    if (rom.length > 0) {
      romBar(rom);
    }
  }

  @Override
  protected void powerOn() {
    vga.reset();
  }
}
