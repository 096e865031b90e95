package dev.trapline.vm.isa;

import java.util.List;

/** Turns bytes into {@link Insn}s. Stateless; safe for use by several threads. */
public final class Decoder {
  /** Longest legal instruction (SDM 2A 2.3.11); one byte more raises #GP(0). */
  public static final int MAX_LENGTH = 15;

  private final InstructionSet set;

  public Decoder(InstructionSet set) {
    this.set = set;
  }

  public InstructionSet set() {
    return set;
  }

  /**
   * Decodes one instruction.
   *
   * @return the instruction, or null if no row matches (#UD)
   * @throws TooLong if it has more than 15 bytes (#GP)
   */
  public Insn decode(ByteSource bytes, CodeSize size) {
    return new Cursor(bytes, size).decode();
  }

  /** More than fifteen bytes. */
  public static final class TooLong extends RuntimeException {
    private static final long serialVersionUID = 1L;
    static final TooLong INSTANCE = new TooLong();

    private TooLong() {
      super("instruction longer than 15 bytes", null, false, false);
    }
  }

  /** One decode in progress. */
  private final class Cursor {
    private final ByteSource bytes;
    private final CodeSize size;
    private final boolean mode64;
    private int pos;
    private int prefixes;
    private int segment = -1;
    private int rex;
    private boolean f3;
    private boolean f2;
    private int opBits;
    private int addrBits;
    private int opcode;
    private Row.OpMap map;
    private int modrm = -1;

    Cursor(ByteSource bytes, CodeSize size) {
      this.bytes = bytes;
      this.size = size;
      this.mode64 = size == CodeSize.BITS64;
    }

    private int next() {
      if (pos >= MAX_LENGTH) {
        throw TooLong.INSTANCE;
      }
      return bytes.at(pos++);
    }

    private int peek() {
      if (pos >= MAX_LENGTH) {
        throw TooLong.INSTANCE;
      }
      return bytes.at(pos);
    }

    Insn decode() {
      prefixes();
      opcode();
      boolean p66 = (prefixes & Insn.OPSIZE) != 0;
      boolean wide = (rex & 8) != 0;
      int plain = mode64 ? wide ? 64 : p66 ? 16 : 32 : size.bits == 32 ^ p66 ? 32 : 16;
      boolean p67 = (prefixes & Insn.ADDRSIZE) != 0;
      addrBits = mode64 ? p67 ? 32 : 64 : size.bits == 32 ^ p67 ? 32 : 16;
      for (Row row : set.candidates(map, opcode)) {
        opBits = operandSize(row, plain);
        if (matches(row)) {
          return finish(row);
        }
      }
      return null;
    }

    private int operandSize(Row row, int plain) {
      if (mode64 && row.is(Attr.D64)) {
        return (prefixes & Insn.OPSIZE) != 0 && (rex & 8) == 0 ? 16 : 64;
      }
      // A mandatory 66 selects the row and does not shorten its general-register operands.
      if (row.enc().prefix() == Row.Prefix.P66 && plain == 16) {
        return row.enc().opBits() == 16 ? 16 : 32;
      }
      return plain;
    }

    private void prefixes() {
      while (true) {
        int b = peek();
        switch (b) {
          case 0x66 -> prefixes |= Insn.OPSIZE;
          case 0x67 -> prefixes |= Insn.ADDRSIZE;
          case 0xf0 -> prefixes |= Insn.LOCK;
          case 0xf2 -> repeat(Insn.REPNE);
          case 0xf3 -> repeat(Insn.REP);
          case 0x26, 0x2e, 0x36, 0x3e -> {
            // In 64-bit mode ES, CS, SS and DS overrides are null prefixes (SDM 2A 2.1.1 and 3.4.2.1 of volume 1).
            if (!mode64) {
              segment = b >> 3 & 3;
            }
          }
          case 0x64, 0x65 -> segment = b & 7;
          default -> {
            if (mode64 && (b & 0xf0) == 0x40) {
              rex = b;
              pos++;
              int after = peek();
              if (isPrefix(after)) {
                rex = 0; // a REX that is not the last prefix is ignored
                continue;
              }
              prefixes |= Insn.REX | ((rex & 8) != 0 ? Insn.REX_W : 0);
            }
            if (segment >= 0) {
              prefixes |= Insn.SEGMENT;
            }
            return;
          }
        }
        pos++;
      }
    }

