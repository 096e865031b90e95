package dev.trapline.vm.cpu;

/**
 * What one processor is among others, and what it has beyond the instructions.
 *
 * @param index 0 for the boot processor; also the APIC id after reset
 * @param processors in the machine
 * @param apic whether there is a local APIC
 * @param quantum instructions a processor runs in its turn; see {@link Cpu#time}
 */
public record CpuModel(int index, int processors, boolean apic, long quantum) {
  /** A processor alone, with 8259s or nothing to interrupt it. */
  public static final CpuModel ALONE = new CpuModel(0, 1, false, 0);
}
