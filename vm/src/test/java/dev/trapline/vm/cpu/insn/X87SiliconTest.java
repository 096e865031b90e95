package dev.trapline.vm.cpu.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.interp.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * x87 instructions, run by the interpreter, against a recording of a processor ({@code src/test/vectors/fpvectors.c}): status, control
 * and tag word, all registers, memory, RFLAGS, AX. Transcendental results may differ in the last place, and then C1 may too.
 */
class X87SiliconTest {
  private static final int RECORD = 264;
  private static final int IN = 44;
  private static final int OUT = 152;
  private static final int CODE = 0x1000;
  private static final int DATA = 0x2000;
  private static final int FLAGS = 0x8d5;

  private final Cpu cpu = Kernels.flat32(1 << 20);
  private final Interpreter interpreter = new Interpreter(cpu);
  private final Map<String, Integer> lastPlace = new TreeMap<>();

  @Test
  void everyInstructionLeavesTheStateSiliconLeaves() throws IOException {
    byte[] bytes = recording();
    var wrong = new ArrayList<String>();
    int cases = bytes.length / RECORD;
    for (int i = 0; i < cases; i++) {
      ByteBuffer r = ByteBuffer.wrap(bytes, i * RECORD, RECORD).slice().order(ByteOrder.LITTLE_ENDIAN);
      load(r);
      interpreter.run(1);
      String difference = compare(r);
      if (!difference.isEmpty()) {
        wrong.add("case %d, %02x %02x:%s".formatted(i, r.get(0), r.get(1), difference));
      }
    }
    System.out.println("x87: " + cases + " cases; transcendental results one unit in the last place from silicon: " + lastPlace);
    assertTrue(cases >= 6000, cases + " cases only");
    assertEquals(List.of(), wrong.stream().limit(10).toList(), wrong.size() + " of " + cases + " differ");
  }

  private void load(ByteBuffer r) {
    X87 f = cpu.x87;
    f.initialise();
    f.controlWord(r.getInt(IN) & 0xffff);
    f.statusWord(r.getInt(IN + 4) & 0xffff);
    f.tagWord(r.getInt(IN + 8) & 0xffff);
    for (int i = 0; i < 8; i++) {
      f.sig[f.physical(i)] = r.getLong(IN + 28 + 10 * i);
      f.signExp[f.physical(i)] = r.getShort(IN + 36 + 10 * i) & 0xffff;
    }
    cpu.arithmeticFlags(r.getInt(4));
    cpu.r[Cpu.RAX] = 0x12345678;
    cpu.r[Cpu.RDI] = DATA;
    cpu.mem.write64(DATA, r.getLong(12));
    cpu.mem.write64(DATA + 8, r.getLong(20));
    // One place for each instruction, so that blocks stay valid.
    int at = CODE + 4 * ((r.get(0) & 0xf) << 8 | r.get(1) & 0xff);
    for (int i = 0; i < 2; i++) {
      if (cpu.mem.read8(at + i) != (r.get(i) & 0xff)) {
        cpu.mem.write8(at + i, r.get(i));
      }
    }
    cpu.rip = at;
  }

  private String compare(ByteBuffer r) {
    boolean transcendental = r.get(2) == 'T';
    var difference = new StringBuilder();
    note(difference, "fault", 0, cpu.shutdown ? 1 : 0);
    note(difference, "control", r.getInt(OUT) & 0xffff, cpu.x87.controlWord());
    int ignored = transcendental ? X87.C1 : 0;
    note(difference, "status", r.getInt(OUT + 4) & 0xffff & ~ignored, cpu.x87.statusWord() & ~ignored);
    note(difference, "tags", r.getInt(OUT + 8) & 0xffff, cpu.x87.tagWord());
    for (int i = 0; i < 8; i++) {
      register(difference, r, i, transcendental);
    }
    note(difference, "memory", r.getLong(28), cpu.mem.read64(DATA));
    note(difference, "memory", r.getLong(36), cpu.mem.read64(DATA + 8));
    note(difference, "flags", r.getInt(8) & FLAGS, cpu.rflags() & FLAGS);
    note(difference, "eax", r.getInt(260), (int) cpu.r[Cpu.RAX]);
    return difference.toString();
  }

  private void register(StringBuilder difference, ByteBuffer r, int i, boolean transcendental) {
    int p = cpu.x87.physical(i);
    long sig = r.getLong(OUT + 28 + 10 * i);
    int signExp = r.getShort(OUT + 36 + 10 * i) & 0xffff;
    if (transcendental && cpu.x87.signExp[p] == signExp && Math.abs(cpu.x87.sig[p] - sig) == 1) {
      lastPlace.merge("%02x %02x".formatted(r.get(0), r.get(1)), 1, Integer::sum);
      return;
    }
    note(difference, "st" + i, sig, cpu.x87.sig[p]);
    note(difference, "st" + i + " exponent", signExp, cpu.x87.signExp[p]);
  }

  private static void note(StringBuilder to, String what, long silicon, long here) {
    if (silicon != here) {
      to.append(" %s %x, here %x;".formatted(what, silicon, here));
    }
  }

  private static byte[] recording() throws IOException {
    String file = System.getProperty("trapline.fp.x87");
    if (file != null) {
      return Files.readAllBytes(Path.of(file));
    }
    try (InputStream in = new GZIPInputStream(X87SiliconTest.class.getResourceAsStream("/vectors/fp-x87.gz"))) {
      return in.readAllBytes();
    }
  }
}
