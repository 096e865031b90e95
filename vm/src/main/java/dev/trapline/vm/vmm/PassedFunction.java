package dev.trapline.vm.vmm;

import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.machine.Machine;

/**
 * A virtio function of the host's on the PCI bus of the one guest it belongs to. The guest has a configuration space of its own, with the
 * same identity and capabilities but MSI-X; accesses to the registers go to the real ones. The device's interrupt comes to the monitor as
 * a level of the host's I/O APIC, which is masked until the guest has read the interrupt status.
 */
final class PassedFunction extends PciFunction {
  /** Registers are put here and up, 64 KiB for each slot. */
  private static final long WINDOW = 0xe0100000L;
  private static final int FIRST_SLOT = 8;
  private static final int SIZE = 0x4000;
  private static final int FIRST_CAPABILITY = 0x40;
  private static final int END = 0x84;
  /** Next pointer of the last capability that is copied: notifications. */
  private static final int LAST_NEXT = 0x71;
  private static final int HAS_CAPABILITIES = 0x10;

  private final Machine host;
  private final VirtioDevice<?> device;
  private final long registers;
  private final int slot;
  private Runnable served = () -> {};

  PassedFunction(Machine host, VirtioDevice<?> device) {
    super("host's " + device.name(), VirtioDevice.VENDOR, device.config(DEVICE_ID, 2), device.config(REVISION, 4) >>> 8,
        device.config(REVISION, 1));
    this.host = host;
    this.device = device;
    this.slot = FIRST_SLOT + host.virtio().indexOf(device);
    this.registers = WINDOW + ((long) slot << 16);
    new VirtioDriver(host.ports(), host.memory(), slot, registers);
    set(SUBSYSTEM_VENDOR, 4, device.config(SUBSYSTEM_VENDOR, 4));
    set(STATUS, 2, HAS_CAPABILITIES);
    set(CAPABILITIES, 1, FIRST_CAPABILITY);
    for (int at = FIRST_CAPABILITY; at < END; at++) {
      set(at, 1, device.config(at, 1));
    }
    set(LAST_NEXT, 1, 0);
    memoryBar(VirtioDevice.BAR, "registers", SIZE, new Registers());
    interruptPin(1);
  }

  VirtioDevice<?> device() {
    return device;
  }

  /** The I/O APIC's input its interrupt comes in at. */
  int input() {
    return 16 + (slot & 3);
  }

  /** Who is told that the guest has seen the interrupt. */
  void served(Runnable listener) {
    served = listener;
  }

  /** The device interrupts. */
  void raise() {
    interrupt(true);
  }

  private final class Registers implements MmioDevice {
    @Override
    public long load(long offset, int bytes) {
      long value = host.memory().read(registers + VirtioDriver.REGISTERS + offset, bytes);
      if (offset == VirtioDevice.ISR) {
        interrupt(false);
        served.run();
      }
      return value;
    }

    @Override
    public void store(long offset, int bytes, long value) {
      host.memory().write(registers + VirtioDriver.REGISTERS + offset, bytes, value);
    }
  }
}
