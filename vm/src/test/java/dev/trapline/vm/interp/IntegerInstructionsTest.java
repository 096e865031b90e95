package dev.trapline.vm.interp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.cpu.CpuModel;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The corners of the integer instructions, one at a time in flat 32-bit mode; values from the manuals and from silicon. */
class IntegerInstructionsTest {
  private static final long CODE = 0x1000;
  private static final int NO_FAULT = -1;

  private final Cpu cpu = Kernels.flat32(1 << 22);
  private final Decoder decoder = new Decoder(X86.set());
  private final OpFactory factory = new OpFactory(new Cpuid(CpuModel.ALONE));

  /** Executes the bytes of one instruction; returns the vector of the exception it raises, or -1. */
  private int run(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    CodeSize size = (cpu.mode & Cpu.M_32) != 0 ? CodeSize.BITS32 : CodeSize.BITS16;
    Insn in = decoder.decode(ByteSource.of(bytes, 0), size);
    assertEquals(bytes.length, in.length, hex);
    Op op = factory.bind(in, cpu.mode, false);
    op.next = (short) in.length;
    cpu.base = CODE;
    cpu.rip = CODE + in.length;
    cpu.limit = 1;
    cpu.count++;
    try {
      op.exec(cpu);
      return NO_FAULT;
    } catch (Fault f) {
      return f.vector;
    }
  }

  private void arithmetic(int flags) {
    cpu.arithmeticFlags(flags);
  }

  private int flags() {
    return (int) cpu.rflags() & Flags.OSZAPC;
  }

  // ---- shifts and rotates

  @Test
  void aMaskedCountOfZeroLeavesTheFlagsAlone() {
    for (String shift : new String[] {"D3 C0", "D3 C8", "D3 D0", "D3 D8", "D3 E0", "D3 E8", "D3 F8", "0F A5 C0", "0F AD C0"}) {
      arithmetic(Flags.OSZAPC);
      cpu.r[Cpu.RAX] = 0x80000001L;
      cpu.r[Cpu.RCX] = 32;
      assertEquals(NO_FAULT, run(shift));
      assertEquals(Flags.OSZAPC, flags(), shift);
      assertEquals(0x80000001L, cpu.r[Cpu.RAX], shift);
    }
  }

  @Test
  void aShiftBeyondTheWidthLeavesNothing() {
    cpu.r[Cpu.RAX] = 0xffffff81L;
    assertEquals(NO_FAULT, run("C0 E0 09")); // shl al,9
    assertEquals(0xffffff00L, cpu.r[Cpu.RAX]);
    assertEquals(0, flags() & Flags.CF);
    cpu.r[Cpu.RAX] = 0xffffff81L;
    assertEquals(NO_FAULT, run("C0 E0 08")); // shl al,8: the last bit out is bit 0
    assertEquals(Flags.CF, flags() & Flags.CF);
    cpu.r[Cpu.RAX] = 0x80;
    assertEquals(NO_FAULT, run("C0 F8 1F")); // sar al,31
    assertEquals(0xff, cpu.r[Cpu.RAX]);
  }

  @Test
  void shiftsByOneDefineOverflow() {
    cpu.r[Cpu.RAX] = 0x40000000L;
    run("D1 E0");
    assertEquals(Flags.OF, flags() & (Flags.OF | Flags.CF));
    cpu.r[Cpu.RAX] = 0x80000001L;
    run("D1 E8");
    assertEquals(Flags.OF | Flags.CF, flags() & (Flags.OF | Flags.CF));
    cpu.r[Cpu.RAX] = 0x80000001L;
    run("D1 F8");
    assertEquals(Flags.CF, flags() & (Flags.OF | Flags.CF));
  }

  @Test
  void rotationThroughCarryHasOneBitMore() {
    cpu.r[Cpu.RAX] = 0x35;
    arithmetic(Flags.CF);
    run("C0 D0 09"); // rcl al,9 is the identity
    assertEquals(0x35, cpu.r[Cpu.RAX]);
    assertEquals(Flags.CF, flags() & Flags.CF);
    arithmetic(Flags.CF);
    run("C0 D0 01");
    assertEquals(0x6b, cpu.r[Cpu.RAX]);
    assertEquals(0, flags() & Flags.CF);
    cpu.r[Cpu.RAX] = 0x8001;
    arithmetic(0);
    run("66 C1 D8 11"); // rcr ax,17
    assertEquals(0x8001, cpu.r[Cpu.RAX]);
    run("66 C1 D8 02");
    assertEquals(0xa000, cpu.r[Cpu.RAX]);
  }

