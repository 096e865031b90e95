package dev.trapline.vm.isa.disasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.asm.AsmException;
import dev.trapline.vm.isa.asm.Assembler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares the disassembly of real programs with objdump's, instruction by instruction: at least 99.9% identical, what differs is listed.
 * Instructions of features this processor does not advertise are counted apart: VEX and EVEX prefixes (AVX, BMI), and the short list
 * below. Then takes disassembled lines through the assembler: its bytes must decode to the same instruction.
 *
 * <p>The kernel is the one in /boot or the one the property {@code trapline.vmlinuz} names.
 */
class ObjdumpComparisonTest {
  private static final double WANTED = 0.999;

  /** LZCNT and BMI1 decode as BSR and BSF with a prefix on a processor without them; TSX, PKU and MOVBE do not exist there. */
  private static final Set<String> NOT_ADVERTISED = Set.of("lzcnt", "tzcnt", "movbe", "rdpkru", "wrpkru", "xabort", "xbegin",
      "xend", "xtest");

  private static final int ASSEMBLE_EVERY = Boolean.getBoolean("trapline.full") ? 3 : 29;

  private final Assembler assembler = new Assembler(X86.set());
  private final Disassembler disassembler = new Disassembler(new Decoder(X86.set()));

  /** Running totals of one file. */
  private static final class Totals {
    final Syntax syntax;
    long same;
    long different;
    long vex;
    long notAdvertised;
    long assembled;
    long notAssembled;
    final Map<String, Integer> kinds = new TreeMap<>();
    final Map<String, String> examples = new TreeMap<>();

    Totals(Syntax syntax) {
      this.syntax = syntax;
    }
  }

  @ParameterizedTest
  @CsvSource({"64, INTEL, /lib/x86_64-linux-gnu/libc.so.6", "64, INTEL, /lib/x86_64-linux-gnu/libm.so.6", "32, INTEL, /lib32/libc.so.6",
      "64, ATT, /lib/x86_64-linux-gnu/libc.so.6", "64, ATT, /lib/x86_64-linux-gnu/libm.so.6", "32, ATT, /lib32/libc.so.6"})
  void spellsAsObjdumpDoes(int bits, Syntax syntax, String file) throws IOException, InterruptedException {
    Assumptions.assumeFalse(Objdump.present(file).isEmpty(), file + " is not installed");
    Totals t = compare(Path.of(file), CodeSize.of(bits), syntax);
    print(file + " " + syntax, t);
    assertTrue(t.same >= WANTED * (t.same + t.different), file + ": " + t.kinds);
    assertEquals(0, t.notAssembled, file);
  }

  @Test
  void spellsAKernelAsObjdumpDoes(@TempDir Path folder) throws IOException, InterruptedException {
    Optional<Path> image = KernelPayload.installed();
    Assumptions.assumeTrue(image.isPresent(), "no kernel in /boot and none named by trapline.vmlinuz");
    Path elf = Files.write(folder.resolve("vmlinux"), KernelPayload.unpack(image.get()));
    Totals t = compare(elf, CodeSize.BITS64, Syntax.INTEL);
    print(image.get().toString(), t);
    assertTrue(t.same >= WANTED * (t.same + t.different), image.get() + ": " + t.kinds);
  }

  private Totals compare(Path file, CodeSize size, Syntax syntax) throws IOException, InterruptedException {
    var t = new Totals(syntax);
    Objdump.each(file, syntax, e -> compare(t, size, e));
    return t;
  }

  private void compare(Totals t, CodeSize size, Objdump.Entry e) {
    if (isVex(e.bytes(), size)) {
      t.vex++;
      return;
    }
    if (NOT_ADVERTISED.contains(e.text().split(" ")[0])) {
      t.notAdvertised++;
      return;
    }
    if (e.bytes()[0] == (byte) 0x9b && e.bytes().length > 1) {
      // objdump joins WAIT and a following FNSTCW; they are two instructions.
      byte[] rest = Arrays.copyOfRange(e.bytes(), 1, e.bytes().length);
      compare(t, size, new Objdump.Entry(e.address() + 1, rest, e.text().replaceFirst("f", "fn")));
      return;
    }
    Line ours = disassembler.line(ByteSource.of(e.bytes(), 0), size, e.address(), t.syntax);
    String text = Objdump.normal(ours.text());
    if (text.equals(e.text()) && ours.length() == e.bytes().length) {
      t.same++;
      if (t.syntax == Syntax.INTEL && t.same % ASSEMBLE_EVERY == 0) {
        assemble(t, size, ours);
      }
      return;
    }
    t.different++;
    String kind = e.text().split(" ")[0] + " -> " + text.split(" ")[0];
    t.kinds.merge(kind, 1, Integer::sum);
    t.examples.putIfAbsent(kind, java.util.HexFormat.ofDelimiter(" ").formatHex(e.bytes()) + " | " + e.text() + " | " + text);
  }

  /** C4, C5 (not LES, LDS), 62 (not BOUND) after legacy prefixes. */
  static boolean isVex(byte[] bytes, CodeSize size) {
    int i = 0;
    while (i < bytes.length - 1 && List.of(0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65).contains(bytes[i] & 0xff)) {
      i++;
    }
    int b = bytes[i] & 0xff;
    boolean escape = b == 0xc4 || b == 0xc5 || b == 0x62;
    return escape && (size == CodeSize.BITS64 || i + 1 < bytes.length && (bytes[i + 1] & 0xc0) == 0xc0);
  }

  /** The line through the assembler and back. */
  private void assemble(Totals t, CodeSize size, Line line) {
    String nasm = NasmSyntax.of(line.text());
    String back;
    try {
      byte[] bytes = assembler.line(nasm, line.address(), size);
      back = disassembler.line(ByteSource.of(bytes, 0), size, line.address(), t.syntax).text();
    } catch (AsmException e) {
      back = e.getMessage();
    }
    if (NasmSyntax.essence(back).equals(NasmSyntax.essence(line.text()))) {
      t.assembled++;
    } else if (t.notAssembled++ < 20) {
      t.examples.put("assembled " + t.notAssembled, line.text() + " | " + nasm + " | " + back);
    }
  }

  private static void print(String file, Totals t) {
    System.out.printf("%s: %d instructions identical, %d different (%.4f%%); apart: %d VEX/EVEX, %d other not advertised%n", file, t.same,
        t.different, 100.0 * t.different / Math.max(1, t.same + t.different), t.vex, t.notAdvertised);
    if (t.syntax == Syntax.INTEL) {
      System.out.println("  through the assembler and back: " + t.assembled + " the same, " + t.notAssembled + " not");
    }
    t.examples.forEach((k, v) -> {
      if (k.startsWith("assembled")) {
        System.out.println("  not: " + v);
      }
    });
    t.kinds.forEach((k, n) -> System.out.println("  " + n + " x " + k + ": " + t.examples.get(k)));
  }
}
