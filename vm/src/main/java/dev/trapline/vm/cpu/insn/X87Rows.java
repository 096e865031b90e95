package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** The x87 instruction group (SDM 1 chapter 8): the rows of its topic files in one list. */
final class X87Rows {
  static final List<Row> ROWS =
      Stream.of(X87Data.ROWS, X87Arithmetic.ROWS, X87Compare.ROWS, X87Transcendental.ROWS, X87Control.ROWS).flatMap(List::stream).toList();

  private X87Rows() {}
}
