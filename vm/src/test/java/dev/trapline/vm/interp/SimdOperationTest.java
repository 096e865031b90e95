package dev.trapline.vm.interp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.trapline.vm.cpu.CpuModel;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.asm.Assembler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Vector instructions as the engine runs them: availability, operands in every place, addresses. */
class SimdOperationTest {
  private static final int DATA = 0x8000;
  private static final int EM = 4;
  private static final int TS = 8;
  private static final int NE = 0x20;
  private static final int OSFXSR = 0x200;

  private final Cpu cpu = Kernels.flat32(1 << 20);
  private final OpFactory factory = new OpFactory(new Cpuid(CpuModel.ALONE));
  private final Assembler assembler = new Assembler(X86.set());
  private final Decoder decoder = new Decoder(X86.set());

  @BeforeEach
  void enableSse() {
    cpu.cr4 |= OSFXSR;
    cpu.cr0 &= ~(EM | TS);
    cpu.r[Cpu.RDI] = DATA;
  }

  private void run(String line) {
    run(line, CodeSize.BITS32, cpu.mode);
  }

  private void run64(String line) {
    run(line, CodeSize.BITS64, cpu.mode | Cpu.M_64);
  }

  /** Executes one line standing at 0x1000. */
  private void run(String line, CodeSize size, int mode) {
    Insn in = decoder.decode(ByteSource.of(assembler.line(line, 0x1000, size), 0), size);
    Op op = factory.bind(in, mode, false);
    cpu.base = 0x1000;
    op.next = (short) in.length;
    op.exec(cpu);
  }

  private int vectorOf(String line) {
    return assertThrows(Fault.class, () -> run(line)).vector;
  }

  @Test
  void sseNeedsOsfxsrAndMmxDoesNot() {
    cpu.cr4 &= ~OSFXSR;
    assertEquals(Fault.UD, vectorOf("movups xmm0, [edi]"));
    assertEquals(Fault.UD, vectorOf("movq2dq xmm0, mm0"));
    assertEquals(Fault.UD, vectorOf("ldmxcsr [edi]"));
    assertEquals(Fault.UD, vectorOf("aesenc xmm0, xmm1"));
    run("paddb mm0, mm1");
    run("pshufw mm0, mm1, 0");
    run("pshufb mm0, mm1");
  }

  @Test
  void emulationIsAnInvalidOpcodeAndATaskSwitchADeviceNotAvailable() {
    cpu.cr0 |= EM | TS;
    assertEquals(Fault.UD, vectorOf("movups xmm0, [edi]"));
    assertEquals(Fault.UD, vectorOf("paddb mm0, mm1"));
    assertEquals(Fault.UD, vectorOf("emms"));
    cpu.cr0 &= ~EM;
    assertEquals(Fault.NM, vectorOf("movups xmm0, [edi]"));
    assertEquals(Fault.NM, vectorOf("paddb mm0, mm1"));
    assertEquals(Fault.NM, vectorOf("stmxcsr [edi]"));
  }

  @Test
  void mmxReportsAPendingX87ExceptionAndSseDoesNot() {
    cpu.cr0 |= NE;
    cpu.x87.initialise();
    cpu.x87.statusWord(1);
    cpu.x87.controlWord(0x37e);
    assertEquals(Fault.MF, vectorOf("paddb mm0, mm1"));
    assertEquals(Fault.MF, vectorOf("emms"));
    assertEquals(Fault.MF, vectorOf("cvtps2pi mm0, xmm1"));
    run("paddb xmm0, xmm1");
  }

  @Test
  void theEngineChecksAlignmentToo() {
    cpu.r[Cpu.RDI] = DATA + 8;
    assertEquals(Fault.GP, vectorOf("movaps xmm0, [edi]"));
    assertEquals(Fault.GP, vectorOf("movaps [edi], xmm0"));
    assertEquals(Fault.GP, vectorOf("pshufd xmm0, [edi], 1"));
    run("movups xmm0, [edi]");
    run("movups [edi], xmm0");
  }

  @Test
  void segmentLimitsCoverAllSixteenBytes() {
    cpu.seg[Cpu.DS].limit = DATA + 15;
    cpu.modeChanged();
    run("movups xmm0, [edi]");
    assertEquals(Fault.GP, vectorOf("movups xmm0, [edi+1]"));
    assertEquals(Fault.GP, vectorOf("movups [edi+1], xmm0"));
    run("movq xmm0, [edi+8]");
    assertEquals(Fault.GP, vectorOf("movq xmm0, [edi+9]"));
  }

  @Test
  void upperRegistersAndRipRelativeOperandsIn64BitMode() {
    cpu.mem.write64(0x2000, 0x1111111122222222L);
    cpu.mem.write64(0x2008, 0x3333333344444444L);
    run64("movaps xmm9, [rel 0x2000]");
    run64("paddd xmm9, xmm9");
    run64("movups [rel 0x3000], xmm9");
    assertEquals(0x2222222244444444L, cpu.mem.read64(0x3000));
    assertEquals(0x6666666688888888L, cpu.mem.read64(0x3008));
    run64("paddd mm1, [rel 0x2000]");
    assertEquals(0x1111111122222222L, cpu.x87.sig[1]);
    run64("pextrq r9, xmm9, 1");
    assertEquals(0x6666666688888888L, cpu.r[9]);
    run64("cvtsi2sd xmm15, r9");
    assertEquals((double) 0x6666666688888888L, Double.longBitsToDouble(cpu.xmm[30]));
  }

  @Test
  void resultsForGeneralRegistersClearTheUpperHalf() {
    cpu.r[Cpu.RAX] = -1;
    run64("movd eax, xmm0");
    assertEquals(0, cpu.r[Cpu.RAX]);
    cpu.r[Cpu.RAX] = -1;
    run64("pmovmskb eax, xmm0");
    assertEquals(0, cpu.r[Cpu.RAX]);
    cpu.r[Cpu.RAX] = -1;
    run64("cvttsd2si eax, xmm0");
    assertEquals(0, cpu.r[Cpu.RAX]);
  }

  @Test
  void stringLengthsAre64BitWithRexW() {
    cpu.r[Cpu.RAX] = 0x100000000L;
    cpu.r[Cpu.RDX] = 0x100000000L;
    run64("pcmpestri xmm1, xmm2, 0x18");
    assertEquals(0xc0, (cpu.rflags() & 0xc0), "both lengths are 0 in EAX and EDX");
    Insn in = decoder.decode(ByteSource.of(new byte[] {0x66, 0x48, 0x0f, 0x3a, 0x61, (byte) 0xca, 0x18}, 0), CodeSize.BITS64);
    factory.bind(in, cpu.mode | Cpu.M_64, false).exec(cpu);
    assertEquals(0, cpu.rflags() & 0xc0, "and beyond 16 in RAX and RDX");
  }
}
