package dev.trapline.vm.hostile;

import java.util.Locale;

/** Kinds of guests that mean harm. */
public enum Hostile {
  /** {@link Attacks} says what each does. */
  CODE("random bytes executed at CPL 0, in every mode", Attacks::kernelCode),
  USER_CODE("random bytes executed at CPL 3, in every mode", Attacks::userCode),
  SYSTEM("system instructions with random operands", Attacks::systemInstructions),
  PORTS("random accesses to random ports", Attacks::ports),
  MMIO("random accesses to devices in memory, and beyond all memory", Attacks::mmio),
  TABLES("random page tables, and random changes to them and to control registers", Attacks::tables),
  DMA("devices told to read and write what is not the guest's", Attacks::dma),
  HYPERCALLS("VMMCALL and the other instructions of SVM with random operands", Attacks::hypercalls),
  VMCB("one random bit of the VMCB flipped before each entry", Attacks::anyCode);

  /** Puts code and data into a machine that is about to run it. */
  interface Attack {
    void load(Victim v);
  }

  private final String meaning;
  private final Attack attack;

  Hostile(String meaning, Attack attack) {
    this.meaning = meaning;
    this.attack = attack;
  }

  /** What such a guest does, for people. */
  public String meaning() {
    return meaning;
  }

  void load(Victim v) {
    attack.load(v);
  }

  /** Whether the monitor's own bytes are damaged, which no guest can do. */
  boolean damages() {
    return this == VMCB;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
