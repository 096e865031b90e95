/**
 * Disks: images (raw, qcow2) with what the guest wrote kept in memory, the PIIX3's IDE channels with ATA disks and ATAPI CD-ROM
 * drives, the floppy controller and the ISA DMA controllers it needs.
 *
 * <p>May import: {@code vm.device.pci}, {@code vm.bus}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device.disk;
