package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.isa.asm.Assembly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The built-in guest, from source to its last line: what it prints is what it prints on QEMU (lines of one speaker in this order). */
class MiniTest {
  private static Path source() {
    Path at = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(at.resolve("LICENSE"))) {
      at = at.getParent();
    }
    return at.resolve("scripts/guests/mini.asm");
  }

  private final Assembly program = new Assembler(X86.set()).assemble(source());
  private final StringBuilder console = new StringBuilder();

  private Outcome run() {
    Machine m = new Machine(MachineConfig.standard().withMemory(32L << 20).withImage(BootImage.auto("mini", program.bytes(), "")));
    m.console(c -> console.append((char) c));
    return m.run(500_000_000);
  }

  private List<String> said(String speaker) {
    return console.toString().lines().filter(l -> l.startsWith(speaker)).toList();
  }

  @Test
  void twoProcessesRunToTheirEnds() {
    assertEquals(33, run() instanceof Outcome.Exit e ? e.status() : -1, console::toString);
    assertEquals(List.of("primes: isPrime(2) = 1", "primes: isPrime(49) = 0", "primes: isPrime(97) = 1", "primes: isPrime(1001) = 0",
        "primes: isPrime(7919) = 1", "primes: below 1000: 168", "primes: below 2000: 303", "primes: below 3000: 430",
        "primes: below 4000: 550"), said("primes:"));
    assertEquals(java.util.Collections.nCopies(4, "sieve: 3512 primes below 32768, checksum 3990164474"), said("sieve:"));
    assertEquals(8, said("[kernel] sieve: page supplied at 0050").size());
    assertEquals(4, said("[kernel] sieve: divide error, skipped at 0040").size());
    assertEquals(5, said("[kernel] primes: privileged instruction, skipped at 0040").size());
    assertTrue(console.toString().endsWith("ALL DONE\n"), console::toString);
  }

  @Test
  void theTimerPreemptsBothProcesses() {
    run();
    String ticks = said("[kernel] ticks ").getFirst();
    String[] words = ticks.split("[ ,]+");
    assertTrue(Integer.parseInt(words[2]) >= 10 && Integer.parseInt(words[4]) >= 10, ticks);
    assertTrue(said("[kernel] primes: slices").getFirst()
        .contains("system calls 10, divide errors 0, protection faults 5, pages on demand 0"));
    assertTrue(said("[kernel] sieve: slices").getFirst()
        .contains("system calls 5, divide errors 4, protection faults 0, pages on demand 8"));
  }

  @Test
  void theAssemblerKnowsItsSymbolsAndLines() {
    long start = program.symbol("start");
    assertEquals("mini.asm", program.lineAt(start).file());
    assertEquals("mini/paging.inc", program.lineAt(program.symbol("page_map")).file());
    assertEquals(0x400000, program.symbol("primes"));
    assertEquals(0x100000, program.origin());
  }
}
