/**
 * What a PC shows: an IBM VGA with the Bochs VBE extension as a PCI function, and {@link dev.trapline.vm.device.display.Screen}, what a
 * monitor would show of it. Looking at the screen never changes the adapter.
 *
 * <p>May import: {@code vm.device}, {@code vm.device.pci}, {@code vm.mem}, {@code vm.bus}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device.display;
