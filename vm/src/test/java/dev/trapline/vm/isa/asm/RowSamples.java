package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.Random;

/** Makes instructions of a row out of a seed: every operand size the row has, registers, addresses and numbers at random. */
public final class RowSamples {
  private static final int NONE = Operand.Mem.NONE;
  private static final long[] NUMBERS = {0, 1, 2, 5, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x12345678, 0x7fffffff, -1, -2, -0x80,
      -0x81, -0x8000, -0x80000000L, 0x123456789abcdef0L};
  private final Random random;

  public RowSamples(long seed) {
    this.random = new Random(seed);
  }

  /** One instruction. */
  public Encoder.Request sample(Row row, CodeSize code, int opBits) {
    boolean mode64 = code == CodeSize.BITS64;
    int addrBits = row.enc().addrBits() != 0 ? row.enc().addrBits() : addressSize(row, code);
    int segment = random.nextInt(4) == 0 && usesSegment(row) ? mode64 ? 4 + random.nextInt(2) : random.nextInt(6) : -1;
    boolean memory = random.nextBoolean();
    boolean upper = mode64 && random.nextInt(3) == 0;
    var operands = new ArrayList<Operand>();
    for (OperandSpec spec : row.operands()) {
      operands.add(operand(row, spec, opBits, addrBits, mode64, segment, memory, upper));
    }
    boolean hasMemory = operands.stream().anyMatch(o -> o instanceof Operand.Mem);
    int lock = row.is(Attr.LOCK) && operands.getFirst() instanceof Operand.Mem && random.nextInt(4) == 0 ? Insn.LOCK : 0;
    int rep = row.is(Attr.REP) || row.is(Attr.REPZ) ? random.nextInt(3) == 0 ? Insn.REP : 0 : 0;
    return new Encoder.Request(row, operands, opBits, hasMemory || row.enc().addrBits() != 0 || row.operands().stream().anyMatch(
        o -> o.size().equals("addr")) ? addrBits : code.bits, lock | rep, hasMemory ? segment : -1, code);
  }

  private static boolean usesSegment(Row row) {
    return row.operands().stream().anyMatch(o -> o.place().mayBeMemory() || o.place() == Place.O || o.place() == Place.X);
  }

  private int addressSize(Row row, CodeSize code) {
    if (random.nextInt(3) != 0 || row.operands().isEmpty()) {
      return code.bits;
    }
    return switch (code) {
      case BITS16 -> 32;
      case BITS32 -> 16;
      case BITS64 -> 32;
    };
  }

  private Operand operand(Row row, OperandSpec spec, int opBits, int addrBits, boolean mode64, int segment, boolean memory, boolean upper) {
    int bits = spec.bits(opBits, addrBits, mode64);
    int register = random.nextInt(8) + (upper && random.nextBoolean() ? 8 : 0);
    return switch (spec.place()) {
      case E -> memory ? memory(addrBits, bits, mode64, segment) : gpr(register, bits, mode64 && upper);
      case M -> memory(addrBits, bits, mode64, segment);
      case R, G -> gpr(register, bits, mode64 && upper);
      case Z -> gpr(row.operands().size() == 2 && row.operands().get(1).text().equals("rAX") ? 1 + register % 7 : register, bits,
          mode64 && upper); // exchanging the accumulator with itself is NOP
      case I -> immediate(spec, bits, opBits);
      case J -> relative(spec, opBits);
      case A -> new Operand.Far(random.nextInt(0x10000), random.nextLong() & (opBits == 16 ? 0xffffL : 0xffffffffL), opBits);
      case O -> new Operand.Mem(segment >= 0 ? segment : 3, NONE, NONE, 0,
          random.nextLong() >>> 64 - addrBits & (addrBits == 64 ? Long.MAX_VALUE : -1), addrBits, bits, addrBits / 8);
      case S -> new Operand.Reg(RegFile.SEG, new int[] {0, 2, 3, 4, 5}[random.nextInt(5)]);
      case C -> new Operand.Reg(RegFile.CR, new int[] {0, 2, 3, 4}[random.nextInt(4)]);
      case D -> new Operand.Reg(RegFile.DR, random.nextInt(8));
      case V, U -> new Operand.Reg(RegFile.XMM, register);
      case W -> memory ? memory(addrBits, bits, mode64, segment) : new Operand.Reg(RegFile.XMM, register);
      case P, N -> new Operand.Reg(RegFile.MMX, register & 7);
      case Q -> memory ? memory(addrBits, bits, mode64, segment) : new Operand.Reg(RegFile.MMX, register & 7);
      case X -> new Operand.Mem(segment >= 0 ? segment : 3, 6, NONE, 0, 0, addrBits, bits, 0);
      case Y -> new Operand.Mem(0, 7, NONE, 0, 0, addrBits, bits, 0);
      case FIXED_GPR -> new Operand.Reg(RegFile.gpr(bits), spec.fixed());
      case FIXED_SEG -> new Operand.Reg(RegFile.SEG, spec.fixed());
      case FIXED_ST -> new Operand.Reg(RegFile.ST, 0);
      case ST_I -> new Operand.Reg(RegFile.ST, random.nextInt(8));
      case FIXED_XMM -> new Operand.Reg(RegFile.XMM, 0);
      case ONE -> new Operand.Imm(1, 8, 0);
    };
  }

