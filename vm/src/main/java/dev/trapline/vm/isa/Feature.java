package dev.trapline.vm.isa;

/** The CPUID feature a row belongs to; a row whose feature is not advertised raises #UD. */
public enum Feature {
  BASE, X87, CMOV, CX8, CX16, MMX, FXSR, SSE, SSE2, SSE3, SSSE3, SSE41, SSE42, POPCNT, MOVBE, AES, PCLMUL, XSAVE, SYSENTER, SYSCALL,
  LM, TSC, RDTSCP, MSR, CLFLUSH, PREFETCHW, FSGSBASE, INVPCID, SMAP, LAHF64, MONITOR, LZCNT, RDRAND, SVM, THREEDNOW_NOP, RDPID, ADX, CLWB;

  /** Whether rows of this feature work on the x87/MMX register stack or XMM registers and so obey CR0.TS and CR0.EM. */
  public boolean usesFpu() {
    return switch (this) {
      case X87, MMX, SSE, SSE2, SSE3, SSSE3, SSE41, SSE42, AES, PCLMUL -> true;
      default -> false;
    };
  }
}
