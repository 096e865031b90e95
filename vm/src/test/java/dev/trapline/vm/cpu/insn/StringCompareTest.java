package dev.trapline.vm.cpu.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.interp.Kernels;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PCMPxSTRx with every immediate. The sums were computed from what an AMD EPYC gave for the same operands. */
class StringCompareTest {
  private static final String[] TEXTS = {"abc", "xxabcabcabxabcab", "azAZ09", "Hello, World 42!", "", "aaaaaaaaaaaaaaaa", "a\0b",
      "\u00e9\u00ff\u0080\u007f", "ab\0\0cd\0\0ab", "\0\0", "-Z\u0090\u00f0", "needle in a hay"};
  private static final int[] LENGTHS = {0, 1, 3, 8, 16, 17, -2, -16, -100, Integer.MIN_VALUE};

  private final Cpu cpu = Kernels.flat32(1 << 20);
  private final Decoder decoder = new Decoder(X86.set());

  /** Runs one comparison of two texts; for the explicit forms the lengths are those numbered {@code i} and {@code j}. */
  private void compare(int opcode, int imm, int i, int j) {
    byte[] code = {0x66, 0x0f, 0x3a, (byte) opcode, (byte) 0xca, (byte) imm};
    Insn in = decoder.decode(ByteSource.of(code, 0), CodeSize.BITS32);
    load(0, "0123456789abcdef");
    load(1, TEXTS[i]);
    load(2, TEXTS[j]);
    cpu.r[Cpu.RAX] = LENGTHS[(i + j) % LENGTHS.length] & 0xffffffffL;
    cpu.r[Cpu.RDX] = LENGTHS[(3 * i + j) % LENGTHS.length] & 0xffffffffL;
    cpu.r[Cpu.RCX] = 0x55;
    ((Shape.Wide) in.row.sem()).f(cpu, in);
  }

  private void load(int register, String text) {
    ByteBuffer b = ByteBuffer.wrap(Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), 16)).order(ByteOrder.LITTLE_ENDIAN);
    Vec.xmm(cpu, register, b.getLong(), b.getLong());
  }

  @ParameterizedTest
  @CsvSource({"0x60, PCMPESTRM", "0x61, PCMPESTRI", "0x62, PCMPISTRM", "0x63, PCMPISTRI"})
  void everyImmediateGivesWhatSiliconGave(String opcode, String name) {
    var sum = new CRC32();
    for (int imm = 0; imm < 256; imm++) {
      for (int i = 0; i < TEXTS.length; i++) {
        for (int j = 0; j < TEXTS.length; j++) {
          compare(Integer.decode(opcode), imm, i, j);
          long flags = cpu.rflags() & Flags.OSZAPC;
          sum.update(ByteBuffer.allocate(32).putLong(cpu.r[Cpu.RCX]).putLong(cpu.xmm[0]).putLong(cpu.xmm[1]).putLong(flags).array());
        }
      }
    }
    assertEquals(switch (name) {
      case "PCMPESTRM" -> "ee111d2";
      case "PCMPESTRI" -> "f9847d96";
      case "PCMPISTRM" -> "a33fdcfe";
      default -> "60a03d62";
    }, Long.toHexString(sum.getValue()));
  }

  @Test
  void implicitLengthFindsTheTerminator() {
    compare(0x63, 0b0001000, 0, 3); // equal each, unsigned bytes, "abc" against a full register
    assertEquals(Flags.SF, cpu.rflags() & (Flags.SF | Flags.ZF));
  }

  @Test
  void equalOrderedFindsASubstring() {
    compare(0x63, 0b0001100, 0, 1);
    assertEquals(2, cpu.r[Cpu.RCX]);
    compare(0x63, 0b1001100, 0, 1);
    assertEquals(14, cpu.r[Cpu.RCX], "the beginning of another one at the end of the register counts");
  }
}
