package dev.trapline.vm.isa;

/**
 * The SVM intercepts an instruction can have (APM2 15.9, appendix C): exit code and VMCB bit follow from the name's
 * position in the intercept words. Which stage of execution tests it stands in the row.
 */
public enum Intercept {
  NONE(-1), IDTR_READ(0x66), GDTR_READ(0x67), LDTR_READ(0x68), TR_READ(0x69), IDTR_WRITE(0x6a), GDTR_WRITE(0x6b),
  LDTR_WRITE(0x6c), TR_WRITE(0x6d), RDTSC(0x6e), RDPMC(0x6f), PUSHF(0x70), POPF(0x71), CPUID(0x72), RSM(0x73), IRET(0x74),
  SWINT(0x75), INVD(0x76), PAUSE(0x77), HLT(0x78), INVLPG(0x79), INVLPGA(0x7a), IOIO(0x7b), MSR(0x7c), TASK_SWITCH(0x7d),
  VMRUN(0x80), VMMCALL(0x81), VMLOAD(0x82), VMSAVE(0x83), STGI(0x84), CLGI(0x85), SKINIT(0x86), RDTSCP(0x87), ICEBP(0x88),
  WBINVD(0x89), MONITOR(0x8a), MWAIT(0x8b), XSETBV(0x8d), RDPRU(0x8e), CR_READ(0x00), CR_WRITE(0x10), DR_READ(0x20), DR_WRITE(0x30);

  /** VMEXIT code; for CR and DR accesses the code of register 0. */
  public final int exitCode;

  Intercept(int exitCode) {
    this.exitCode = exitCode;
  }
}
