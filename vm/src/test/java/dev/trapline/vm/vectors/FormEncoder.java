package dev.trapline.vm.vectors;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.vectors.VectorForm.Fix;
import dev.trapline.vm.vectors.VectorForm.FixKind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One form of a row in the making: the instruction's bytes, and the fixes that make its addresses point into the window. The row's own
 * rules are in {@link RowForms}.
 */
abstract class FormEncoder {
  static final int DATA_WINDOW = 0x110800;
  static final int LOW_WINDOW = 0x8800;
  static final int LANDING = VectorForm.INSN + 0x140;
  private static final long[] IMMEDIATES = {0, 1, -1, 0x7f, 0x80, 3, 0x55, 0x8000, 0x7fffffff, 0x80000000L, 0x12345678,
    0xff, 31, 32, 63, 7};
  private static final Set<String> STRINGS = Set.of("movs", "cmps", "stos", "lods", "scas", "ins", "outs");

  final Row row;
  final Row.Encoding enc;
  final int mode;
  final Random random;

  /** One form in progress. */
  final List<Fix> fixes = new ArrayList<>();
  int size;
  int window;
  int windowBytes;
  /** Offset in the window the memory operand points to. */
  int offset;
  int rex;
  boolean address67;
  int uses;
  int ripAt;
  /** What went into ModRM.reg. */
  int reg;

  FormEncoder(Row row, int mode) {
    this.row = row;
    this.enc = row.enc();
    this.mode = mode;
    this.random = new Random(row.toString().hashCode() * 31L + mode);
  }

  boolean immediate() {
    return row.operands().stream().anyMatch(o -> o.place() == Place.I);
  }

  boolean usesOffset() {
    return row.operands().stream().anyMatch(o -> o.place() == Place.O);
  }

  String stem() {
    String m = row.mnemonic();
    return m.length() > 2 && "bwdq".indexOf(m.charAt(m.length() - 1)) >= 0 && STRINGS.contains(m.substring(0, m.length() - 1))
        ? m.substring(0, m.length() - 1) : m;
  }

  boolean isString() {
    return enc.map() == Row.OpMap.ONE && STRINGS.contains(stem());
  }

  boolean branches() {
    return row.operands().stream().anyMatch(o -> o.place() == Place.J) || enc.opcode() == 0xff && (enc.digit() == 2 || enc.digit() == 4);
  }

  /** Far transfers and pointer loads: REX.W means different things to AMD and Intel, 16-bit offsets lead nowhere. */
  boolean far() {
    return row.operands().stream().anyMatch(o -> o.size().equals("p") || o.place() == Place.A);
  }

  /** XSAVE, XRSTOR. */
  boolean isExtendedState() {
    return row.operands().stream().anyMatch(o -> o.size().equals("xs"));
  }

  // ---- encoding

  byte[] encode(boolean memory, int variant, int prefix) {
    int modrm = -1;
    byte[] address = {};
    reg = enc.digit() >= 0 ? enc.digit() : register(Place.G, Place.V, Place.P, Place.S, Place.C, Place.D);
    if (enc.fixedModrm() >= 0) {
      modrm = enc.fixedModrm();
    } else if (enc.modrm() && memory) {
      address = address(variant, reg);
      modrm = address[0] & 0xff | (reg & 7) << 3;
      address = Arrays.copyOfRange(address, 1, address.length);
    } else if (enc.modrm()) {
      int rm = variant == 2 && enc.digit() < 0 ? reg & 15 : rmRegister();
      if (enc.digit() < 0 && variant == 2 && !rmTakesRex()) {
        rm &= 7;
      }
      rex |= (rm & 8) >> 3;
      modrm = 0xc0 | (reg & 7) << 3 | rm & 7;
    }
    rex |= (reg & 8) >> 1;
    int opcode = enc.opcode();
    if (enc.plusReg()) {
      int r = pickRegister();
      rex |= (r & 8) >> 3;
      opcode |= r & 7;
    }
    if (usesOffset() && variant % 2 == 1) {
      address67 = true;
    }
    if (isString() && variant % 3 == 2) {
      address67 = true;
    }
    return bytes(prefix, opcode, modrm, address, variant);
  }