  /** Registers that go with a REX prefix if the instruction may have one, high bytes if it may not. */
  private Operand gpr(int register, int bits, boolean rex) {
    if (bits == 8 && !rex) {
      int r = register & 7;
      return r < 4 ? new Operand.Reg(RegFile.GPR8, r) : new Operand.Reg(RegFile.GPR8, r & 3);
    }
    return new Operand.Reg(RegFile.gpr(bits), register);
  }

  private Operand immediate(OperandSpec spec, int bits, int opBits) {
    long v = NUMBERS[random.nextInt(NUMBERS.length)];
    return switch (spec.size()) {
      case "b" -> new Operand.Imm(v & 0xff, 8, 1);
      case "w" -> new Operand.Imm(v & 0xffff, 16, 2);
      case "bs" -> new Operand.Imm((byte) v, bits, 1);
      case "z" -> new Operand.Imm(opBits == 16 ? (short) v : (int) v, opBits, Math.min(opBits, 32) / 8);
      default -> new Operand.Imm(opBits == 64 ? v : opBits == 16 ? (short) v : (int) v, opBits, opBits / 8);
    };
  }

  private Operand relative(OperandSpec spec, int opBits) {
    int n = spec.size().equals("b") ? 8 : opBits == 16 ? 16 : 32;
    long v = n == 8 ? (byte) random.nextInt() : n == 16 ? (short) random.nextInt() : random.nextInt();
    return new Operand.Rel(v, opBits);
  }

  private Operand.Mem memory(int addrBits, int bits, boolean mode64, int segment) {
    int shape = random.nextInt(6);
    boolean none = shape == 0;
    long disp = new long[] {0, 8, -8, 0x1234, -0x1234, 0x7f}[random.nextInt(6)];
    if (addrBits == 16) {
      int rm = random.nextInt(8);
      int base = none ? NONE : new int[] {3, 3, 5, 5, 6, 7, 5, 3}[rm];
      int index = none ? NONE : new int[] {6, 7, 6, 7, 16, 16, 16, 16}[rm];
      return new Operand.Mem(seg(segment, base), base, index, 0, disp, 16, bits, Encoder.SHORTEST);
    }
    int registers = mode64 ? 16 : 8;
    if (none) {
      boolean relative = mode64 && random.nextBoolean();
      return new Operand.Mem(seg(segment, NONE), relative ? Operand.Mem.RIP : NONE, NONE, 0, disp, addrBits, bits, Encoder.SHORTEST);
    }
    int base = random.nextInt(registers);
    int index = shape < 3 ? NONE : random.nextInt(registers);
    index = index == 4 ? NONE : index;
    base = shape == 5 && index != NONE ? NONE : base;
    int shift = index == NONE ? 0 : base == NONE ? 2 + random.nextInt(2) : random.nextInt(4);
    return new Operand.Mem(seg(segment, base), base, index, shift, disp, addrBits, bits, Encoder.SHORTEST);
  }

  private static int seg(int segment, int base) {
    return segment >= 0 ? segment : base == 4 || base == 5 ? 2 : 3;
  }
}
