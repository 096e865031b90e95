package dev.trapline.vm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays what a real processor did: registers, flags, memory and exception of every case must agree. Undefined flags are masked by the
 * row, x87 pointers in stored environments are not compared, nothing else is left out.
 */
class SiliconVectorTest {
  private static final int SHOWN = 3;

  private long lastPlace;
  private long transcendental;
  private final Decoder decoder = new Decoder(X86.set());

  /** What went wrong with one row. */
  private static final class Failures {
    int count;
    final List<String> first = new ArrayList<>();
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 32})
  void theInterpreterDoesWhatTheProcessorDid(int mode) {
    VectorFile file = VectorFile.open(mode);
    var machine = new VectorMachine(mode);
    var inputs = new VectorInputs();
    var failed = new LinkedHashMap<String, Failures>();
    var in = new VectorState();
    var expected = new VectorState();
    var actual = new VectorState();
    long cases = 0;
    while (file.more()) {
      VectorForm f = file.form();
      long hash = VectorInputs.hash(f.header());
      Insn insn = decode(f);
      Row row = insn == null ? null : insn.row;
      machine.form(f);
      for (int k = 0; k < f.count(); k++) {
        inputs.draw(f, hash, k, in);
        expected.copyFrom(in);
        file.record(f, expected);
        String wrong = run(machine, f, row, in, expected, actual);
        if (wrong != null) {
          note(failed, f, row, k, in, wrong);
        }
        cases++;
      }
    }
    System.out.println("silicon vectors, " + mode + "-bit: " + cases + " cases; x87 transcendental results different in the last place: "
        + lastPlace + " of " + transcendental);
    assertEquals("", report(failed));
  }

  /**
   * Every row that user mode may execute has its cases: 200, 100 for x87, one for a privileged row, whose only answer here is #GP or #UD.
   * The rest is listed with the reason. After adding rows run VectorPlan's main and vectors.sh.
   */
  @Test
  void everyUserModeRowHasVectors() {
    var cases = new HashMap<Row, Integer>();
    for (int mode : new int[] {64, 32}) {
      VectorFile file = VectorFile.open(mode);
      var skipped = new VectorState();
      while (file.more()) {
        VectorForm f = file.form();
        Insn insn = decode(f);
        if (insn != null) {
          cases.merge(insn.row, f.count(), Integer::sum);
        }
        for (int k = 0; k < f.count(); k++) {
          file.record(f, skipped);
        }
      }
    }
    var missing = new ArrayList<String>();
    for (Row row : X86.set().rows()) {
      int wanted = row.is(Attr.CPL0) || row.is(Attr.IOPL) ? 1 : row.feature() == Feature.X87 ? 100 : 200;
      String reason = VectorPlan.leftOut(row);
      if (reason != null) {
        System.out.println("no vectors: " + row + ": " + reason);
      } else if (cases.getOrDefault(row, 0) < wanted) {
        missing.add(row + ": " + cases.getOrDefault(row, 0));
      }
    }
    System.out.println("silicon vectors: " + cases.size() + " of " + X86.set().rows().size() + " rows");
    assertEquals(List.of(), missing);
  }

  private String run(VectorMachine machine, VectorForm f, Row row, VectorState in, VectorState expected, VectorState actual) {
    try {
      machine.run(f, in, actual);
    } catch (IllegalStateException | ArrayIndexOutOfBoundsException | ClassCastException | NullPointerException | ArithmeticException e) {
      return "threw " + e + " at " + e.getStackTrace()[0];
    }
    transcendental += VectorCompare.isTranscendental(row) ? 1 : 0;
    if (VectorCompare.allowLastPlace(row, expected, actual)) {
      lastPlace++;
    }
    return VectorCompare.differences(f, row, expected, actual);
  }

  private Insn decode(VectorForm f) {
    return decoder.decode(ByteSource.of(java.util.Arrays.copyOf(f.bytes(), 16), 0), CodeSize.of(f.mode()));
  }

  private static void note(Map<String, Failures> failed, VectorForm f, Row row, int k, VectorState in, String wrong) {
    Failures failures = failed.computeIfAbsent(String.valueOf(row), r -> new Failures());
    failures.count++;
    if (failures.first.size() < SHOWN) {
      failures.first.add("  " + f.hex() + " case " + k + ":" + wrong + "\n      in " + inputs(f, in));
    }
  }

  private static String inputs(VectorForm f, VectorState in) {
    var text = new StringBuilder();
    for (int i = 0; i < (f.mode() == 64 ? 16 : 8); i++) {
      text.append(Long.toHexString(in.r[i])).append(' ');
    }
    text.append("flags ").append(Long.toHexString(in.flags));
    if ((f.uses() & VectorForm.VECTOR) != 0) {
      text.append(" mxcsr ").append(Integer.toHexString(in.mxcsr)).append(" xmm");
      for (int i = 0; i < (f.mode() == 64 ? 16 : 8); i++) {
        text.append(String.format(" %x_%x", in.xmm[2 * i + 1], in.xmm[2 * i]));
      }
    }
    if ((f.uses() & (VectorForm.X87 | VectorForm.MMX)) != 0) {
      text.append(String.format(" cw %x sw %x valid %x", in.cw, in.sw, in.valid));
      for (int i = 0; i < 8; i++) {
        text.append(String.format(" %x:%x", in.se[i], in.sig[i]));
      }
    }
    if (f.windowBytes() > 0) {
      text.append(" mem ").append(java.util.HexFormat.of().formatHex(in.memory, 0, Math.min(64, f.windowBytes())));
    }
    return text.toString();
  }

  private static String report(Map<String, Failures> failed) {
    var text = new StringBuilder();
    failed.forEach((row, f) -> text.append(row).append(": ").append(f.count).append(" wrong\n")
        .append(String.join("\n", f.first)).append('\n'));
    return failed.isEmpty() ? "" : failed.size() + " rows differ\n" + text;
  }
}
