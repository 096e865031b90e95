/**
 * The PCI bus (PCI Local Bus Specification 3.0) in the shape of an i440FX/PIIX3 board: configuration mechanism 1, base address
 * registers that move, interrupt routing. A device is a {@link dev.trapline.vm.device.pci.PciFunction} with its base address registers
 * declared; it never learns where they were put.
 *
 * <p>May import: {@code vm.bus}, {@code vm.mem}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device.pci;
