package dev.trapline.vm.cpu.insn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.interp.Kernels;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.asm.Assembler;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What vector instructions do beyond their arithmetic: exceptions, alignment, the MMX state, masked stores; and examples from
 * standards. Expected values that are not from a document were taken from an AMD EPYC.
 */
class SimdTest {
  private static final int DATA = 0x8000;

  private final Cpu cpu = Kernels.flat32(1 << 20);
  private final Assembler assembler = new Assembler(X86.set());
  private final Decoder decoder = new Decoder(X86.set());

  @BeforeEach
  void enableSse() {
    cpu.cr4 |= 0x600;
    cpu.r[Cpu.RDI] = DATA;
  }

  private void run(String... lines) {
    for (String line : lines) {
      Insn in = decoder.decode(ByteSource.of(assembler.line(line, 0, CodeSize.BITS32), 0), CodeSize.BITS32);
      assertNotNull(in, line);
      switch (in.row.sem()) {
        case Shape.Wide w -> w.f(cpu, in);
        case Shape.VC v -> v.f(cpu);
        default -> throw new IllegalStateException(line);
      }
    }
  }

  private Fault faultOf(String line) {
    return assertThrows(Fault.class, () -> run(line));
  }

  /** Sets a register from 32 hexadecimal digits, most significant first, as manuals print them. */
  private void xmm(int i, String digits) {
    Vec.xmm(cpu, i, Long.parseUnsignedLong(digits, 16, 32, 16), Long.parseUnsignedLong(digits, 0, 16, 16));
  }

  private String xmm(int i) {
    return "%016x%016x".formatted(cpu.xmm[2 * i + 1], cpu.xmm[2 * i]);
  }

  /** Sets a register from bytes in memory order. */
  private void bytes(int i, String digits) {
    byte[] b = HexFormat.of().parseHex(digits);
    cpu.mem.physical().poke(0x9000, b, 0, 16);
    Vec.xmm(cpu, i, cpu.mem.read64(0x9000), cpu.mem.read64(0x9008));
  }

  private String bytes(int i) {
    cpu.mem.write64(0x9000, cpu.xmm[2 * i]);
    cpu.mem.write64(0x9008, cpu.xmm[2 * i + 1]);
    byte[] b = new byte[16];
    cpu.mem.physical().peek(0x9000, b, 0, 16);
    return HexFormat.of().formatHex(b);
  }

  // ---- AES and carry-less multiplication

  @Test
  void encryptsAndDecryptsTheExampleOfFips197() {
    bytes(1, "2b7e151628aed2a6abf7158809cf4f3c");
    bytes(0, "3243f6a8885a308d313198a2e0370734");
    run("pxor xmm0, xmm1");
    int[] rcon = {1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36};
    for (int round = 1; round <= 10; round++) {
      run("aeskeygenassist xmm2, xmm1, " + rcon[round - 1], "pshufd xmm2, xmm2, 0xff");
      // x ^= x << 32 three times is x ^ x << 32 ^ x << 64 ^ x << 96.
      for (int i = 0; i < 3; i++) {
        run("movdqa xmm3, xmm1", "pslldq xmm3, 4", "pxor xmm1, xmm3");
      }
      run("pxor xmm1, xmm2");
      run(round < 10 ? "aesenc xmm0, xmm1" : "aesenclast xmm0, xmm1");
    }
    assertEquals("d014f9a8c9ee2589e13f0cc8b6630ca6", bytes(1), "last round key, FIPS 197 appendix A.1");
    assertEquals("3925841d02dc09fbdc118597196a0b32", bytes(0), "FIPS 197 appendix B");
  }

  @Test
  void anInverseRoundUndoesARound() {
    xmm(0, "00112233445566778899aabbccddeeff");
    xmm(1, "0f0e0d0c0b0a09080706050403020100");
    xmm(4, "00000000000000000000000000000000");
    run("movdqa xmm2, xmm0", "aesenc xmm2, xmm4", "aesimc xmm2, xmm2", "aesdeclast xmm2, xmm4");
    assertEquals(xmm(0), xmm(2));
  }

