package dev.trapline.vm.isa.asm;

/** What is wrong with one statement; the assembler adds file and line. */
final class SourceError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SourceError(String message) {
    super(message, null, false, false);
  }
}
