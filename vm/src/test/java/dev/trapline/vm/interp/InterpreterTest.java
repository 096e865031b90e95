package dev.trapline.vm.interp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.asm.Assembler;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  private static final long ORIGIN = 0x1000;

  private final Cpu cpu = Kernels.flat32(1 << 22);
  private final Interpreter interpreter = new Interpreter(cpu);

  /** Assembles lines one after the other at {@link #ORIGIN} and points RIP there; returns the address of each line. */
  private List<Long> program(String... lines) {
    var out = new ByteArrayOutputStream();
    var addresses = new ArrayList<Long>();
    Assembler assembler = new Assembler(X86.set());
    for (String line : lines) {
      addresses.add(ORIGIN + out.size());
      out.writeBytes(assembler.line(line, ORIGIN + out.size(), CodeSize.BITS32));
    }
    cpu.mem.physical().poke(ORIGIN, out.toByteArray(), 0, out.size());
    cpu.rip = ORIGIN;
    return addresses;
  }

  @Test
  void runsExactlyTheInstructionsAskedForWhereverABlockEnds() {
    program("mov ecx, 5", "add eax, ecx", "lea ebx, [eax+eax]", "dec ecx", "jnz 0x1005", "jmp 0x1000");
    Cpu reference = Kernels.flat32(1 << 22);
    byte[] image = new byte[64];
    cpu.mem.physical().peek(ORIGIN, image, 0, image.length);
    reference.mem.physical().poke(ORIGIN, image, 0, image.length);
    reference.rip = ORIGIN;
    Interpreter whole = new Interpreter(reference);
    for (int steps = 1; steps < 40; steps++) {
      assertEquals(steps, whole.run(steps));
      for (int i = 0; i < steps; i++) {
        assertEquals(1, interpreter.run(1));
      }
      assertEquals(reference.rip, cpu.rip, "after " + cpu.count);
      assertEquals(reference.rflags(), cpu.rflags(), "after " + cpu.count);
      assertEquals(reference.r[Cpu.RAX], cpu.r[Cpu.RAX]);
      assertEquals(reference.r[Cpu.RBX], cpu.r[Cpu.RBX]);
      assertEquals(reference.count, cpu.count);
    }
  }

  @Test
  void aStoreIntoTheRunningBlockTakesEffectAtTheNextInstruction() {
    // The immediate of the second instruction is overwritten by the first (SDM 3A 13.1.3 asks for a branch; P6 and later need none).
    List<Long> at = program("nop", "nop");
    at = program("mov byte [0x1008], 0x42", "mov al, 0x11", "mov bl, al", "jmp 0x1000");
    assertEquals(0x1007, at.get(1));
    interpreter.run(3);
    assertEquals(0x42, cpu.r[Cpu.RBX] & 0xff);
  }

  @Test
  void aStoreThroughAnAliasOrFromOutsideIsSeenToo() {
    program("mov al, 0x11", "jmp 0x1000");
    interpreter.run(4);
    cpu.mem.physical().poke(0x1001, new byte[] {0x55}, 0, 1);
    interpreter.run(2);
    assertEquals(0x55, cpu.r[Cpu.RAX] & 0xff);
  }

  @Test
  void dataBesideCodeCanBeWrittenWithoutLosingTheCode() {
    program("inc dword [0x1800]", "jmp 0x1000");
    interpreter.run(200);
    assertEquals(100, cpu.mem.read32(0x1800));
  }

  @Test
  void flagsAreExactAtEveryInstructionThoughDeadOnesAreNotComputed() {
    program("mov eax, 0x7fffffff", "add eax, 1", "xor ebx, ebx", "sub ebx, 1", "jmp 0x1000");
    interpreter.run(2);
    assertEquals(0x896, cpu.rflags(), "OF SF AF PF after the addition");
    interpreter.run(1);
    assertEquals(0x46, cpu.rflags(), "ZF PF after XOR");
    interpreter.run(1);
    assertEquals(0x97, cpu.rflags(), "CF SF AF PF after the subtraction");
  }

  @Test
  void aDeviceSeesTheExactCountAndEachAccessOnce() {
    var accesses = new ArrayList<Long>();
    cpu.mem.physical().addMmio("counter", 0x400000, 4096, new CountingDevice(accesses, cpu));
    program("mov ecx, 3", "nop", "nop", "mov eax, [0x400000]", "nop", "dec ecx", "jnz 0x1005", "jmp 0x1000");
    interpreter.run(1 + 3 * 6);
    assertEquals(List.of(4L, 10L, 16L), accesses);
  }

  @Test
  void stopsBeforeABreakpointAndPassesOverItWhenRunOn() {
    List<Long> at = program("nop", "inc eax", "nop", "jmp 0x1000");
    interpreter.breakpoints().set(Set.of(at.get(1)), Set.of());
    interpreter.run(100);
    assertTrue(interpreter.atBreakpoint());
    assertEquals(0, cpu.r[Cpu.RAX]);
    assertEquals(at.get(1), cpu.rip);
    interpreter.run(100);
    assertTrue(interpreter.atBreakpoint());
    assertEquals(1, cpu.r[Cpu.RAX]);
    assertEquals(5, cpu.count);
    interpreter.breakpoints().set(Set.of(), Set.of());
    interpreter.run(100);
    assertFalse(interpreter.atBreakpoint());
  }

  @Test
  void aBreakpointOnThePhysicalAddressHoldsToo() {
    List<Long> at = program("nop", "inc eax", "jmp 0x1000");
    interpreter.run(7);
    interpreter.breakpoints().set(Set.of(), Set.of(at.get(2)));
    interpreter.run(100);
    assertTrue(interpreter.atBreakpoint());
    assertEquals(at.get(2), cpu.rip);
  }

  @Test
  void aBreakpointOnARepeatedInstructionStopsOnce() {
    List<Long> at = program("mov ecx, 100000", "mov edi, 0x200000", "rep stosb", "nop", "jmp 0x100c");
    interpreter.breakpoints().set(Set.of(at.get(2)), Set.of());
    interpreter.run(1_000_000);
    assertTrue(interpreter.atBreakpoint());
    interpreter.run(200_000);
    assertFalse(interpreter.atBreakpoint(), "stopped again with " + cpu.r[Cpu.RCX] + " to go");
    assertEquals(0, cpu.r[Cpu.RCX]);
  }

  @Test
  void aDebugExceptionThatHitsItsOwnHandlerStillLetsTimePass() {
    Cpu real = Kernels.real(1 << 20);
    real.mem.physical().poke(4, new byte[] {0, 0x30, 0, 0}, 0, 4); // vector 1 leads to 0000:3000
    real.r[Cpu.RSP] = 0x8000;
    real.idtLimit = 0x3ff;
    real.dr[0] = 0x3000;
    real.dr[7] = 0x401;
    real.rip = 0x3000;
    assertEquals(1000, new Interpreter(real).run(1000));
  }

  @Test
  void twoProcessorsInOneJvmDoNotTouchEachOther() {
    program("inc eax", "jmp 0x1000");
    Cpu other = Kernels.flat32(1 << 22);
    Interpreter second = new Interpreter(other);
    other.mem.physical().poke(ORIGIN, new byte[] {0x48, (byte) 0xeb, (byte) 0xfd}, 0, 3); // dec eax; jmp
    other.rip = ORIGIN;
    for (int i = 0; i < 10; i++) {
      interpreter.run(20);
      second.run(20);
    }
    assertEquals(100, cpu.r[Cpu.RAX]);
    assertEquals(0xffffffffL - 99, other.r[Cpu.RAX]);
  }

  /** Records the instruction count of every read. */
  private record CountingDevice(List<Long> reads, Cpu cpu) implements MmioDevice {
    @Override
    public long load(long offset, int bytes) {
      reads.add(cpu.count);
      return 0;
    }

    @Override
    public void store(long offset, int bytes, long value) {
      throw new IllegalStateException("no store expected");
    }
  }
}