    private boolean isPrefix(int b) {
      return switch (b) {
        case 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 -> true;
        default -> (b & 0xf0) == 0x40;
      };
    }

    private void repeat(int which) {
      prefixes = prefixes & ~(Insn.REP | Insn.REPNE) | which;
      f3 = which == Insn.REP;
      f2 = which == Insn.REPNE;
    }

    private void opcode() {
      map = Row.OpMap.ONE;
      opcode = next();
      if (opcode == 0x0f) {
        map = Row.OpMap.ESC_0F;
        opcode = next();
        if (opcode == 0x38 || opcode == 0x3a) {
          map = opcode == 0x38 ? Row.OpMap.ESC_0F38 : Row.OpMap.ESC_0F3A;
          opcode = next();
        }
      }
    }

    private boolean matches(Row row) {
      Row.Encoding e = row.enc();
      if (mode64 ? row.is(Attr.NO64) : row.is(Attr.ONLY64)) {
        return false;
      }
      if (e.opBits() != 0 && e.opBits() != opBits || e.addrBits() != 0 && e.addrBits() != addrBits
          || e.rexW() >= 0 && e.rexW() != (rex >> 3 & 1) || e.noRexB() && (rex & 1) != 0) {
        return false;
      }
      boolean p66 = (prefixes & Insn.OPSIZE) != 0;
      boolean prefixOk = switch (e.prefix()) {
        case ANY -> true;
        case NP -> !p66 && !f2 && !f3;
        case P66 -> p66 && !f2 && !f3;
        case F2 -> f2;
        case F3 -> f3;
      };
      return prefixOk && (!e.modrm() || modrmMatches(row, e));
    }

    private boolean modrmMatches(Row row, Row.Encoding e) {
      if (modrm < 0) {
        modrm = peek();
      }
      if (e.fixedModrm() >= 0) {
        return modrm == e.fixedModrm();
      }
      if (e.digit() >= 0 && (modrm >> 3 & 7) != e.digit()) {
        return false;
      }
      return modrm >= 0xc0 ? !row.memoryOnly : !row.registerOnly;
    }

    private Insn finish(Row row) {
      Operand.Mem memory = null;
      if (row.enc().modrm()) {
        pos++;
        if (modrm < 0xc0 && row.mayBeMemory) {
          memory = addrBits == 16 ? memory16() : memory32();
        }
      }
      Operand[] operands = new Operand[row.operands().size()];
      for (int i = 0; i < operands.length; i++) {
        operands[i] = operand(row.operands().get(i), memory);
      }
      return new Insn(row, pos, opBits, addrBits, prefixes, segment, mode64, modrm, List.of(operands));
    }

    private Operand operand(OperandSpec spec, Operand.Mem memory) {
      int bits = spec.bits(opBits, addrBits, mode64);
      int reg = (modrm >> 3 & 7) | (rex & 4) << 1;
      int rm = (modrm & 7) | (rex & 1) << 3;
      return switch (spec.place()) {
        case E, M -> modrm < 0xc0 ? sized(memory, bits) : gpr(rm, bits);
        case R -> gpr(rm, bits);
        case G -> gpr(reg, bits);
        case Z -> gpr(opcode & 7 | (rex & 1) << 3, bits);
        case I -> immediate(spec, bits);
        case J -> relative(spec);
        case A -> {
          long offset = unsigned(opBits / 8);
          yield new Operand.Far((int) unsigned(2), offset, opBits);
        }
        case O -> new Operand.Mem(segment >= 0 ? segment : 3, Operand.Mem.NONE, Operand.Mem.NONE, 0, unsigned(addrBits / 8),
            addrBits, bits, addrBits / 8);
        case S -> new Operand.Reg(RegFile.SEG, modrm >> 3 & 7);
        case C -> new Operand.Reg(RegFile.CR, reg | ((prefixes & Insn.LOCK) != 0 && reg == 0 ? 8 : 0));
        case D -> new Operand.Reg(RegFile.DR, reg);
        case V -> new Operand.Reg(RegFile.XMM, reg);
        case W, U -> modrm < 0xc0 ? sized(memory, bits) : new Operand.Reg(RegFile.XMM, rm);
        case P -> new Operand.Reg(RegFile.MMX, modrm >> 3 & 7);
        case Q, N -> modrm < 0xc0 ? sized(memory, bits) : new Operand.Reg(RegFile.MMX, modrm & 7);
        case X -> new Operand.Mem(segment >= 0 ? segment : 3, 6, Operand.Mem.NONE, 0, 0, addrBits, bits, 0);
        case Y -> new Operand.Mem(0, 7, Operand.Mem.NONE, 0, 0, addrBits, bits, 0);
        case FIXED_GPR -> new Operand.Reg(RegFile.gpr(bits), spec.fixed());
        case FIXED_SEG -> new Operand.Reg(RegFile.SEG, spec.fixed());
        case FIXED_ST -> new Operand.Reg(RegFile.ST, 0);
        case ST_I -> new Operand.Reg(RegFile.ST, modrm & 7);
        case FIXED_XMM -> new Operand.Reg(RegFile.XMM, 0);
        case ONE -> new Operand.Imm(1, 8, 0);
      };
    }

