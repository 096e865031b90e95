package dev.trapline.vm.isa.asm;

/** A line of a source file, counted from 1. */
public record SourceLine(String file, int line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