  @ParameterizedTest
  @CsvSource({"0x00, 1d4d84c85c3440c0929633d5d36f0451", "0x10, 1bd17c8d556ab5a17fa540ac2a281315",
      "0x01, 1a2bf6db3a30862fbabf262df4b7d5c9", "0x11, 1d1e1f2c592e7c45d66ee03e410fd4ed"})
  void theImmediateSelectsTheHalvesOfACarryLessProduct(String imm, String product) {
    xmm(0, "7b5b54657374566563746f725d53475d");
    xmm(1, "48692853686179295b477565726f6e5d");
    run("pclmulqdq xmm0, xmm1, " + imm);
    assertEquals(product, xmm(0));
  }

  // ---- floating-point exceptions

  @Test
  void anUnmaskedExceptionLeavesTheDestinationAndSetsTheStickyFlag() {
    cpu.mxcsr = 0x1f80 & ~0x200;
    xmm(0, "3f8000003f8000003f8000003f800000");
    xmm(1, "40400000000000004040000040400000");
    Fault f = faultOf("divps xmm0, xmm1");
    assertEquals(Fault.XM, f.vector);
    assertEquals("3f8000003f8000003f8000003f800000", xmm(0));
    assertEquals(0x1f80 & ~0x200 | 4, cpu.mxcsr, "ZE, but not PE of the other lanes");
  }

  @Test
  void withoutOsSupportItIsAnInvalidOpcode() {
    cpu.cr4 &= ~0x400;
    cpu.mxcsr = 0x1f80 & ~0x80;
    xmm(0, "00000000000000000000000000000000");
    run("movdqa xmm1, xmm0");
    assertEquals(Fault.UD, faultOf("divsd xmm0, xmm1").vector);
    assertEquals(1, cpu.mxcsr & 0x3f);
  }

  @Test
  void stickyFlagsOfTheTimeBeforeRaiseNothing() {
    cpu.mxcsr = 0x3f;
    xmm(0, "00000000000000003ff0000000000000");
    run("addsd xmm0, xmm0");
    assertEquals("00000000000000004000000000000000", xmm(0));
    assertEquals(0x3f, cpu.mxcsr);
  }

  @Test
  void anUnmaskedExceptionLeavesTheFlagsOfAComparison() {
    cpu.arithmeticFlags(0x8d5);
    cpu.mxcsr = 0x1f00;
    xmm(0, "00000000000000007ff8000000000000");
    assertEquals(Fault.XM, faultOf("comisd xmm0, xmm0").vector);
    assertEquals(0x8d5, cpu.rflags() & 0x8d5);
    run("ucomisd xmm0, xmm0");
    assertEquals(0x45, cpu.rflags() & 0x8d5);
  }

  @Test
  void mxcsrHasReservedBits() {
    cpu.mem.write32(DATA, 0x10000);
    Fault f = faultOf("ldmxcsr [edi]");
    assertEquals(Fault.GP, f.vector);
    assertEquals(0, f.errorCode);
    cpu.mem.write32(DATA, 0xffff);
    run("ldmxcsr [edi]", "stmxcsr [edi+4]");
    assertEquals(0xffff, cpu.mem.read32(DATA + 4));
  }

  @Test
  void conversionsOutOfRangeGiveTheIndefiniteInteger() {
    xmm(1, "7fc00000cf0000014f0000004effffff");
    run("cvttps2dq xmm0, xmm1");
    assertEquals("8000000080000000800000007fffff80", xmm(0));
    assertEquals(1, cpu.mxcsr & 0x3f);
    cpu.mxcsr = 0x1f80;
    xmm(1, "c1e0000000200000c1e0000000100000");
    run("cvtpd2dq xmm0, xmm1");
    assertEquals("00000000000000008000000080000000", xmm(0));
    assertEquals(0x21, cpu.mxcsr & 0x3f);
  }