  @Test
  void aRotationByTheWidthStillSetsCarry() {
    cpu.r[Cpu.RAX] = 0x81;
    arithmetic(0);
    run("C0 C0 08"); // rol al,8
    assertEquals(0x81, cpu.r[Cpu.RAX]);
    assertEquals(Flags.CF, flags() & Flags.CF);
  }

  // ---- multiplication and division

  @Test
  void divisionRaisesDivideErrorBeforeAnythingChanges() {
    cpu.r[Cpu.RAX] = 0x200;
    cpu.r[Cpu.RBX] = 2;
    assertEquals(Fault.DE, run("F6 F3")); // 512 / 2 does not fit AL
    assertEquals(0x200, cpu.r[Cpu.RAX]);
    cpu.r[Cpu.RBX] = 0;
    assertEquals(Fault.DE, run("F7 F3"));
    cpu.r[Cpu.RAX] = 0x80000000L;
    cpu.r[Cpu.RDX] = 0xffffffffL;
    cpu.r[Cpu.RBX] = 0xffffffffL;
    assertEquals(Fault.DE, run("F7 FB")); // -2^31 / -1
    cpu.r[Cpu.RBX] = 1;
    assertEquals(NO_FAULT, run("F7 FB"));
    assertEquals(0x80000000L, cpu.r[Cpu.RAX]);
    assertEquals(0, cpu.r[Cpu.RDX]);
  }

  @Test
  void signedRemaindersTakeTheSignOfTheDividend() {
    cpu.r[Cpu.RAX] = -7 & 0xffffffffL;
    cpu.r[Cpu.RDX] = 0xffffffffL;
    cpu.r[Cpu.RBX] = 2;
    assertEquals(NO_FAULT, run("F7 FB"));
    assertEquals(-3 & 0xffffffffL, cpu.r[Cpu.RAX]);
    assertEquals(-1 & 0xffffffffL, cpu.r[Cpu.RDX]);
  }

  @Test
  void aamByZeroIsADivideError() {
    assertEquals(Fault.DE, run("D4 00"));
  }

  // ---- bit strings

  @Test
  void aBitOffsetReachesBeyondTheOperandInBothDirections() {
    cpu.mem.write8(0x2000 - 4, 0x80);
    cpu.r[Cpu.RBX] = 0x2000;
    cpu.r[Cpu.RAX] = -25 & 0xffffffffL; // bit 7 of the doubleword before
    assertEquals(NO_FAULT, run("0F A3 03")); // bt [ebx],eax
    assertEquals(Flags.CF, flags() & Flags.CF);
    cpu.r[Cpu.RAX] = 8 * 0x100 + 3;
    assertEquals(NO_FAULT, run("0F AB 03")); // bts [ebx],eax
    assertEquals(8, cpu.mem.read8(0x2100));
    assertEquals(0, flags() & Flags.CF);
    assertEquals(NO_FAULT, run("0F BA 2B 23")); // bts dword [ebx],35: an immediate stays inside
    assertEquals(8, cpu.mem.read8(0x2000));
  }

  @Test
  void scanningZeroKeepsTheDestination() {
    cpu.r[Cpu.RAX] = 0x12345678L;
    cpu.r[Cpu.RBX] = 0;
    run("0F BC C3");
    assertEquals(0x12345678L, cpu.r[Cpu.RAX]);
    assertEquals(Flags.ZF, flags() & Flags.ZF);
    cpu.r[Cpu.RBX] = 0x10;
    run("F3 0F BC C3"); // TZCNT is not advertised: BSF
    assertEquals(4, cpu.r[Cpu.RAX]);
    assertEquals(0, flags() & Flags.ZF);
  }

  // ---- the stack

