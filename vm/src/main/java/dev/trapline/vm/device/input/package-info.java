/**
 * Keyboard and mouse: the i8042 controller of a PC with a PS/2 keyboard and a PS/2 mouse on its two ports, and the host's side of them:
 * text that is typed becomes keys pressed and released, in virtual time.
 *
 * <p>May import: {@code vm.device}, {@code vm.bus}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device.input;
