package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.isa.InstructionSet;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** The x86 instruction set: the group files in one list. Adding a group is adding a line here. */
public final class X86 {
  private static final InstructionSet SET = new InstructionSet(Stream.of(
      Hints.ROWS, Arithmetic.ROWS, Logic.ROWS, Shifts.ROWS, Multiply.ROWS, Decimal.ROWS, Bits.ROWS, Data.ROWS, PushPop.ROWS,
      Branches.ROWS, Strings.ROWS, PortIo.ROWS, FlagOps.ROWS,
      SegmentLoads.ROWS, FarControl.ROWS, SystemRegisters.ROWS, Virtualization.ROWS,
      X87Rows.ROWS,
      SimdMove.ROWS, SimdInteger.ROWS, SimdShuffle.ROWS, SimdFloat.ROWS, SimdConvert.ROWS, SimdString.ROWS, SimdCrypto.ROWS)
      .flatMap(List::stream)
      .toList());

  private X86() {}

  /** The one table. */
  public static InstructionSet set() {
    return SET;
  }
}
