package dev.trapline.vm.interp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.CpuModel;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.LinearMemory;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.isa.asm.Encoder;
import dev.trapline.vm.isa.asm.RowSamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every row of the table runs: encoded, decoded, bound to an operation and executed at CPL 0 in each mode it exists in. What a row
 * computes is for the silicon vectors and the scenarios; this test keeps any row from never having run at all.
 */
class RowCoverageTest {
  private static final int MEMORY = 1 << 20;
  private static final int ATTEMPTS = 24;

  /** Rows that raise #UD and nothing else, on this processor: it is what they are for, or their feature is not advertised. */
  private static final Set<String> UNDEFINED = Set.of("ud0", "ud1", "ud2", "rsm", "vmrun", "vmmcall", "vmload", "vmsave", "stgi", "clgi",
      "skinit", "invlpga", "invpcid", "monitor", "mwait");

  private enum Outcome { UNREACHED, UNDEFINED, FAULTED, EXECUTED }

  private final Decoder decoder = new Decoder(X86.set());
  private final OpFactory factory = new OpFactory(new Cpuid(CpuModel.ALONE));

  @Test
  void everyRowIsExecuted() {
    var executed = new ArrayList<Row>();
    var faulted = new ArrayList<Row>();
    var undefined = new TreeSet<String>();
    for (Row row : X86.set().rows()) {
      switch (best(row)) {
        case EXECUTED -> executed.add(row);
        case FAULTED -> faulted.add(row);
        case UNDEFINED, UNREACHED -> undefined.add(row.mnemonic());
      }
    }
    int all = X86.set().rows().size();
    System.out.printf("rows: %d, executed to the end %d, executed up to a fault of their own %d %s, #UD by design %s%n", all, executed.size(),
        faulted.size(), faulted.stream().map(Row::mnemonic).distinct().toList(), undefined);
    undefined.removeAll(UNDEFINED);
    assertEquals(Set.of(), undefined, "rows never executed");
  }

  @Test
  void shapesWithTheSameNumberAreTheSame() {
    var shapes = new HashMap<Long, OpShape>();
    for (Row row : X86.set().rows()) {
      for (CodeSize code : CodeSize.values()) {
        var samples = new RowSamples(row.id());
        for (int opBits : Encoder.sizes(row, code)) {
          for (int i = 0; i < ATTEMPTS; i++) {
            record(samples.sample(row, code, opBits), shapes);
          }
        }
      }
    }
    assertTrue(shapes.size() > X86.set().rows().size(), "only " + shapes.size() + " shapes seen");
  }

  private void record(Encoder.Request request, Map<Long, OpShape> shapes) {
    Insn in = decoder.decode(ByteSource.of(Arrays.copyOf(Encoder.encode(request), 15), 0), request.size());
    if (in != null) {
      int mode = request.size() == CodeSize.BITS64 ? Cpu.M_64 : request.size() == CodeSize.BITS32 ? Cpu.M_32 | Cpu.M_FLAT : Cpu.M_REAL;
      OpShape shape = OpShape.of(in, mode, false);
      OpShape other = shapes.putIfAbsent(OpShape.key(in, mode, false), shape);
      assertTrue(other == null || other.equals(shape), () -> shape + " and " + other);
    }
  }

  private Outcome best(Row row) {
    Outcome best = Outcome.UNREACHED;
    for (CodeSize code : CodeSize.values()) {
      var samples = new RowSamples(row.id());
      for (int opBits : Encoder.sizes(row, code)) {
        for (int i = 0; i < ATTEMPTS && best != Outcome.EXECUTED; i++) {
          Outcome o = attempt(samples.sample(row, code, opBits), i);
          best = o.compareTo(best) > 0 ? o : best;
        }
      }
    }
    return best;
  }

  private Outcome attempt(Encoder.Request request, int seed) {
    byte[] bytes;
    try {
      bytes = Encoder.encode(request);
    } catch (Encoder.Impossible e) {
      return Outcome.UNREACHED;
    }
    Cpu cpu = processor(request.size(), seed);
    Insn in = decoder.decode(ByteSource.of(Arrays.copyOf(bytes, 15), 0), request.size());
    if (in == null || in.row != request.row()) {
      return Outcome.UNREACHED;
    }
    Op op = factory.bind(in, cpu.mode, false);
    op.next = (short) in.length;
    cpu.base = 0x1000;
    cpu.rip = cpu.base + in.length;
    cpu.clockExact = true;
    return execute(op, cpu);
  }

  private static Outcome execute(Op op, Cpu cpu) {
    try {
      op.exec(cpu);
      return Outcome.EXECUTED;
    } catch (Fault f) {
      return f.vector == Fault.UD ? Outcome.UNDEFINED : Outcome.FAULTED;
    } catch (LinearMemory.NeedsExactClock e) {
      throw new IllegalStateException("the clock is exact", e);
    }
  }

  /** A processor with SSE and x87 switched on, registers pointing into memory, and a descriptor table in which much is loadable. */
  private static Cpu processor(CodeSize code, int seed) {
    Cpu cpu = switch (code) {
      case BITS16 -> Kernels.real(MEMORY);
      case BITS32 -> Kernels.flat32(MEMORY);
      case BITS64 -> Kernels.flat64(MEMORY);
    };
    cpu.cr0 &= ~0xcL;
    cpu.cr4 |= 0x50600;
    cpu.modeChanged();
    for (int i = 0; i < 16; i++) {
      cpu.r[i] = seed % 4 == 3 ? i + seed : 0x2000 + 0x40L * i;
    }
    cpu.r[Cpu.RSP] = 0x8000;
    Descriptors.install(cpu);
    return cpu;
  }

  /** GDT and IDT in which selectors 8 to 30h are code, data, TSS, LDT, and every vector has a gate. */
  private static final class Descriptors {
    private static final int GDT = 0x6000;
    private static final List<Long> ENTRIES = List.of(0L, 0x00cf9b000000ffffL, 0x00cf93000000ffffL, 0x00af9b000000ffffL, 0x0000890070000067L, 0L,
        0x0000820071000067L, 0L);

    private Descriptors() {}

    static void install(Cpu cpu) {
      for (int i = 0; i < ENTRIES.size(); i++) {
        cpu.mem.writeSystem(GDT + 8L * i, 8, ENTRIES.get(i));
      }
      cpu.gdtBase = GDT;
      cpu.gdtLimit = 8 * ENTRIES.size() - 1;
    }
  }
}
