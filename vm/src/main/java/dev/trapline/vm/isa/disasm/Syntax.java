package dev.trapline.vm.isa.disasm;

/** How instructions are written. */
public enum Syntax {
  /** Destination first, {@code DWORD PTR [rax+0x10]}: what {@code objdump -M intel} writes. */
  INTEL,
  /** Source first, {@code 0x10(%rax)}: what {@code objdump} writes by default. */
  ATT
}
