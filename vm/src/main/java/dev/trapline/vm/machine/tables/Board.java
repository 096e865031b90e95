package dev.trapline.vm.machine.tables;

import java.util.List;

/**
 * What the tables tell of.
 *
 * @param processors number of processors; local APIC identifiers count from 0
 * @param signature CPUID leaf 1 EAX of each
 * @param features CPUID leaf 1 EDX of each
 * @param apics whether there are local APICs and an I/O APIC at FEC00000h
 * @param hpet identification register of the HPET at FED00000h, or 0 if there is none
 * @param serial numbers of the serial ports present, from 1
 * @param pmBase first port of power management
 * @param memoryWindow first address that PCI functions may be given
 * @param pins interrupt pins of PCI functions in use: device * 4 + pin, INTA is 0
 * @param lowMemory end of RAM below 4 GiB
 * @param highMemory bytes of RAM from 4 GiB up
 */
public record Board(int processors, int signature, int features, boolean apics, int hpet, List<Integer> serial, int pmBase,
    long memoryWindow, List<Integer> pins, long lowMemory, long highMemory) {
  public static final long IO_APIC = 0xfec00000L;
  public static final long LOCAL_APIC = 0xfee00000L;
  public static final long HPET = 0xfed00000L;
  /** End of the window for PCI functions. */
  public static final long MEMORY_WINDOW_END = 0xfec00000L;
  /** The system control interrupt: level, active high. */
  public static final int SCI = 9;
  /** First input of the I/O APIC that PCI interrupts reach. */
  public static final int PCI_INPUTS = 16;
  static final String OEM = "TRAPLN";
  static final String NAME = "TRAPLINE";

  /** The PIRQ line, 0 to 3, of a device's pin. */
  static int pirq(int device, int pin) {
    return device + pin & 3;
  }
}
