/**
 * The devices of a PC, one class each, after their data sheets. A device knows its registers, its interrupt line and the
 * scheduler; it knows neither processor nor memory nor where in I/O space it sits.
 *
 * <p>May import: {@code vm.bus}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device;