  @Test
  void pushaPushesTheOldPointerAndPopaSkipsIt() {
    for (int i = 0; i < 8; i++) {
      cpu.r[i] = 0x100 + i;
    }
    cpu.r[Cpu.RSP] = 0x8000;
    assertEquals(NO_FAULT, run("60"));
    assertEquals(0x7fe0, cpu.r[Cpu.RSP]);
    assertEquals(0x8000, cpu.mem.read32(0x7fec));
    cpu.r[Cpu.RDI] = 0;
    assertEquals(NO_FAULT, run("61"));
    assertEquals(0x8000, cpu.r[Cpu.RSP]);
    assertEquals(0x107, cpu.r[Cpu.RDI]);
  }

  @Test
  void popToMemoryUsesTheMovedPointerForItsAddress() {
    cpu.r[Cpu.RSP] = 0x8000;
    cpu.mem.write32(0x8000, 0xdeadbeefL);
    assertEquals(NO_FAULT, run("8F 04 24")); // pop [esp]
    assertEquals(0x8004, cpu.r[Cpu.RSP]);
    assertEquals(0xdeadbeefL, cpu.mem.read32(0x8004));
  }

  @Test
  void enterCopiesTheFramePointersOfEnclosingLevels() {
    cpu.r[Cpu.RSP] = 0x8000;
    cpu.r[Cpu.RBP] = 0x9000;
    cpu.mem.write32(0x8ffc, 0x1111);
    cpu.mem.write32(0x8ff8, 0x2222);
    assertEquals(NO_FAULT, run("C8 20 00 03")); // enter 32,3
    assertEquals(0x7ffc, cpu.r[Cpu.RBP]);
    assertEquals(0x7ffc - 12 - 32, cpu.r[Cpu.RSP]);
    assertEquals(0x9000, cpu.mem.read32(0x7ffc));
    assertEquals(0x1111, cpu.mem.read32(0x7ff8));
    assertEquals(0x2222, cpu.mem.read32(0x7ff4));
    assertEquals(0x7ffc, cpu.mem.read32(0x7ff0));
    assertEquals(NO_FAULT, run("C9"));
    assertEquals(0x8000, cpu.r[Cpu.RSP]);
    assertEquals(0x9000, cpu.r[Cpu.RBP]);
  }

  @Test
  void popfFromUserCodeChangesNeitherIfNorIopl() {
    cpu.r[Cpu.RSP] = 0x8000;
    cpu.mem.write32(0x8000, 0xffffffffL & ~(1L << 8));
    cpu.rflags(Cpu.IF);
    cpu.cpl = 3;
    cpu.modeChanged();
    assertEquals(NO_FAULT, run("9D"));
    assertEquals(Flags.OSZAPC | Cpu.IF | Cpu.DF | Cpu.NT | Cpu.AC | Cpu.ID | 2, cpu.rflags());
    assertEquals(Fault.GP, run("FA"));
  }

  // ---- strings

  @Test
  void stringsGoDownwardsWithDirectionSet() {
    cpu.mem.physical().poke(0x3000, new byte[] {1, 2, 3, 4}, 0, 4);
    cpu.r[Cpu.RSI] = 0x3003;
    cpu.r[Cpu.RDI] = 0x4003;
    cpu.r[Cpu.RCX] = 4;
    cpu.sysFlags |= Cpu.DF;
    assertEquals(NO_FAULT, run("F3 A4"));
    assertEquals(0x04030201L, cpu.mem.read32(0x4000));
    assertEquals(0x2fff, cpu.r[Cpu.RSI]);
    assertEquals(0, cpu.r[Cpu.RCX]);
  }