  @Test
  void minimumAndMaximumReturnTheSecondOperandWhenInDoubt() {
    xmm(0, "7fc000003f8000000000000080000000");
    xmm(1, "3f8000007fc000018000000000000000");
    run("movaps xmm2, xmm0", "minps xmm2, xmm1");
    assertEquals(xmm(1), xmm(2));
    run("movaps xmm2, xmm0", "maxps xmm2, xmm1");
    assertEquals(xmm(1), xmm(2));
    assertEquals(1, cpu.mxcsr & 0x3f);
  }

  @Test
  void roundingTakesTheModeFromTheImmediateAndMayKeepQuiet() {
    xmm(1, "c0200000c0600000402000003f000000");
    run("roundps xmm0, xmm1, 8");
    assertEquals("c0000000c08000004000000000000000", xmm(0));
    assertEquals(0, cpu.mxcsr & 0x3f);
    run("roundps xmm0, xmm1, 1");
    assertEquals("c0400000c08000004000000000000000", xmm(0));
    assertEquals(0x20, cpu.mxcsr & 0x3f);
  }

  @Test
  void dotProductAddsInPairs() {
    // (2^24 + 1) + (1 + 1) in single precision: the pairs matter.
    xmm(0, "3f8000003f8000003f8000004b800000");
    xmm(1, "3f8000003f8000003f8000003f800000");
    run("dpps xmm0, xmm1, 0xf5");
    assertEquals("000000004b800001000000004b800001", xmm(0));
  }

  // ---- memory

  @Test
  void alignmentIsAskedForWhereTheRowSaysSo() {
    for (String line : new String[] {"movaps xmm0, [edi+8]", "paddb xmm0, [edi+1]", "movntdq [edi+4], xmm0", "aesenc xmm0, [edi+8]",
        "addps xmm0, [edi+4]", "movdqa [edi+15], xmm0"}) {
      assertEquals(Fault.GP, faultOf(line).vector, line);
    }
    run("movups xmm0, [edi+1]", "movdqu [edi+3], xmm0", "lddqu xmm0, [edi+5]", "pcmpistri xmm0, [edi+7], 0", "movsd xmm0, [edi+1]",
        "cvtps2pd xmm0, [edi+1]", "pmovsxbw xmm0, [edi+1]");
  }

  /** Two-level tables in page 0x10000 map page 0 to 0xff onto themselves but for page 0xa. */
  private void pagingWithHoleAtPageA() {
    for (int i = 0; i < 256; i++) {
      cpu.mem.write32(0x11000 + 4 * i, i == 0xa ? 0 : (long) i << 12 | 3);
    }
    cpu.mem.write32(0x10000, 0x11003);
    cpu.cr3 = 0x10000;
    cpu.cr0 |= 0x80010000L;
    cpu.registersLoaded();
  }

  @Test
  void aStoreAcrossPagesFaultsBeforeItWrites() {
    cpu.mem.write64(0x9ff8, 0x1122334455667788L);
    pagingWithHoleAtPageA();
    cpu.r[Cpu.RDI] = 0x9ffc;
    xmm(0, "ffffffffffffffffffffffffffffffff");
    Fault f = faultOf("movups [edi], xmm0");
    assertEquals(Fault.PF, f.vector);
    assertEquals(0xa000, f.address);
    assertEquals(2, f.errorCode);
    assertEquals(0x1122334455667788L, cpu.mem.read64(0x9ff8));
    assertEquals(Fault.PF, faultOf("movups xmm1, [edi]").vector);
    assertEquals(0xa000, cpu.fault.address);
    assertEquals("00000000000000000000000000000000", xmm(1));
  }