  byte[] bytes(int prefix, int opcode, int modrm, byte[] address, int variant) {
    var out = new ByteArrayOutputStream();
    if (prefix != 0 && prefix <= 0xf0) {
      out.write(prefix);
    }
    if (enc.addrBits() != 0 && (mode == 64 ? enc.addrBits() == 16 : enc.addrBits() == 64)) {
      return null;
    }
    if (enc.addrBits() != 0) {
      address67 = enc.addrBits() != mode;
    }
    if (address67) {
      out.write(0x67);
    }
    boolean d64 = mode == 64 && row.is(Attr.D64);
    if (size == 16 || enc.prefix() == Row.Prefix.P66) {
      out.write(0x66);
    }
    if (prefix >= 0xf2) {
      out.write(prefix);
    }
    if (enc.prefix() == Row.Prefix.F2 || enc.prefix() == Row.Prefix.F3) {
      out.write(enc.prefix() == Row.Prefix.F2 ? 0xf2 : 0xf3);
    }
    if (size == 64 && !d64 || enc.rexW() == 1) {
      rex |= 8;
    }
    if (mode == 64 && (rex != 0 || byteRegister() && random.nextBoolean())) {
      out.write(0x40 | rex);
    }
    escape(out);
    out.write(opcode);
    if (modrm >= 0) {
      out.write(modrm);
    }
    out.writeBytes(address);
    int ripField = ripAt < 0 ? -1 : out.size() - 4;
    immediates(out, variant);
    byte[] all = out.toByteArray();
    if (ripField >= 0) {
      patch(all, ripField, window + offset - (VectorForm.INSN + all.length));
    }
    return all;
  }

  void escape(ByteArrayOutputStream out) {
    switch (enc.map()) {
      case ONE -> { }
      case ESC_0F -> out.write(0x0f);
      case ESC_0F38 -> out.writeBytes(new byte[] {0x0f, 0x38});
      case ESC_0F3A -> out.writeBytes(new byte[] {0x0f, 0x3a});
    }
  }

  boolean byteRegister() {
    return row.operands().stream().anyMatch(o -> o.size().equals("b")
        && (o.place() == Place.E || o.place() == Place.G || o.place() == Place.Z || o.place() == Place.R));
  }

  int register(Place... places) {
    for (OperandSpec o : row.operands()) {
      if (Arrays.asList(places).contains(o.place())) {
        return switch (o.place()) {
          case P -> random.nextInt(8);
          case S -> new int[] {0, 3, 4, 5, 2, enc.opcode() == 0x8c ? 1 : 2}[random.nextInt(6)];
          case C -> new int[] {0, 2, 3, 4}[random.nextInt(4)];
          case D -> new int[] {0, 1, 2, 3, 6, 7}[random.nextInt(6)];
          default -> pickRegister();
        };
      }
    }
    return 0;
  }

  boolean rmTakesRex() {
    return row.operands().stream().noneMatch(o -> o.place() == Place.Q || o.place() == Place.N || o.place() == Place.ST_I);
  }

  int rmRegister() {
    if (branches()) {
      return 3;
    }
    return rmTakesRex() ? pickRegister() : random.nextInt(8);
  }

  int pickRegister() {
    return random.nextInt(mode == 64 ? 16 : 8);
  }