    private Operand gpr(int index, int bits) {
      if (bits == 8 && index >= 4 && index < 8 && (prefixes & Insn.REX) == 0) {
        return new Operand.Reg(RegFile.GPR8H, index - 4);
      }
      return new Operand.Reg(RegFile.gpr(bits), index);
    }

    private Operand.Mem sized(Operand.Mem m, int bits) {
      return new Operand.Mem(m.seg(), m.base(), m.index(), m.shift(), m.disp(), m.addrBits(), bits, m.dispBytes());
    }

    private Operand immediate(OperandSpec spec, int bits) {
      return switch (spec.size()) {
        case "b" -> new Operand.Imm(unsigned(1), 8, 1);
        case "w" -> new Operand.Imm(unsigned(2), 16, 2);
        case "bs" -> new Operand.Imm(signed(1), bits, 1);
        case "z" -> new Operand.Imm(signed(Math.min(opBits, 32) / 8), opBits, Math.min(opBits, 32) / 8);
        case "v" -> new Operand.Imm(signed(opBits / 8), opBits, opBits / 8);
        default -> throw new IllegalStateException("immediate of size " + spec.size());
      };
    }

    private Operand relative(OperandSpec spec) {
      int n = spec.size().equals("b") ? 1 : opBits == 16 ? 2 : 4;
      return new Operand.Rel(signed(n), opBits);
    }

    private long unsigned(int n) {
      long v = 0;
      for (int i = 0; i < n; i++) {
        v |= (long) next() << (8 * i);
      }
      return v;
    }

    private long signed(int n) {
      return n == 0 ? 0 : Flags.sext(unsigned(n), 8 * n);
    }

    private static final int[] BASE16 = {3, 3, 5, 5, 6, 7, 5, 3};
    private static final int[] INDEX16 = {6, 7, 6, 7, 16, 16, 16, 16};

    private Operand.Mem memory16() {
      int mod = modrm >> 6;
      int rm = modrm & 7;
      boolean absolute = mod == 0 && rm == 6;
      int n = absolute || mod == 2 ? 2 : mod;
      int base = absolute ? Operand.Mem.NONE : BASE16[rm];
      long disp = signed(n);
      return new Operand.Mem(segmentFor(base), base, absolute ? Operand.Mem.NONE : INDEX16[rm], 0, disp, 16, 0, n);
    }

    private Operand.Mem memory32() {
      int mod = modrm >> 6;
      int base = modrm & 7;
      int index = Operand.Mem.NONE;
      int shift = 0;
      boolean noBase = false;
      boolean sib = base == 4;
      if (sib) {
        int b = next();
        base = b & 7;
        index = (b >> 3 & 7) | (rex & 2) << 2;
        shift = b >> 6;
        if (index == 4) {
          index = Operand.Mem.NONE;
        }
      }
      int n = mod == 1 ? 1 : mod == 2 ? 4 : 0;
      if (mod == 0 && base == 5) {
        n = 4;
        noBase = true;
      }
      int baseReg = noBase ? !sib && mode64 ? Operand.Mem.RIP : Operand.Mem.NONE : base | (rex & 1) << 3;
      long disp = signed(n);
      return new Operand.Mem(segmentFor(baseReg), baseReg, index, shift, disp, addrBits, 0, n);
    }

    private int segmentFor(int base) {
      if (segment >= 0) {
        return segment;
      }
      return base == 4 || base == 5 ? 2 : 3;
    }
  }
}
