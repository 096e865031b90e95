package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Guest instructions per microsecond (that is, MIPS) of small endless kernels. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class InterpreterBench {
  private static final int STEPS = 1_000_000;

  @Param({"registers", "primes", "sieve", "fib", "memory"})
  private String kernel;

  private Cpu cpu;
  private Interpreter interpreter;

  private static String source(String kernel) {
    return switch (kernel) {
      case "registers" -> """
          a: add eax, ebx
             xor ecx, eax
             sub edx, ecx
             lea esi, [eax+edx*4+8]
             and edi, esi
             inc ebx
             cmp ebx, edi
             jmp a
          """;
      case "primes" -> """
          a: mov edi, 3989
             mov ecx, edi
             mov esi, 2
          n: mov eax, ecx
             cdq
             idiv esi
             test edx, edx
             jz a
             inc esi
             cmp esi, ecx
             jl n
             jmp a
          """;
      case "sieve" -> """
          a: mov ebx, 2
          p: lea ecx, [ebx+ebx]
          m: mov byte [0x100000+ecx], 1
             add ecx, ebx
             cmp ecx, 0x40000
             jb m
             inc ebx
             cmp ebx, 512
             jb p
             jmp a
          """;
      case "fib" -> """
          a: mov esp, 0x80000
             push dword 20
             call f
             jmp a
          f: mov eax, [esp+4]
             cmp eax, 2
             jb d
             dec eax
             push eax
             call f
             add esp, 4
             push eax
             mov eax, [esp+8]
             sub eax, 2
             push eax
             call f
             add esp, 4
             pop ecx
             add eax, ecx
          d: ret
          """;
      default -> """
          a: mov esi, 0x100000
             mov edi, 0x140000
             mov ecx, 0x4000
          l: mov eax, [esi]
             add eax, [edi]
             mov [edi], eax
             add esi, 4
             add edi, 4
             dec ecx
             jnz l
             jmp a
          """;
    };
  }

  @Setup
  public void setUp() {
    cpu = Kernels.flat32(1 << 24);
    byte[] image = new Assembler(X86.set()).assemble("bits 32\norg 0x1000\n" + source(kernel)).bytes();
    cpu.mem.physical().poke(0x1000, image, 0, image.length);
    cpu.rip = 0x1000;
    interpreter = new Interpreter(cpu);
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long run() {
    long done = interpreter.run(STEPS);
    if (cpu.shutdown) {
      throw new IllegalStateException("the kernel faulted");
    }
    return done;
  }
}
