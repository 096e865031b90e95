/**
 * Virtio 1.x devices over PCI (OASIS "Virtual I/O Device Version 1.2"): the modern transport alone, split virtqueues with indirect
 * descriptors and event indices. What a driver puts into its rings is not trusted: the first thing out of order stops the device
 * ({@code DEVICE_NEEDS_RESET}) and is counted and named.
 *
 * <p>May import: {@code vm.device}, {@code vm.device.pci}, {@code vm.device.disk}, {@code vm.mem}, {@code vm.bus}, {@code vm.state},
 * {@code vm.util}.
 */
package dev.trapline.vm.device.virtio;