  @Test
  void narrowOperandsReadOnlyTheirBytes() {
    pagingWithHoleAtPageA();
    cpu.r[Cpu.RDI] = 0x9ffc;
    run("movss xmm0, [edi]", "cvtss2sd xmm0, [edi]", "pmovzxbd xmm0, [edi]", "insertps xmm0, [edi], 0", "pinsrd xmm0, [edi], 1",
        "punpcklbw mm0, [edi]", "pinsrw mm0, [edi+2], 0", "pinsrb xmm0, [edi+3], 0", "pextrb [edi+3], xmm0, 1", "movd [edi], mm0");
    assertEquals(Fault.PF, faultOf("movsd xmm0, [edi]").vector);
    assertEquals(Fault.PF, faultOf("punpckhbw mm0, [edi]").vector);
  }

  @Test
  void maskedStoresTouchSelectedBytesOnly() {
    pagingWithHoleAtPageA();
    cpu.r[Cpu.RDI] = 0x9ff8;
    cpu.mem.write64(0x9ff8, 0);
    xmm(0, "00000000000000008877665544332211");
    xmm(1, "000000000000000080007f00ff000080");
    run("maskmovdqu xmm0, xmm1");
    assertEquals(0x8800000044000011L, cpu.mem.read64(0x9ff8));
    xmm(1, "00000000000000800000000000000080");
    xmm(0, "000000000000009900000000000000aa");
    assertEquals(0xa000, faultOf("maskmovdqu xmm0, xmm1").address);
    assertEquals(0x8800000044000011L, cpu.mem.read64(0x9ff8));
  }

  // ---- MMX state

  @Test
  void mmxInstructionsMarkTheX87RegistersValidAndEmmsEmptiesThem() {
    cpu.x87.initialise();
    cpu.x87.top = 3;
    run("movd eax, mm2");
    assertEquals(0xff, cpu.x87.valid);
    assertEquals(0, cpu.x87.top);
    run("pcmpeqb mm3, mm3");
    assertEquals(-1L, cpu.x87.sig[3]);
    assertEquals(0xffff, cpu.x87.signExp[3]);
    run("emms");
    assertEquals(0, cpu.x87.valid);
  }

  @Test
  void aFaultingMmxStoreLeavesTheX87State() {
    pagingWithHoleAtPageA();
    cpu.r[Cpu.RDI] = 0xa000;
    cpu.x87.initialise();
    cpu.x87.top = 5;
    assertEquals(Fault.PF, faultOf("movq [edi], mm0").vector);
    assertEquals(5, cpu.x87.top);
    assertEquals(0, cpu.x87.valid);
  }

  // ---- odd integers

  @Test
  void slidingSumsOfAbsoluteDifferences() {
    xmm(0, "0f0e0d0c0b0a09080706050403020100");
    xmm(1, "1f1e1d1c1b1a19181716151413121110");
    run("movdqa xmm2, xmm0", "mpsadbw xmm2, xmm1, 0");
    assertEquals("00240028002c003000340038003c0040", xmm(2));
    run("movdqa xmm2, xmm0", "mpsadbw xmm2, xmm1, 7");
    assertEquals("0044004800" + "4c005000540058005c0060", xmm(2));
  }

  @Test
  void approximationsStayWithinTheArchitecturesBound() {
    for (int x = 0x00800000; x < 0x7e000000; x += 0x12345) {
      double value = Float.intBitsToFloat(x);
      assertEquals(1, Float.intBitsToFloat(Approximation.rcp(x)) * value, 1.5 / 4096);
      assertEquals(1, Float.intBitsToFloat(Approximation.rsqrt(x)) * Math.sqrt(value), 1.5 / 4096);
    }
    assertArrayEquals(new int[] {0x7f800000, 0x80000000, 0xffc00000, 0x7fc00001}, new int[] {Approximation.rcp(1),
        Approximation.rcp(0xff800000), Approximation.rsqrt(0xbf800000), Approximation.rsqrt(0x7f800001)});
  }
}
