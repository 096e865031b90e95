package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes one instruction: a row and its operands into bytes, the inverse of {@link dev.trapline.vm.isa.Decoder}
 * (SDM 2A chapter 2). Redundant prefixes are not produced. Stateless.
 */
public final class Encoder {
  /** As {@code dispBytes} of a {@link Operand.Mem}: take the shortest displacement that holds the value. */
  public static final int SHORTEST = -1;

  /** The row cannot be encoded with these operands; the message says why in one line. */
  public static final class Impossible extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Impossible(String why) {
      super(why, null, false, false);
    }
  }

  /**
   * What to encode.
   *
   * @param operands as many as the row has, with the files, widths and values the decoder would report
   * @param opBits effective operand size; 0 for the one the operands imply, or else the default of the code size
   * @param addrBits effective address size; 0 for the memory operand's, or else the default of the code size
   * @param prefixes {@link Insn#LOCK}, {@link Insn#REP}, {@link Insn#REPNE}; other bits are derived
   * @param segment segment override to write, 0 to 5, or -1
   */
  public record Request(Row row, List<Operand> operands, int opBits, int addrBits, int prefixes, int segment, CodeSize size) {}

  private Encoder() {}

  /** Encodes a row with operands in their natural sizes, without further prefixes. */
  public static byte[] encode(Row row, CodeSize size, Operand... operands) {
    return encode(new Request(row, List.of(operands), 0, 0, 0, -1, size));
  }

  /** Encodes a decoded instruction anew; the bytes decode to an equal instruction and are never longer. */
  public static byte[] encode(Insn in, CodeSize size) {
    return encode(new Request(in.row, in.operands, in.opBits, in.addrBits, in.prefixes, in.segment, size));
  }

  /** Encodes; throws {@link Impossible}. */
  public static byte[] encode(Request r) {
    return new One(r).encode();
  }

  /**
   * The effective operand size the operands imply for a row, 0 if they say nothing. Looks at the operands whose width follows
   * the operand size.
   */
  static int impliedOpBits(Row row, List<Operand> operands) {
    for (int i = 0; i < operands.size(); i++) {
      int bits = operands.get(i).bits();
      Operand o = operands.get(i);
      int implied = switch (row.operands().get(i).size()) {
        case "v", "bs" -> o instanceof Operand.Rel ? 0 : bits;
        case "z" -> o instanceof Operand.Reg ? bits : 0;
        case "y" -> bits == 64 ? 64 : 0;
        case "p" -> o instanceof Operand.Far ? bits : bits - 16;
        case "a" -> bits / 2;
        default -> 0;
      };
      if (implied != 0) {
        return implied;
      }
    }
    return 0;
  }

  /** Operand sizes a row can have in a code size. */
  public static List<Integer> sizes(Row row, CodeSize code) {
    boolean mode64 = code == CodeSize.BITS64;
    if (row.is(mode64 ? Attr.NO64 : Attr.ONLY64) || row.enc().rexW() == 1 && !mode64
        || row.enc().addrBits() == (mode64 ? 16 : 64)) {
      return List.of();
    }
    int plain = defaultOpBits(row, code);
    var sizes = new ArrayList<Integer>();
    for (int bits : new int[] {16, 32, 64}) {
      boolean wide = bits != 64 || mode64 && row.enc().rexW() != 0;
      boolean narrow = bits == plain || row.enc().rexW() != 1;
      boolean stack = !(mode64 && row.is(Attr.D64) && bits == 32);
      boolean prefix = bits == plain || bits == 64 && !row.is(Attr.D64)
          || row.enc().prefix() != Row.Prefix.NP && row.enc().prefix() != Row.Prefix.P66;
      boolean wanted = row.enc().opBits() == 0 || row.enc().opBits() == bits;
      if (wide && narrow && stack && prefix && wanted) {
        sizes.add(bits);
      }
    }
    return sizes;
  }

  /** One encoding in progress. */
  private static final class One {
    private final Request r;
    private final Row row;
    private final Row.Encoding enc;
    private final boolean mode64;
    private final int opBits;
    private final int addrBits;
    private int rex;
    private boolean rexNeeded;
    private boolean highByte;
    private boolean lock;
    private int reg;
    private int opcode;
    private final ByteArrayOutputStream modrm = new ByteArrayOutputStream(6);
    private final ByteArrayOutputStream tail = new ByteArrayOutputStream(10);

    One(Request r) {
      this.r = r;
      this.row = r.row();
      this.enc = row.enc();
      this.mode64 = r.size() == CodeSize.BITS64;
      this.opcode = enc.opcode();
      this.opBits = chooseOpBits();
      this.addrBits = chooseAddrBits();
      this.lock = (r.prefixes() & Insn.LOCK) != 0;
    }

    private int chooseOpBits() {
      if (r.opBits() != 0) {
        return r.opBits();
      }
      if (enc.opBits() != 0) {
        return enc.opBits();
      }
      int implied = impliedOpBits(row, r.operands());
      return implied != 0 ? implied : defaultOpBits(row, r.size());
    }

    private int chooseAddrBits() {
      if (r.addrBits() != 0) {
        return r.addrBits();
      }
      if (enc.addrBits() != 0) {
        return enc.addrBits();
      }
      for (Operand o : r.operands()) {
        if (o instanceof Operand.Mem m) {
          return m.addrBits();
        }
      }
      return r.size().bits;
    }

    byte[] encode() {
      if (row.is(mode64 ? Attr.NO64 : Attr.ONLY64)) {
        throw new Impossible(row.mnemonic() + " does not exist in " + r.size().bits + "-bit code in this form");
      }
      if (r.operands().size() != row.operands().size()) {
        throw new Impossible(row + ": " + row.operands().size() + " operands expected, not " + r.operands().size());
      }
      operands();
      return assemble();
    }

    private void operands() {
      if (enc.digit() >= 0) {
        reg = enc.digit();
      }
      Operand rm = null;
      for (int i = 0; i < row.operands().size(); i++) {
        OperandSpec spec = row.operands().get(i);
        Operand o = r.operands().get(i);
        if (spec.place().mayBeMemory() || spec.place().registerOnly()) {
          rm = o;
        }
        operand(spec, o);
      }
      if (enc.fixedModrm() >= 0) {
        modrm.write(enc.fixedModrm());
      } else if (enc.modrm()) {
        rm(rm);
      }
    }

    private void operand(OperandSpec spec, Operand o) {
      switch (spec.place()) {
        case G, S, C, D, V, P -> reg(o, spec);
        case Z -> {
          int index = register(o, spec);
          opcode |= index & 7;
          rex |= index >> 3;
        }
        case I -> immediate(spec, o);
        case J -> put(value(o), spec.size().equals("b") ? 1 : opBits == 16 ? 2 : 4);
        case A -> far(o);
        case O -> put(memory(o).disp(), addrBits / 8);
        default -> { } // in ModRM.rm, or fixed by the opcode
      }
    }

    /** ModRM.reg bit 3 goes to REX.R; CR8 outside 64-bit mode is LOCK with CR0 (APM2 3.1.5). */
    private void reg(Operand o, OperandSpec spec) {
      int index = register(o, spec);
      reg = index & 7;
      if (index == 8 && !mode64 && spec.place() == Place.C) {
        lock = true;
      } else if (index >= 8) {
        rex |= 4;
      }
    }

    private int register(Operand o, OperandSpec spec) {
      if (!(o instanceof Operand.Reg register)) {
        throw new Impossible(row + ": operand " + spec.text() + " must be a register");
      }
      if (register.file() == RegFile.GPR8H) {
        highByte = true;
        return register.index() + 4;
      }
      if (register.file() == RegFile.GPR8 && register.index() >= 4) {
        rexNeeded = true;
      }
      return register.index();
    }

    private void rm(Operand o) {
      if (o instanceof Operand.Mem m) {
        if (m.addrBits() == 16) {
          memory16(m);
        } else {
          memory32(m);
        }
        return;
      }
      int index = register(o, row.operands().getFirst());
      rex |= index >> 3;
      modrm.write(0xc0 | reg << 3 | index & 7);
    }

    private Operand.Mem memory(Operand o) {
      if (o instanceof Operand.Mem m) {
        return m;
      }
      throw new Impossible(row + ": memory operand expected");
    }

    private static long value(Operand o) {
      return switch (o) {
        case Operand.Imm i -> i.value();
        case Operand.Rel rel -> rel.value();
        default -> throw new Impossible("a number is expected here");
      };
    }

    private void immediate(OperandSpec spec, Operand o) {
      long v = value(o);
      switch (spec.size()) {
        case "b" -> put(v, 1);
        case "w" -> put(v, 2);
        case "bs" -> signed(v, 1);
        case "z" -> {
          if (opBits == 64) {
            signed(v, 4);
          } else {
            put(v, opBits / 8);
          }
        }
        case "v" -> put(v, opBits / 8);
        default -> throw new IllegalStateException(row + ": immediate of size " + spec.size());
      }
    }

    private void far(Operand o) {
      if (!(o instanceof Operand.Far f)) {
        throw new Impossible(row + ": a far pointer selector:offset is expected");
      }
      put(f.offset(), opBits / 8);
      put(f.selector(), 2);
    }

    /** Writes a value that must fit as a signed or unsigned number of n bytes. */
    private void put(long v, int n) {
      if (n < 8 && (v < -(1L << (8 * n - 1)) || v >= 1L << 8 * n)) {
        throw new Impossible("value " + hex(v) + " does not fit in " + 8 * n + " bits");
      }
      bytes(tail, v, n);
    }

    private void signed(long v, int n) {
      if (v != v << (64 - 8 * n) >> (64 - 8 * n)) {
        throw new Impossible("value " + hex(v) + " does not fit in " + 8 * n + " bits, sign-extended");
      }
      bytes(tail, v, n);
    }

    private static String hex(long v) {
      return v < 0 ? "-0x" + Long.toHexString(-v) : "0x" + Long.toHexString(v);
    }

    private static void bytes(ByteArrayOutputStream out, long v, int n) {
      for (int i = 0; i < n; i++) {
        out.write((int) (v >>> (8 * i)));
      }
    }

    private void memory16(Operand.Mem m) {
      int rm = rm16(m.base(), m.index());
      boolean absolute = m.base() == Operand.Mem.NONE && m.index() == Operand.Mem.NONE;
      long disp = (short) m.disp();
      int n = absolute ? 2 : m.dispBytes();
      if (n == SHORTEST) {
        n = disp == 0 && rm != 6 ? 0 : disp == (byte) disp ? 1 : 2;
      }
      if (n == 0 && rm == 6) {
        n = 1;
      }
      modrm.write((absolute ? 0 : n) << 6 | reg << 3 | rm);
      bytes(modrm, disp, n);
    }

    private static int rm16(int base, int index) {
      int none = Operand.Mem.NONE;
      for (int rm = 0; rm < 8; rm++) {
        if (base == BASE16[rm] && index == INDEX16[rm]) {
          return rm;
        }
      }
      if (base == none && index == none) {
        return 6;
      }
      throw new Impossible("16-bit addresses are made of bx or bp plus si or di");
    }

    private static final int[] BASE16 = {3, 3, 5, 5, 6, 7, 5, 3};
    private static final int[] INDEX16 = {6, 7, 6, 7, 16, 16, 16, 16};

    private void memory32(Operand.Mem m) {
      if (m.index() == 4) {
        throw new Impossible("the stack pointer cannot be an index");
      }
      int base = m.base();
      long disp = m.disp();
      if (m.addrBits() == 32) {
        disp = (int) disp;
      } else if (disp != (int) disp) {
        throw new Impossible("displacement " + hex(disp) + " does not fit in 32 bits");
      }
      if (base == Operand.Mem.RIP) {
        modrm.write(reg << 3 | 5);
        bytes(modrm, disp, 4);
        return;
      }
      boolean noBase = base == Operand.Mem.NONE;
      int n = noBase ? 4 : m.dispBytes();
      if (n == SHORTEST) {
        n = disp == 0 && (base & 7) != 5 ? 0 : disp == (byte) disp ? 1 : 4;
      }
      if (n == 0 && (base & 7) == 5) {
        n = 1;
      }
      boolean sib = m.index() != Operand.Mem.NONE || noBase && mode64 || !noBase && (base & 7) == 4;
      int mod = noBase || n == 0 ? 0 : n == 1 ? 1 : 2;
      modrm.write(mod << 6 | reg << 3 | (sib ? 4 : noBase ? 5 : base & 7));
      if (sib) {
        sib(m, noBase);
      } else if (!noBase) {
        rex |= base >> 3;
      }
      bytes(modrm, disp, n);
    }

    private void sib(Operand.Mem m, boolean noBase) {
      int index = m.index() == Operand.Mem.NONE ? 4 : m.index();
      rex |= (noBase ? 0 : m.base() >> 3) | index >> 3 << 1;
      modrm.write(m.shift() << 6 | (index & 7) << 3 | (noBase ? 5 : m.base() & 7));
    }

    private byte[] assemble() {
      var out = new ByteArrayOutputStream(15);
      boolean p66 = operandSizePrefix();
      if ((r.prefixes() & (Insn.REP | Insn.REPNE)) != 0 && enc.prefix() != Row.Prefix.F2 && enc.prefix() != Row.Prefix.F3) {
        out.write((r.prefixes() & Insn.REP) != 0 ? 0xf3 : 0xf2);
      }
      if (lock) {
        out.write(0xf0);
      }
      if (r.segment() >= 0) {
        out.write(SEGMENT_PREFIX[r.segment()]);
      }
      if (p66 && enc.prefix() != Row.Prefix.P66) {
        out.write(0x66);
      }
      if (addrBits != r.size().bits) {
        if (mode64 && addrBits == 16 || !mode64 && addrBits == 64) {
          throw new Impossible(addrBits + "-bit addresses do not exist in " + r.size().bits + "-bit code");
        }
        out.write(0x67);
      }
      mandatory(out);
      rexByte(out);
      opcodeBytes(out);
      out.writeBytes(modrm.toByteArray());
      out.writeBytes(tail.toByteArray());
      if (out.size() > 15) {
        throw new Impossible("the instruction would be longer than 15 bytes");
      }
      return out.toByteArray();
    }

    private static final int[] SEGMENT_PREFIX = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};

    private boolean operandSizePrefix() {
      if (enc.prefix() == Row.Prefix.P66) {
        if (opBits == 64 && mode64) {
          rex |= 8;
        }
        return true;
      }
      boolean p66 = sizePrefixFor();
      if (p66 && enc.prefix() == Row.Prefix.NP) {
        throw new Impossible(row.mnemonic() + " takes no operand size prefix");
      }
      return p66;
    }

    private boolean sizePrefixFor() {
      if (!mode64) {
        if (opBits == 64) {
          throw new Impossible("64-bit operands need 64-bit code");
        }
        return opBits != r.size().bits;
      }
      if (row.is(Attr.D64)) {
        if (opBits == 32) {
          throw new Impossible(row.mnemonic() + " has no 32-bit form in 64-bit code");
        }
        return opBits == 16;
      }
      if (opBits == 64) {
        rex |= 8;
      }
      return opBits == 16;
    }

    private void mandatory(ByteArrayOutputStream out) {
      if (enc.prefix() == Row.Prefix.P66) {
        out.write(0x66);
      } else if (enc.prefix() == Row.Prefix.F2) {
        out.write(0xf2);
      } else if (enc.prefix() == Row.Prefix.F3) {
        out.write(0xf3);
      }
    }

    private void rexByte(ByteArrayOutputStream out) {
      if (enc.rexW() == 1) {
        rex |= 8;
      }
      if (rex == 0 && !rexNeeded) {
        return;
      }
      if (!mode64) {
        throw new Impossible("registers r8 to r15, xmm8 to xmm15, spl, bpl, sil and dil need 64-bit code");
      }
      if (highByte) {
        throw new Impossible("ah, ch, dh and bh cannot stand in an instruction with a REX prefix");
      }
      if (enc.rexW() == 0 && (rex & 8) != 0) {
        throw new Impossible(row + ": needs REX.W clear");
      }
      out.write(0x40 | rex);
    }

    private void opcodeBytes(ByteArrayOutputStream out) {
      switch (enc.map()) {
        case ONE -> { }
        case ESC_0F -> out.write(0x0f);
        case ESC_0F38 -> {
          out.write(0x0f);
          out.write(0x38);
        }
        case ESC_0F3A -> {
          out.write(0x0f);
          out.write(0x3a);
        }
      }
      out.write(opcode);
    }
  }

  /** The operand size a row has without any prefix that changes it. */
  static int defaultOpBits(Row row, CodeSize size) {
    if (size == CodeSize.BITS64) {
      return row.is(Attr.D64) || row.enc().rexW() == 1 ? 64 : 32;
    }
    return row.enc().prefix() == Row.Prefix.P66 ? 32 : size.bits;
  }
}
