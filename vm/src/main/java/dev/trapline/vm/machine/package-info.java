/**
 * One PC: processor, memory, devices and clock put together, started from an image, run and hashed. The firmware is here too, as a
 * ROM whose interrupt stubs call services in Java.
 *
 * <p>May import: everything below ({@code vm.interp}, {@code vm.device}, {@code vm.cpu} and down).
 */
package dev.trapline.vm.machine;
