/**
 * The APIC system (SDM 3A chapter 11, 82093AA data sheet): one local APIC for each processor, the I/O APIC, and the bus on which their
 * messages travel. They know nothing of processors but {@link dev.trapline.vm.device.apic.LocalApic.Processor}.
 *
 * <p>May import: {@code vm.bus}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.device.apic;
