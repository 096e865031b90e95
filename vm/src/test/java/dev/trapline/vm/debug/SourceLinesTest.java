package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Line tables made by GNU's assembler and nasm, as binutils' objdump decodes them. */
class SourceLinesTest {
  private static final Pattern OBJDUMP = Pattern.compile("(\\S+)\\s+(\\d+|-)\\s+0x([0-9a-f]+)\\b.*");
  private static final String GNU = """
      .globl _start
      _start:
        mov $3, %ecx
      1:
        call step
        loop 1b

        mov $3, %al
        out %al, $0xf4
        hlt
      .fill 300, 1, 0x90
      step:
        inc %edx
        ret
      .fill 70000, 1, 0x90
      far:
        nop
      """;
  private static final String NASM = """
      global _start
      section .text
      _start:
        mov ecx, 3
      again:
        call step
        loop again
        hlt
      times 300 nop
      step:
        inc edx
        ret
      """;

  @TempDir
  Path folder;

  private String run(String... command) throws IOException, InterruptedException {
    Process p = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String out = new String(p.getInputStream().readAllBytes());
    assertEquals(0, p.waitFor(), String.join(" ", command) + "\n" + out);
    return out;
  }

  private static void needs(String program) {
    boolean there = Arrays.stream(System.getenv("PATH").split(":")).anyMatch(d -> Files.isExecutable(Path.of(d, program)));
    assertTrue(there || !"true".equals(System.getenv("CI")), program + " is missing");
    Assumptions.assumeTrue(there, program + " is missing");
  }

  /** A program at 101000h with lines of some version of DWARF. */
  private Path gnu(int version, int bits) throws IOException, InterruptedException {
    needs("as");
    Files.writeString(folder.resolve("prog.s"), GNU);
    run("as", "--gdwarf-" + version, "--" + bits, "-o", "prog.o", "prog.s");
    run("ld", "-m", bits == 64 ? "elf_x86_64" : "elf_i386", "-Ttext=0x101000", "-o", "prog", "prog.o");
    return folder.resolve("prog");
  }

  /** Compares each row with objdump's; where several rows have one address the last is the one. */
  private void agrees(Path elf) throws IOException, InterruptedException {
    SourceLines lines = DwarfLines.of(Files.readAllBytes(elf));
    var expected = new TreeMap<Long, String>();
    for (String line : run("objdump", "--dwarf=decodedline", elf.toString()).lines().toList()) {
      Matcher m = OBJDUMP.matcher(line);
      if (m.matches()) {
        long address = Long.parseLong(m.group(3), 16);
        boolean end = m.group(2).equals("-");
        expected.compute(address, (a, before) -> end ? before : m.group(1) + ":" + m.group(2));
      }
    }
    assertTrue(expected.size() > 5, "objdump shows no lines");
    expected.forEach((address, text) -> assertEquals(text, lines.text(address), "0x" + Long.toHexString(address)));
    assertNull(lines.text(0x100fff));
    assertNull(lines.text(0x7fffffff));
  }

  @ParameterizedTest
  @CsvSource({"2, 32", "3, 64", "4, 32", "4, 64", "5, 32", "5, 64"})
  void everyVersionIsReadAsObjdumpReadsIt(int version, int bits) throws IOException, InterruptedException {
    agrees(gnu(version, bits));
  }

  @Test
  void nasmsLinesAreRead() throws IOException, InterruptedException {
    needs("nasm");
    needs("ld");
    Files.writeString(folder.resolve("prog.asm"), NASM);
    run("nasm", "-g", "-F", "dwarf", "-f", "elf32", "-o", "prog.o", "prog.asm");
    run("ld", "-m", "elf_i386", "-Ttext=0x101000", "-o", "prog", "prog.o");
    agrees(folder.resolve("prog"));
  }

  @Test
  void compressedSectionsAreUnpacked() throws IOException, InterruptedException {
    gnu(5, 64);
    run("objcopy", "--compress-debug-sections=zlib", "prog", "packed");
    agrees(folder.resolve("packed"));
  }

  @Test
  void aSessionKnowsFilesAndLines() throws IOException, InterruptedException {
    Session session = Sessions.open(MachineConfig.standard().withMemory(4 << 20), Image.file(gnu(5, 32), ""));
    assertEquals("prog.s:3", session.inspect().place().source());
    Address line = Address.parse("prog.s:13", session.names());
    assertEquals(session.symbols().address("step").orElseThrow(), session.inspect().spaces().linear(line));
    session.breakpoints().add(line, Breakpoints.Options.EXEC);
    assertEquals("prog.s:13", assertInstanceOf(Stop.Hit.class, session.resume()).at().source());
    assertEquals(List.of("prog.s:13", "prog.s:14"),
        session.inspect().code(session.inspect().here(), 2).stream().map(l -> l.source()).toList());
    assertEquals("prog.s:5", session.inspect().backtrace(2).get(1).source());
    assertEquals("prog.s:8", session.inspect().code(Address.parse("prog.s:7", session.names()), 1).getFirst().source(),
        "the next line with code");
    assertThrows(BadInput.class, () -> Address.parse("prog.s:999", session.names()));
    assertThrows(BadInput.class, () -> Address.parse("other.s:3", session.names()));
  }

  @Test
  void damageGivesFewerLinesAndNoError() throws IOException, InterruptedException {
    byte[] whole = Files.readAllBytes(gnu(5, 64));
    var random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = Arrays.copyOf(whole, i % 2 == 0 ? whole.length : random.nextInt(64, whole.length));
      for (int n = 0; n < 8; n++) {
        damaged[random.nextInt(4, damaged.length)] = (byte) random.nextInt();
      }
      DwarfLines.of(damaged).text(0x101000);
    }
  }
}
