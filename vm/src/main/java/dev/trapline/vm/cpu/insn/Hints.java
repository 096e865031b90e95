package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.NO64;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Instructions that compute nothing: NOP in its many spellings, PAUSE, ENDBR, prefetches, fences, CLFLUSH, and BOUND, which
 * only checks. Memory operands of hints are not accessed and raise no faults; one processor that runs in order needs no fences.
 */
final class Hints {
  static final List<Row> ROWS = Forms.list(
      Stream.of(
          row("F3 90 noB", "pause", "").intercept(Intercept.PAUSE).does(Hints::nothing).spec("SDM 2B PAUSE"),
          row("90 noB", "nop", "").does(Hints::nothing).spec("SDM 2B NOP"),
          row("F3 0F 1E FA", "endbr64", "").does(Hints::nothing).spec("SDM 2A ENDBR64"),
          row("F3 0F 1E FB", "endbr32", "").does(Hints::nothing).spec("SDM 2A ENDBR32"),
          row("0F 1F /0", "nop", "Ev").does(Hints::hint).spec("SDM 2B NOP"),
          row("62 /r", "bound", "Gv,Ma").with(NO64).does(Hints::bound).spec("SDM 2A BOUND"),
          row("NP 0F AE /7", "clflush", "Mb").feature(Feature.CLFLUSH).does(Hints::clflush).spec("SDM 2A CLFLUSH")),
      IntStream.range(1, 8).mapToObj(i -> reserved("0F 1F /" + i, "Ev")),
      IntStream.range(0x19, 0x1f).mapToObj(i -> reserved("0F " + Forms.hex(i) + " /r", "Ev")),
      prefetches(),
      fences("lfence", 0xe8, "SDM 2A LFENCE"),
      fences("mfence", 0xf0, "SDM 2B MFENCE"),
      fences("sfence", 0xf8, "SDM 2B SFENCE"));

  private Hints() {}

  /** The reserved NOPs 0F 18 to 0F 1F (SDM 2D table A-3; APM3 appendix A): executed without effect. */
  private static Row reserved(String encoding, String operands) {
    return row(encoding, "nop", operands).with(ALIAS).does(Hints::hint).spec("APM3 appendix A, 0F 18-0F 1F");
  }

  private static Stream<Row> prefetches() {
    String[] names = {"prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2"};
    return Stream.of(
        IntStream.range(0, 4).mapToObj(i -> row("0F 18 /" + i, names[i], "Mb").does(Hints::hint).spec("SDM 2B PREFETCHh")),
        IntStream.range(0, 4).mapToObj(i -> reserved("0F 18 /" + i, "Rv")),
        IntStream.range(4, 8).mapToObj(i -> reserved("0F 18 /" + i, "Ev")),
        Stream.of(
            row("0F 0D /0", "prefetch", "Mb").does(Hints::hint).spec("APM3 PREFETCH"),
            row("0F 0D /1", "prefetchw", "Mb").does(Hints::hint).spec("APM3 PREFETCHW")),
        IntStream.range(2, 8).mapToObj(i -> row("0F 0D /" + i, "prefetch", "Mb").with(ALIAS).does(Hints::hint)
            .spec("APM3 PREFETCH (reserved types)"))).flatMap(s -> s);
  }

  /** All eight values of ModRM.rm are the fence; the assembler uses the first. */
  private static Stream<Row> fences(String name, int modrm, String spec) {
    return IntStream.range(0, 8).mapToObj(i -> {
      Def d = row("NP 0F AE " + Forms.hex(modrm + i), name, "").does(Hints::nothing);
      return (i == 0 ? d : d.with(ALIAS)).spec(spec);
    });
  }

  static void nothing(Cpu c) {
    // The instruction has no effect but time.
  }

  static void hint(Cpu c, Insn in) {
    // Takes the instruction so that the engine does not fetch the operand.
  }

  /** Caches are not modelled; the access rights of a one-byte load are checked (SDM 2A CLFLUSH). */
  static void clflush(Cpu c, Insn in) {
    c.mem.read8(Operands.linear(c, in.mem(), 1, Access.READ));
  }

  static void bound(Cpu c, Insn in) {
    int w = in.op(0).bits();
    long lin = Operands.linear(c, in.mem(), w >> 2, Access.READ);
    long lower = Flags.sext(c.mem.read(lin, w >> 3), w);
    long upper = Flags.sext(c.mem.read(lin + (w >> 3), w >> 3), w);
    long index = Flags.sext(Operands.get(c, in.op(0)), w);
    if (index < lower || index > upper) {
      throw c.raise(Fault.BR);
    }
  }
}
