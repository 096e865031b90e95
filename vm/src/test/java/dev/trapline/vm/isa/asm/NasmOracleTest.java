package dev.trapline.vm.isa.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our assembler against NASM itself: the same source gives the same bytes. Skipped, and says so, where nasm is not installed. */
class NasmOracleTest {
  private static final int SAMPLES = Boolean.getBoolean("trapline.full") ? 60 : 2;
  private static final int SLOT = 16;
  private final Decoder decoder = new Decoder(X86.set());
  private final Assembler assembler = new Assembler(X86.set());
  @TempDir
  Path folder;

  /** Samples of a row; 16-bit code must fit into 64 KiB, or its short jumps would wrap. */
  private static int samples(CodeSize code) {
    return code == CodeSize.BITS16 ? Math.min(SAMPLES, 2) : SAMPLES;
  }

  /** Every row that the assembler may choose, as NASM source. */
  @ParameterizedTest
  @EnumSource(CodeSize.class)
  void everyRowAssemblesAsNasmDoes(CodeSize code) throws Exception {
    requireNasm();
    List<String> lines = lines(code);
    var rejected = new TreeSet<Integer>();
    byte[] theirs = slots(lines, code, rejected);
    var wrong = new ArrayList<String>();
    var unknown = new TreeSet<String>();
    rejected.forEach(i -> unknown.add(lines.get(i)));
    byte[] ours = ours(lines, code, rejected, wrong);
    for (int i = 0; i < lines.size(); i++) {
      if (!rejected.contains(i) && !slot(ours, i).equals(slot(theirs, i))) {
        wrong.add(lines.get(i) + ": ours " + slot(ours, i) + ", nasm " + slot(theirs, i));
      }
    }
    // a REX.W that makes no difference: NASM has it where we have not, or the reverse
    wrong.removeIf(w -> w.matches("(pextrb|sldt) r.*|.*invpcid .*"));
    System.out.println("nasm agreement, " + code.bits + "-bit: " + (lines.size() - unknown.size() - wrong.size()) + " lines equal, "
        + wrong.size() + " differ, " + unknown.size() + " unknown to nasm");
    assertTrue(wrong.isEmpty(), wrong.size() + " of " + lines.size() + " lines differ\n"
        + String.join("\n", wrong.subList(0, Math.min(60, wrong.size()))));
    var words = new TreeSet<String>();
    unknown.forEach(l -> words.add(l.replaceFirst("^(lock |rep |a32 )+", "").split(" ")[0]));
    words.removeAll(UNKNOWN_TO_NASM);
    assertEquals(Set.of(), words, () -> "nasm rejects " + unknown.stream().filter(l -> !l.startsWith("bswap")).limit(60).toList());
  }

  /** The corpus of the language and the built-in guest, by the nasm that is here. */
  @Test
  void wholeProgramsAssembleAsNasmDoes() throws Exception {
    requireNasm();
    Path root = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    Path guests = root.resolve("scripts/guests");
    Path corpus = root.resolve("vm/src/test/resources/dev/trapline/vm/isa/asm/features.asm");
    for (Path source : List.of(guests.resolve("mini.asm"), corpus)) {
      assertEquals(null, nasmFile(source));
      byte[] theirs = Files.readAllBytes(folder.resolve("out.bin"));
      byte[] ours = assembler.assemble(source).bytes();
      assertEquals(-1, Arrays.mismatch(ours, theirs), () -> source + " differs at the byte given");
    }
  }

  /**
   * Legal encodings NASM 2.16 has no words for: extension of 16 bits to 16, near branches through 16-bit registers in 64-bit code, BSWAP of
   * 16 bits, REX.W where it changes nothing; SKINIT with its operand written out.
   */
  private static final Set<String> UNKNOWN_TO_NASM = Set.of("bswap", "movsx", "movzx", "movsxd", "call", "jmp", "pextrw", "pinsrb",
      "pinsrw", "pmovmskb", "skinit");

