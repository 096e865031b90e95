package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as a process sees it: arguments in, exit code and two streams out. */
class MainTest {
  @TempDir
  Path folder;
  private final ProgramRun program = new ProgramRun();
  private String out;
  private String err;

  private int run(String... args) {
    int code = program.run(args);
    out = program.out();
    err = program.err();
    return code;
  }

  private String guest() {
    return ShellFixture.guest(folder).toString();
  }

  private String guest(String source) throws IOException {
    return Files.writeString(folder.resolve("own.asm"), "bits 32\norg 0x100000\n" + source).toString();
  }

  @Test
  void batchesRunInOrderAndEndWithZero() {
    assertEquals(0, run("--kernel", guest(), "-e", "si", "r ecx", "-e", "c", "assert dword [counter] == 3"));
    assertTrue(out.contains("exit:0x3 status=7"), out);
    assertEquals("", err);
  }

  @Test
  void aFalseAssertionEndsWithOne() {
    assertEquals(1, run("--kernel", guest(), "-e", "assert 0", "echo not reached"));
    assertEquals("trapline: assertion failed: 0\n", err);
    assertFalse(out.contains("not reached"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"--nope", "boot --nope", "boot --mem 12Q", "--mem 1K -e hash", "boot --timeout x", "-e nonsense",
      "-x /nowhere",
      "boot --kernel /nowhere", "boot --initrd pom.xml", "boot --smp 9", "boot --smp 0", "boot --limit -1", "--kernel / -e r"})
  void wrongUsageEndsWithTwoAndOneLine(String line) {
    assertEquals(2, run((line.contains("--kernel") ? line : line.replaceFirst("^(boot)?", "$1 --kernel " + guest())).trim().split(" +")));
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("trapline: "), err);
  }

  @Test
  void aTripleFaultEndsWithThree() throws IOException {
    String kernel = guest("start: lidt [none]\n int3\nnone: dw 0\n dd 0\n");
    assertEquals(3, run("--kernel", kernel, "-e", "c"));
    assertEquals(3, run("boot", "--kernel", kernel));
    assertEquals(1, err.lines().count(), err);
  }

  @Test
  void haltingForEverEndsWithSix() throws IOException {
    assertEquals(6, run("boot", "--kernel", guest("start: cli\n hlt\n jmp start\n"), "--until", "never"));
    assertEquals("trapline: the guest halted for ever: HLT with interrupts off at 0x100002 <start+0x2>\n", err);
  }

  @ParameterizedTest
  @CsvSource({"0xfe, 0x64, ''", "1, 0x92, ''", "0xfe, 0x64, --screen", "6, 0xcf9, --screen"})
  void aGuestThatResetsTheMachineIsStartedAgain(String value, String port, String option) throws IOException {
    String kernel = guest("start: inc dword [0x8000]\n mov al, 0x31\n cmp dword [0x8000], 3\n je done\n mov al, " + value
        + "\n mov dx, " + port + "\n out dx, al\n jmp $\ndone: out 0xf4, al\n");
    String[] line = ("boot --kernel " + kernel + " --limit 1000000 " + option).trim().split(" ");
    assertEquals(0x63, run(line), err);
    assertEquals(0, run((String.join(" ", line) + " --no-reboot").split(" ")), err);
  }

  @Test
  void limitsEndWithFour() throws IOException {
    String kernel = guest("start: jmp start\n");
    assertEquals(4, run("boot", "--kernel", kernel, "--limit", "1000"));
    assertEquals(4, run("boot", "--kernel", kernel, "--timeout", "0.05"));
    assertEquals(4, run("--kernel", kernel, "-e", "set limit 1000", "c"));
  }

  @Test
  void bootGivesTheGuestsOwnStatusAndStatistics() {
    assertEquals(7, run("boot", "--bare", "--kernel", guest(), "--stats"));
    assertTrue(err.matches("\\d+ instructions, \\d+\\.\\d+ seconds, \\d+\\.\\d MIPS\n"), err);
  }

  @Test
  void bootEndsWhenTheTextAppears() {
    assertEquals(0, run("boot", "--kernel", guest(), "--until", "32"));
  }

  @Test
  void damagedKernelsAreOneLine() throws IOException {
    byte[] elf = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0};
    Path file = Files.write(folder.resolve("cut.elf"), elf);
    assertEquals(2, run("boot", "--kernel", file.toString()));
    assertEquals(1, err.lines().count(), err);
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    assertEquals(2, run("boot", "--kernel", empty.toString()));
    assertTrue(err.contains("is empty"), err);
  }

  @Test
  void theDebugPortGoesToAFile() throws IOException {
    String kernel = guest("start: mov al, 'T'\n out 0xe9, al\n mov al, 10\n out 0xe9, al\n mov al, 3\n out 0xf4, al\n");
    Path file = folder.resolve("e9");
    assertEquals(7, run("boot", "--kernel", kernel, "--debugcon", file.toString()));
    assertEquals("T\n", Files.readString(file));
    assertEquals(7, run("boot", "--kernel", kernel, "--debugcon", "-"));
    assertEquals("T\n", out);
  }

  @Test
  void modulesStandInMemoryOfAMultibootKernel() throws IOException {
    Path module = Files.writeString(folder.resolve("m"), "Z");
    // EBX: information; mods_addr at 24, its first word the module's address.
    String kernel = guest("dd 0x1badb002, 0x10001, -0x1badb002 - 0x10001, 0x100000, 0x100000, 0, 0, 0x100020\n"
        + "start: mov eax, [ebx + 24]\n mov eax, [eax]\n mov al, [eax]\n out 0xf4, al\n");
    assertEquals('Z' << 1 & 0xff | 1, run("boot", "--kernel", kernel, "--module", module + " arg"));
    assertEquals(2, run("boot", "--kernel", kernel, "--module", "/nowhere"));
    assertEquals(2, run("boot", "--kernel", kernel, "--initrd", module.toString()));
  }

  @Test
  void helpIsPrintedOnStandardOutput() {
    assertEquals(0, run("--help"));
    assertTrue(out.contains("Usage: trapline"), out);
    assertEquals(0, run("boot", "--help"));
    assertTrue(out.contains("--until"), out);
  }
}
