package dev.trapline.vm.cpu;

/**
 * What one processor is among others, and what it has beyond the instructions.
 *
 * @param index 0 for the boot processor; also the APIC id after reset
 * @param processors in the machine
 * @param apic whether there is a local APIC
 * @param quantum instructions a processor runs in its turn; see {@link Cpu#time}
 * @param type its features
 */
public record CpuModel(int index, int processors, boolean apic, long quantum, CpuType type) {
  /** A processor alone, with 8259s or nothing to interrupt it. */
  public static final CpuModel ALONE = new CpuModel(0, 1, false, 0);

  /** With every feature. */
  public CpuModel(int index, int processors, boolean apic, long quantum) {
    this(index, processors, apic, quantum, CpuType.MAX);
  }

  /** Whether it has a feature, by the name of CPUID's bit. */
  public boolean has(String feature) {
    return type.has(feature) && (apic || !feature.equals("apic") && !feature.equals("tsc_deadline_timer"));
  }
}