  private static void requireNasm() {
    boolean there = Arrays.stream(System.getenv().getOrDefault("PATH",
        "").split(":")).anyMatch(d -> Files.isExecutable(Path.of(d, "nasm")));
    if (!there) {
      System.out.println("NasmOracleTest: nasm is not installed, so our assembler was not compared with it (apt-get install nasm)");
    }
    assumeTrue(there, "nasm is not installed");
  }

  private List<String> lines(CodeSize code) {
    var lines = new ArrayList<String>();
    for (Row row : X86.set().rows()) {
      var samples = new RowSamples(77 + row.id() * 3L + code.ordinal());
      for (int opBits : row.is(Attr.ALIAS) ? List.<Integer>of() : Encoder.sizes(row, code)) {
        boolean cut = opBits != Encoder.defaultOpBits(row, code) && row.operands().stream().anyMatch(o -> o.place() == Place.J);
        for (int i = 0; i < samples(code) && !cut; i++) { // branches that cut the instruction pointer have no spelling of their own
          byte[] bytes = Encoder.encode(samples.sample(row, code, opBits));
          Insn in = decoder.decode(ByteSource.of(bytes, 0), code);
          lines.add(NasmText.of(in, (long) lines.size() * SLOT));
        }
      }
    }
    return lines;
  }

  /** Our bytes of the same text; lines we reject are blanked and noted. */
  private byte[] ours(List<String> lines, CodeSize code, Set<Integer> rejected, List<String> wrong) {
    try {
      return assembler.assemble(text(lines, code, rejected)).bytes();
    } catch (AsmException e) {
      for (String error : e.errors()) {
        int i = (Integer.parseInt(error.split(":")[1]) - 2) / 2;
        if (rejected.add(i)) {
          wrong.add(lines.get(i) + ": " + error);
        }
      }
      return assembler.assemble(text(lines, code, rejected)).bytes();
    }
  }

  private static String slot(byte[] program, int i) {
    return HexFormat.of().formatHex(program, i * SLOT, (i + 1) * SLOT).replaceAll("(90)+$", "");
  }

  private static String text(List<String> lines, CodeSize code, Set<Integer> without) {
    var text = new StringBuilder("bits " + code.bits + "\n");
    for (int i = 0; i < lines.size(); i++) {
      text.append(without.contains(i) ? "" : lines.get(i)).append("\ntimes ").append((i + 1) * SLOT).append("-($-$$) db 0x90\n");
    }
    return text.toString();
  }

  /** Assembles each line into a slot of its own; lines nasm rejects are noted and left out. */
  private byte[] slots(List<String> lines, CodeSize code, Set<Integer> rejected) throws IOException, InterruptedException {
    for (int round = 0; round < 6; round++) {
      String messages = nasm(text(lines, code, rejected));
      if (messages == null) {
        return Files.readAllBytes(folder.resolve("out.bin"));
      }
      messages.lines().filter(l -> l.contains("error:")).forEach(l -> reject(lines, (Integer.parseInt(l.split(":")[1]) - 2) / 2, rejected));
    }
    throw new IllegalStateException("nasm still reports errors");
  }

  /** NASM takes no size keyword where only one size is possible: such a line gets a second chance without. */
  private static void reject(List<String> lines, int i, Set<Integer> rejected) {
    String plain = lines.get(i).replaceFirst("(byte|word|dword|qword|tword|oword) \\[", "[");
    if (plain.equals(lines.get(i)) || plain.contains("movzx") || plain.contains("movsx")) {
      rejected.add(i);
    } else {
      lines.set(i, plain);
    }
  }

  /** Runs nasm; returns its messages, or null if it succeeded. */
  private String nasm(String text) throws IOException, InterruptedException {
    Path source = folder.resolve("in.asm");
    Files.writeString(source, text);
    return nasmFile(source);
  }

  private String nasmFile(Path source) throws IOException, InterruptedException {
    Process p = new ProcessBuilder("nasm", "-w-all", "-f", "bin", "-I", source.getParent()
        + "/", "-o", folder.resolve("out.bin").toString(), source.toString())
        .redirectErrorStream(true).start();
    String messages = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return p.waitFor() == 0 ? null : messages;
  }
}
