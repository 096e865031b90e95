package dev.trapline.vm.isa.asm;

import java.util.List;

/** Source text that cannot be assembled: one line per error, with file and line number where the text came from a file. */
public final class AsmException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient List<String> errors;

  AsmException(List<String> errors) {
    super(String.join("\n", errors), null, false, false);
    this.errors = List.copyOf(errors);
  }

  /** The errors in source order. */
  public List<String> errors() {
    return errors;
  }
}