  private static void patch(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >> 8 * i);
    }
  }

  // ---- addresses: ModRM without its reg field, SIB, displacement

  byte[] address(int variant, int reg) {
    if (row.mnemonic().equals("lea")) {
      return leaAddress(variant);
    }
    int target = window + offset;
    var wide = row.operands().stream().anyMatch(o -> o.place().mayBeMemory() && (o.size().equals("dq") || o.size().equals("fx")
        || o.size().equals("xs")));
    boolean environment = row.operands().stream().anyMatch(o -> o.size().startsWith("e"));
    long skew = environment || wide && variant % 3 != 2 ? 0 : wide ? 15 : 7;
    int[] choices = mode == 64 ? new int[] {0, 1, 2, 3, 4, 1} : new int[] {0, 1, 4, 5, 0, 5};
    return switch (choices[variant % 6]) {
      case 0 -> baseAddress(target, skew, reg);
      case 1 -> indexAddress(target, skew, reg, false);
      case 2 -> ripAddress();
      case 3 -> indexAddress(target, skew, reg, true);
      case 4 -> absoluteAddress(target);
      default -> address16(reg);
    };
  }

  /** A register for an address, different from those the row's own fixes use. */
  int pointerRegister(int... not) {
    int[] candidates = mode == 64 ? new int[] {3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} : new int[] {3, 5, 6, 7};
    while (true) {
      int r = candidates[random.nextInt(candidates.length)];
      if (Arrays.stream(not).noneMatch(n -> n == r)) {
        return r;
      }
    }
  }

  byte[] baseAddress(int target, long skew, int reg) {
    int base = pointerRegister(reg);
    int disp = random.nextInt(256) - 128;
    rex |= base >> 3;
    set(base, target - disp);
    addRandom(base, skew);
    if ((base & 7) == 4) {
      return new byte[] {0x44, 0x24, (byte) disp};
    }
    return new byte[] {(byte) (0x40 | base & 7), (byte) disp};
  }

  byte[] indexAddress(int target, long skew, int reg, boolean address32) {
    int base = pointerRegister(reg);
    int index = pointerRegister(reg, base);
    int scale = random.nextInt(4);
    int disp = random.nextInt(0x2000) - 0x1000;
    int by = random.nextInt(64) - 32;
    rex |= base >> 3 | (index >> 3) << 1;
    long value = target - disp - ((long) by << scale);
    set(index, by);
    set(base, address32 ? value & 0xffffffffL | (long) random.nextInt() << 32 : value);
    addRandom(base, skew);
    address67 = address32;
    byte[] out = {(byte) 0x84, (byte) (scale << 6 | (index & 7) << 3 | base & 7), 0, 0, 0, 0};
    patch(out, 2, disp);
    return out;
  }

  byte[] ripAddress() {
    ripAt = 1;
    return new byte[] {0x05, 0, 0, 0, 0};
  }

  byte[] absoluteAddress(int target) {
    byte[] out = mode == 64 ? new byte[] {0x04, 0x25, 0, 0, 0, 0} : new byte[] {0x05, 0, 0, 0, 0};
    patch(out, out.length - 4, target);
    return out;
  }

  byte[] address16(int reg) {
    window = LOW_WINDOW;
    address67 = true;
    int target = window + offset;
    if (reg == 3 || reg == 6) {
      return new byte[] {0x06, (byte) target, (byte) (target >> 8)};
    }
    int by = random.nextInt(64) - 32;
    int disp = random.nextInt(256) - 128;
    set(6, by & 0xffff | 0x70000);
    set(3, target - by - disp & 0xffff | 0x50000);
    return new byte[] {0x40, (byte) disp};
  }

  byte[] leaAddress(int variant) {
    windowBytes = 0;
    int base = pickRegister();
    int index = pickRegister();
    rex |= base >> 3 | (index >> 3) << 1;
    address67 = variant % 3 == 2;
    if (address67 && mode == 32) {
      rex = 0;
      return new byte[] {(byte) (0x80 | base & 7), (byte) random.nextInt(), (byte) random.nextInt()};
    }
    byte[] out = {(byte) 0x84, (byte) (random.nextInt(4) << 6 | (index & 7) << 3 | base & 7), 0, 0, 0, 0};
    patch(out, 2, random.nextInt());
    return out;
  }

  // ---- immediates

  void immediates(ByteArrayOutputStream out, int variant) {
    for (OperandSpec o : row.operands()) {
      switch (o.place()) {
        case I -> little(out, immediate(o, variant), immediateBytes(o));
        case J -> little(out, distance(o.size().equals("b") ? 60 : 0x600), o.size().equals("b") ? 1 : 4);
        case A -> {
          little(out, LANDING, 4);
          little(out, variant == 1 ? 0x2b : 0x23, 2);
        }
        case O -> little(out, window + offset, (address67 ? mode / 2 : mode) / 8);
        default -> { }
      }
    }
  }

  /** Never into the instruction itself: that would be an endless loop. */
  long distance(int reach) {
    int d = random.nextInt(reach);
    return random.nextBoolean() ? d : -d - 16;
  }

  long immediate(OperandSpec o, int variant) {
    String m = row.mnemonic();
    if (m.equals("int")) {
      return 0x21 + variant;
    }
    if (m.equals("enter")) {
      return o.size().equals("w") ? random.nextInt(40) : new int[] {0, 1, 2, 3, 0, 1}[variant % 6];
    }
    if (m.startsWith("ret")) {
      return random.nextInt(64);
    }
    return random.nextBoolean() ? IMMEDIATES[random.nextInt(IMMEDIATES.length)] : random.nextLong();
  }

  int immediateBytes(OperandSpec o) {
    return switch (o.size()) {
      case "b", "bs" -> 1;
      case "w" -> 2;
      case "z" -> Math.min(size, 32) / 8;
      case "d" -> 4;
      default -> size / 8;
    };
  }

  private static void little(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >> 8 * i));
    }
  }

  // ---- fixes

  void set(int reg, long value) {
    fixes.add(new Fix(FixKind.SET, reg, 0, value));
  }

  void and(int reg, long mask) {
    fixes.add(new Fix(FixKind.AND, reg, 0, mask));
  }

  void addRandom(int reg, long mask) {
    if (mask != 0) {
      fixes.add(new Fix(FixKind.ADD_RANDOM, reg, 0, mask));
    }
  }

  void memory(FixKind kind, int at, long value) {
    fixes.add(new Fix(kind, 0, at, value));
  }

}