  @Test
  void anOverlappingCopyUpwardsRepeatsWhatItWrote() {
    for (int distance = 1; distance < 20; distance++) {
      byte[] expected = new byte[400];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (byte) (i * 7 + 1);
      }
      cpu.mem.physical().poke(0x4f80, expected, 0, expected.length);
      for (int i = 0; i < 300; i++) {
        expected[i + distance] = expected[i];
      }
      cpu.r[Cpu.RSI] = 0x4f80; // across a page
      cpu.r[Cpu.RDI] = 0x4f80 + distance;
      cpu.r[Cpu.RCX] = 300;
      long before = cpu.count;
      assertEquals(NO_FAULT, run("F3 A4"));
      byte[] found = new byte[expected.length];
      cpu.mem.physical().peek(0x4f80, found, 0, found.length);
      assertArrayEquals(expected, found, "distance " + distance);
      assertEquals(300, cpu.count - before, "each element counts");
    }
  }

  @Test
  void aRepetitionStopsAtTheCountLimitAndIsRestarted() {
    cpu.r[Cpu.RDI] = 0x4000;
    cpu.r[Cpu.RCX] = 100;
    cpu.countLimit = cpu.count + 30;
    assertEquals(NO_FAULT, run("F3 AB"));
    assertEquals(70, cpu.r[Cpu.RCX]);
    assertEquals(CODE, cpu.rip);
    assertEquals(cpu.countLimit, cpu.count);
    assertEquals(0x4000 + 120, cpu.r[Cpu.RDI]);
  }

  @Test
  void scanningStopsBehindTheElementFound() {
    cpu.mem.physical().poke(0x4000, new byte[] {5, 6, 7, 0, 9}, 0, 5);
    cpu.r[Cpu.RAX] = 0;
    cpu.r[Cpu.RDI] = 0x4000;
    cpu.r[Cpu.RCX] = 0xffffffffL;
    assertEquals(NO_FAULT, run("F2 AE"));
    assertEquals(0x4004, cpu.r[Cpu.RDI]);
    assertEquals(0xfffffffbL, cpu.r[Cpu.RCX]);
    assertEquals(Flags.ZF, flags() & Flags.ZF);
  }

  @Test
  void sixteenBitAddressesWrap() {
    cpu.mem.write8(0xffff, 0x11);
    cpu.mem.write8(0, 0x22);
    cpu.r[Cpu.RSI] = 0xaaaa_ffffL;
    cpu.r[Cpu.RDI] = 0xbbbb_4000L;
    cpu.r[Cpu.RCX] = 0xcccc_0002L;
    assertEquals(NO_FAULT, run("67 F3 A4"));
    assertEquals(0x2211, cpu.mem.read16(0x4000));
    assertEquals(0xaaaa_0001L, cpu.r[Cpu.RSI]);
    assertEquals(0xcccc_0000L, cpu.r[Cpu.RCX]);
    cpu.r[Cpu.RBX] = 0xfff0;
    cpu.r[Cpu.RSI] = 0x20;
    assertEquals(NO_FAULT, run("67 8D 00")); // lea eax,[bx+si]
    assertEquals(0x10, cpu.r[Cpu.RAX]);
  }

  // ---- branches

  @Test
  void aBranchBeyondTheCodeLimitFaultsAtTheBranch() {
    cpu.seg[Cpu.CS].limit = 0x1fff;
    cpu.r[Cpu.RSP] = 0x8000;
    assertEquals(Fault.GP, run("E8 00 20 00 00"));
    assertEquals(0x8000, cpu.r[Cpu.RSP]);
    cpu.mem.write32(0x8000, 0x2000);
    assertEquals(Fault.GP, run("C3"));
    assertEquals(0x8000, cpu.r[Cpu.RSP]);
    assertEquals(NO_FAULT, run("66 E9 00 F0")); // a 16-bit target is cut
    assertEquals(CODE + 4 - 0x1000 & 0xffff, cpu.rip);
  }

  @Test
  void loopCountsInTheAddressSizeRegister() {
    cpu.r[Cpu.RCX] = 0x10001;
    assertEquals(NO_FAULT, run("67 E2 10"));
    assertEquals(0x10000, cpu.r[Cpu.RCX]);
    assertEquals(CODE + 3, cpu.rip);
    assertEquals(NO_FAULT, run("67 E3 10")); // jcxz
    assertEquals(CODE + 3 + 0x10, cpu.rip);
  }

  @Test
  void boundRaisesBrOutsideTheBounds() {
    cpu.mem.write32(0x4000, 0xfffffff0L);
    cpu.mem.write32(0x4004, 0x10);
    cpu.r[Cpu.RBX] = 0x4000;
    cpu.r[Cpu.RAX] = 0xfffffff0L;
    assertEquals(NO_FAULT, run("62 03"));
    cpu.r[Cpu.RAX] = 0x11;
    assertEquals(Fault.BR, run("62 03"));
  }
}
