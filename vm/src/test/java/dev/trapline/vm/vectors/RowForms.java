package dev.trapline.vm.vectors;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.vectors.VectorForm.Fix;
import dev.trapline.vm.vectors.VectorForm.FixKind;
import dev.trapline.vm.vectors.VectorForm.Kind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The forms of one row in one mode. Draws registers, addresses and immediates from a generator seeded by the row. */
final class RowForms {
  private static final Decoder DECODER = new Decoder(X86.set());
  private static final int DATA_WINDOW = 0x110800;
  private static final int LOW_WINDOW = 0x8800;
  private static final int LANDING = VectorForm.INSN + 0x140;
  private static final long[] IMMEDIATES = {0, 1, -1, 0x7f, 0x80, 3, 0x55, 0x8000, 0x7fffffff, 0x80000000L, 0x12345678, 0xff, 31, 32, 63, 7};
  private static final Set<String> STRINGS = Set.of("movs", "cmps", "stos", "lods", "scas", "ins", "outs");

  private final Row row;
  private final Row.Encoding enc;
  private final int mode;
  private final Random random;
  private final Map<String, VectorForm> forms = new LinkedHashMap<>();

  /** One form in progress. */
  private final List<Fix> fixes = new ArrayList<>();
  private int size;
  private int window;
  private int windowBytes;
  /** Offset in the window the memory operand points to. */
  private int offset;
  private int rex;
  private boolean address67;
  private int uses;
  private int ripAt;
  /** What went into ModRM.reg. */
  private int reg;

  RowForms(Row row, int mode) {
    this.row = row;
    this.enc = row.enc();
    this.mode = mode;
    this.random = new Random(row.toString().hashCode() * 31L + mode);
  }

  List<VectorForm> all() {
    for (int s : sizes()) {
      size = s;
      boolean memory = row.operands().stream().anyMatch(o -> o.place().mayBeMemory());
      boolean register = row.operands().stream().noneMatch(o -> o.place() == Place.M);
      int repeats = immediate() ? 6 : 3;
      for (int i = 0; i < repeats; i++) {
        if (register) {
          add(false, i, 0);
        }
        if (memory) {
          add(true, i, 0);
        }
        if (isString() || usesOffset()) {
          add(false, i + repeats, 0);
        }
      }
      if (memory && row.is(Attr.LOCK)) {
        add(true, 0, 0xf0);
        add(true, 1, 0xf0);
      }
      prefixed();
    }
    size = sizes().getLast();
    ignoredPrefixes();
    if (!privileged()) {
      size = sizes().getFirst();
      add(row.operands().stream().anyMatch(o -> o.place() == Place.M), 0, 0x1f0);
    }
    return List.copyOf(forms.values());
  }

  private void prefixed() {
    if (isString()) {
      for (int i = 0; i < 6; i++) {
        add(false, i, 0xf3);
        add(false, i, 0xf2);
      }
    }
  }

  /** Prefixes that change nothing here: segments (in 32-bit mode CS makes a store fault), and repeats on what does not repeat. */
  private void ignoredPrefixes() {
    if (enc.map() == Row.OpMap.ONE && enc.opcode() == 0xcc) {
      return; // the generator tells INT3 from its own by place
    }
    boolean memory = row.operands().stream().anyMatch(o -> o.place().mayBeMemory());
    boolean register = row.operands().stream().noneMatch(o -> o.place() == Place.M);
    for (int prefix : new int[] {0x26, 0x2e, 0x36, 0x3e}) {
      if (memory) {
        add(true, random.nextInt(6), prefix);
      } else if (!isString()) {
        add(false, 0, prefix);
      }
    }
    // With F3, BSF and BSR are TZCNT and LZCNT on the measured processor, and a repeat turns its LOOPE into LOOPNE and back, which no
    // manual says; vector opcodes have prefixes as part of them.
    boolean plain = enc.prefix() == Row.Prefix.ANY && !isString() && !row.mnemonic().startsWith("loop") && (enc.map() == Row.OpMap.ONE || row.feature() == Feature.BASE
        && enc.map() == Row.OpMap.ESC_0F && enc.opcode() >= 0x80 && enc.opcode() != 0xbc && enc.opcode() != 0xbd);
    for (int prefix : new int[] {0xf2, 0xf3}) {
      if (plain) {
        add(!register, 0, prefix);
      }
    }
  }

  private boolean immediate() {
    return row.operands().stream().anyMatch(o -> o.place() == Place.I);
  }

  private boolean usesOffset() {
    return row.operands().stream().anyMatch(o -> o.place() == Place.O);
  }

  private boolean privileged() {
    return row.is(Attr.CPL0) || row.is(Attr.IOPL) && !VectorPlan.STACK.contains(row.mnemonic()) && !row.mnemonic().startsWith("int");
  }

  private String stem() {
    String m = row.mnemonic();
    return m.length() > 2 && "bwdq".indexOf(m.charAt(m.length() - 1)) >= 0 && STRINGS.contains(m.substring(0, m.length() - 1))
        ? m.substring(0, m.length() - 1) : m;
  }

  private boolean isString() {
    return enc.map() == Row.OpMap.ONE && STRINGS.contains(stem());
  }

  private boolean branches() {
    return row.operands().stream().anyMatch(o -> o.place() == Place.J) || enc.opcode() == 0xff && (enc.digit() == 2 || enc.digit() == 4);
  }

  /** Far transfers and pointer loads: REX.W means different things to AMD and Intel, 16-bit offsets lead nowhere. */
  private boolean far() {
    return row.operands().stream().anyMatch(o -> o.size().equals("p") || o.place() == Place.A);
  }

  // ---- sizes

  private List<Integer> sizes() {
    var sizes = new ArrayList<Integer>();
    boolean depends = enc.opBits() != 0 || row.operands().stream().anyMatch(VectorPlan::followsSize) || row.is(Attr.D64)
        || VectorPlan.STACK.contains(row.mnemonic()) || row.operands().stream().anyMatch(o -> o.text().equals("rAX"));
    for (int s : new int[] {32, 16, 64}) {
      if (sizeExists(s, depends)) {
        sizes.add(s);
      }
    }
    return sizes.isEmpty() ? List.of(mode == 64 && (enc.rexW() == 1 || row.is(Attr.D64)) ? 64 : 32) : sizes;
  }

  private boolean sizeExists(int s, boolean depends) {
    if (s == 64 && mode != 64 || enc.opBits() != 0 && enc.opBits() != s || enc.rexW() >= 0 && (s == 64) != (enc.rexW() == 1)
        || mode == 64 && row.is(Attr.D64) && s == 32) {
      return false;
    }
    if (s == 16 && (enc.prefix() == Row.Prefix.NP || enc.prefix() == Row.Prefix.P66 && enc.opBits() != 16)) {
      return false;
    }
    if (enc.opBits() == 16) {
      return true;
    }
    if ((branches() || row.is(Attr.ENDS) && VectorPlan.STACK.contains(row.mnemonic()) || far()) && s == 16
        || far() && s == 64 && enc.map() == Row.OpMap.ESC_0F | enc.opcode() == 0xff) {
      return false;
    }
    boolean only32And64 = row.operands().stream().anyMatch(o -> o.size().equals("y")) && row.operands().stream().noneMatch(o -> o.size().equals("v"));
    if (only32And64 && s == 16) {
      return false;
    }
    return depends || s == (mode == 64 && row.is(Attr.D64) ? 64 : 32) || s == 64 && enc.rexW() == 1;
  }

  // ---- one form

  private void add(boolean memory, int variant, int prefix) {
    fixes.clear();
    rex = 0;
    address67 = false;
    uses = uses();
    window = DATA_WINDOW;
    windowBytes = memory || isString() || usesOffset() ? 64 : 0;
    offset = isExtendedState() ? 64 : 16;
    ripAt = -1;
    byte[] bytes = encode(memory, variant, prefix & 0xff);
    if (bytes == null || bytes.length > 15 || !decodesToRow(bytes)) {
      return;
    }
    special(memory, variant, prefix & 0xff);
    int count = prefix == 0x1f0 ? 1 : privileged() ? 2 : 0;
    var form = new VectorForm(mode, bytes, uses, kind(false), kind(true), count, window, windowBytes, List.copyOf(fixes));
    forms.putIfAbsent(HexFormat.of().formatHex(form.header()), form);
  }

  private boolean decodesToRow(byte[] bytes) {
    Insn in = DECODER.decode(ByteSource.of(Arrays.copyOf(bytes, 16), 0), CodeSize.of(mode));
    return in != null && in.row == row && in.length == bytes.length;
  }

  /** XSAVE, XRSTOR. */
  private boolean isExtendedState() {
    return row.operands().stream().anyMatch(o -> o.size().equals("xs"));
  }

  private int uses() {
    int u = 0;
    for (OperandSpec o : row.operands()) {
      u |= switch (o.place()) {
        case V, W, U, FIXED_XMM -> VectorForm.VECTOR;
        case P, Q, N -> VectorForm.MMX;
        case FIXED_ST, ST_I -> VectorForm.X87;
        default -> 0;
      };
    }
    if (row.mnemonic().startsWith("fx") && row.feature() == Feature.FXSR || isExtendedState()) {
      return VectorForm.VECTOR | VectorForm.X87;
    }
    if (row.mnemonic().endsWith("mxcsr")) {
      return VectorForm.VECTOR;
    }
    if (row.mnemonic().startsWith("cvtpi")) {
      return VectorForm.VECTOR | VectorForm.MMX;
    }
    return u | (row.feature() == Feature.X87 ? VectorForm.X87 : row.feature() == Feature.MMX ? VectorForm.MMX : 0)
        | (isString() ? VectorForm.DF : 0);
  }

  private Kind kind(boolean memory) {
    String m = row.mnemonic();
    if (row.feature() == Feature.X87) {
      return memory ? x87MemoryKind() : Kind.F80;
    }
    if (m.startsWith("fx") || isExtendedState()) {
      return Kind.MIXED;
    }
    if (m.startsWith("cvt")) {
      String from = m.substring(m.startsWith("cvtt") ? 4 : 3, m.indexOf('2'));
      return from.startsWith("p") && from.endsWith("s") || from.equals("ss") ? Kind.F32 : from.equals("pd") || from.equals("sd") ? Kind.F64
          : Kind.INT;
    }
    if (uses == 0 || m.startsWith("p") || m.startsWith("aes")) {
      return Kind.INT;
    }
    return m.endsWith("ps") || m.endsWith("ss") ? Kind.F32 : m.endsWith("pd") || m.endsWith("sd") ? Kind.F64 : Kind.MIXED;
  }

  private Kind x87MemoryKind() {
    String m = row.mnemonic();
    if (m.startsWith("fb")) {
      return Kind.BCD;
    }
    if (row.operands().isEmpty() || m.startsWith("fi")) {
      return Kind.INT;
    }
    return switch (row.operands().getFirst().size()) {
      case "d" -> Kind.F32;
      case "q" -> Kind.F64;
      case "t" -> Kind.F80;
      default -> Kind.MIXED;
    };
  }

  // ---- encoding

  private byte[] encode(boolean memory, int variant, int prefix) {
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

  private byte[] bytes(int prefix, int opcode, int modrm, byte[] address, int variant) {
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

  private void escape(ByteArrayOutputStream out) {
    switch (enc.map()) {
      case ONE -> { }
      case ESC_0F -> out.write(0x0f);
      case ESC_0F38 -> out.writeBytes(new byte[] {0x0f, 0x38});
      case ESC_0F3A -> out.writeBytes(new byte[] {0x0f, 0x3a});
    }
  }

  private boolean byteRegister() {
    return row.operands().stream().anyMatch(o -> o.size().equals("b") && (o.place() == Place.E || o.place() == Place.G || o.place() == Place.Z
        || o.place() == Place.R));
  }

  private int register(Place... places) {
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

  private boolean rmTakesRex() {
    return row.operands().stream().noneMatch(o -> o.place() == Place.Q || o.place() == Place.N || o.place() == Place.ST_I);
  }

  private int rmRegister() {
    if (branches()) {
      return 3;
    }
    return rmTakesRex() ? pickRegister() : random.nextInt(8);
  }

  private int pickRegister() {
    return random.nextInt(mode == 64 ? 16 : 8);
  }

  private static void patch(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >> 8 * i);
    }
  }

  // ---- addresses: ModRM without its reg field, SIB, displacement

  private byte[] address(int variant, int reg) {
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
  private int pointerRegister(int... not) {
    int[] candidates = mode == 64 ? new int[] {3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} : new int[] {3, 5, 6, 7};
    while (true) {
      int r = candidates[random.nextInt(candidates.length)];
      if (Arrays.stream(not).noneMatch(n -> n == r)) {
        return r;
      }
    }
  }

  private byte[] baseAddress(int target, long skew, int reg) {
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

  private byte[] indexAddress(int target, long skew, int reg, boolean address32) {
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

  private byte[] ripAddress() {
    ripAt = 1;
    return new byte[] {0x05, 0, 0, 0, 0};
  }

  private byte[] absoluteAddress(int target) {
    byte[] out = mode == 64 ? new byte[] {0x04, 0x25, 0, 0, 0, 0} : new byte[] {0x05, 0, 0, 0, 0};
    patch(out, out.length - 4, target);
    return out;
  }

  private byte[] address16(int reg) {
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

  private byte[] leaAddress(int variant) {
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

  private void immediates(ByteArrayOutputStream out, int variant) {
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
  private long distance(int reach) {
    int d = random.nextInt(reach);
    return random.nextBoolean() ? d : -d - 16;
  }

  private long immediate(OperandSpec o, int variant) {
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

  private int immediateBytes(OperandSpec o) {
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

  private void set(int reg, long value) {
    fixes.add(new Fix(FixKind.SET, reg, 0, value));
  }

  private void and(int reg, long mask) {
    fixes.add(new Fix(FixKind.AND, reg, 0, mask));
  }

  private void addRandom(int reg, long mask) {
    if (mask != 0) {
      fixes.add(new Fix(FixKind.ADD_RANDOM, reg, 0, mask));
    }
  }

  private void memory(FixKind kind, int at, long value) {
    fixes.add(new Fix(kind, 0, at, value));
  }

  /** What a row's operands must be for the form to mean something. */
  private void special(boolean memory, int variant, int prefix) {
    String m = row.mnemonic();
    if (isString()) {
      string(variant, prefix);
    } else if (VectorPlan.STACK.contains(m)) {
      stack(m, variant);
    } else if (branches() && enc.opcode() == 0xff) {
      target(memory);
    } else if (far()) {
      pointer();
    } else if (m.startsWith("xlat")) {
      window(DATA_WINDOW, 512);
      set(3, DATA_WINDOW + 64);
    } else if (m.startsWith("maskmov")) {
      window(DATA_WINDOW, 64);
      set(7, DATA_WINDOW + 16 + variant);
    } else if (m.startsWith("cmpxchg")) {
      comparable(memory, variant);
    } else if (m.equals("div") || m.equals("idiv")) {
      dividend(variant);
    } else if (Set.of("lar", "lsl", "verr", "verw").contains(m) || m.equals("mov") && enc.opcode() == 0x8e && enc.map() == Row.OpMap.ONE) {
      selector(memory);
    } else if (m.startsWith("ldmxcsr") && variant != 2) {
      fixes.removeIf(f -> f.kind() == FixKind.ADD_RANDOM);
      memory(FixKind.MEM_AND, 16, 0xffff);
    } else if (m.startsWith("fxrstor")) {
      memory(FixKind.MEM_AND, 40, variant == 2 ? -1 : 0xffff0000ffffL);
    }
    if (isExtendedState()) {
      extendedState(m, variant);
    }
    if (row.operands().stream().anyMatch(o -> Set.of("e94", "fx").contains(o.size())) && memory) {
      windowBytes = 544;
    }
    if (row.operands().stream().anyMatch(o -> o.size().equals("e14"))) {
      windowBytes = 64;
    }
    if (m.length() <= 3 && m.startsWith("bt") && !immediate() && memory) {
      windowBytes = 64;
      fixes.add(new Fix(FixKind.SEXT, reg, 0, 8));
    }
  }

  /** x87 and SSE only, and a header that XRSTOR takes, except in one form of three. */
  private void extendedState(String m, int variant) {
    windowBytes = offset + 576;
    and(0, 3);
    if (m.startsWith("xrstor") && variant != 2) {
      memory(FixKind.MEM_AND, offset + 24, 0xffff0000ffffL);
      memory(FixKind.MEM_AND, offset + 512, 3);
      for (int i = 520; i < 576; i += 8) {
        memory(FixKind.MEM_SET, offset + i, 0);
      }
    }
  }

  private void window(int at, int bytes) {
    window = at;
    windowBytes = bytes;
  }

  private void string(int variant, int prefix) {
    boolean low = mode == 32 && address67;
    window(low ? LOW_WINDOW : DATA_WINDOW, 256);
    long high = address67 && variant % 2 == 0 ? mode == 64 ? 0x5500000000L : 0x70000 : 0;
    set(6, window + 100 + high);
    // No overlapping copy with 16-bit addresses: there REP MOVS of the measured processor (AMD family 1Ah) copies several elements at
    // once and does not see what it wrote, which is not what any manual says.
    set(7, window + (variant % 4 == 1 ? 100 : variant % 4 == 2 && !low ? 104 : 160) + high);
    addRandom(6, variant % 4 == 1 ? 0 : 3);
    if (prefix >= 0xf2) {
      and(1, 7);
      if (high != 0) {
        fixes.add(new Fix(FixKind.OR, 1, 0, mode == 64 ? 0x100000000L : 0x10000));
      }
    }
    if (stem().equals("scas") && variant % 2 == 1) {
      and(0, 0);
      for (int i = 40; i < 100; i += 8) {
        memory(FixKind.MEM_SET, i, 0);
      }
    }
  }

  private void stack(String m, int variant) {
    boolean memoryOperand = windowBytes != 0;
    window(DATA_WINDOW, 256);
    int sp = 96;
    set(4, DATA_WINDOW + sp);
    if (m.startsWith("push") || m.equals("pop") || m.startsWith("popa")) {
      addRandom(4, m.equals("pop") && !fixedSegment() || m.startsWith("push") ? 7 : 0);
    }
    switch (m) {
      case "leave", "enter" -> {
        set(5, DATA_WINDOW + 128);
        addRandom(5, 7);
      }
      case "ret", "retn" -> memory(FixKind.MEM_SET, sp, LANDING);
      case "pop" -> {
        if (fixedSegment()) {
          memory(FixKind.MEM_SELECTOR, sp, 3);
        }
      }
      case "call" -> {
        if (enc.opcode() == 0xff && enc.digit() == 2) {
          target(memoryOperand);
        } else if (far()) {
          pointer();
        }
      }
      default -> flagsAndFar(m, sp, variant);
    }
  }

  private boolean fixedSegment() {
    return !row.operands().isEmpty() && row.operands().getFirst().place() == Place.FIXED_SEG;
  }

  private void flagsAndFar(String m, int sp, int variant) {
    long noTrap = ~0x100L;
    if (m.startsWith("popf")) {
      memory(FixKind.MEM_AND, sp, noTrap);
    } else if (m.startsWith("retf") || m.startsWith("iret")) {
      int slot = size / 8;
      memory(FixKind.MEM_SET, sp, LANDING);
      memory(FixKind.MEM_SELECTOR, sp + slot, variant == 1 ? 3 : 0);
      if (mode == 32 && variant != 1) {
        memory(FixKind.MEM_AND, sp + slot, ~0xffffL);
        memory(FixKind.MEM_OR, sp + slot, 0x23);
      }
      memory(FixKind.MEM_AND, sp + 2 * slot, ~0x4100L);
      if (mode == 64 && m.startsWith("iret")) {
        memory(FixKind.MEM_AND, sp + 4 * slot, ~0xffffL);
        memory(FixKind.MEM_OR, sp + 4 * slot, 0x2b);
      }
    }
  }

  private void target(boolean memory) {
    if (memory) {
      for (int i = 8; i <= 24; i += size / 8) {
        memory(FixKind.MEM_SET, i, LANDING);
      }
      fixes.removeIf(f -> f.kind() == FixKind.ADD_RANDOM);
    } else {
      set(3, LANDING);
    }
  }

  /** A far pointer in memory: 32-bit offset, then a selector. */
  private void pointer() {
    if (windowBytes == 0) {
      return;
    }
    fixes.removeIf(f -> f.kind() == FixKind.ADD_RANDOM);
    boolean transfer = enc.opcode() == 0xff;
    if (transfer) {
      memory(FixKind.MEM_SET, 16, LANDING);
      if (!row.mnemonic().equals("call")) {
        and(4, 0x7fffffff); // the upper half does not survive compatibility mode
      }
    }
    memory(FixKind.MEM_SELECTOR, 20, 3);
  }

  private void comparable(boolean memory, int variant) {
    long mask = variant % 3 == 0 ? 1 : variant % 3 == 1 ? 3 : -1;
    and(0, mask);
    and(2, mask);
    if (memory) {
      fixes.removeIf(f -> f.kind() == FixKind.ADD_RANDOM && enc.digit() == 1);
      for (int i = 0; i < 64; i += 8) {
        memory(FixKind.MEM_AND, i, mask);
      }
    }
  }

  private void dividend(int variant) {
    boolean bytes = row.operands().getFirst().size().equals("b");
    if (variant % 3 != 0) {
      if (bytes) {
        and(0, variant % 3 == 1 ? 0xfff : 0x7ff);
      } else {
        fixes.add(new Fix(FixKind.SEXT, 2, 0, variant % 3 == 1 ? 1 : 8));
      }
    }
  }

  private void selector(boolean memory) {
    if (memory) {
      fixes.removeIf(f -> f.kind() == FixKind.ADD_RANDOM);
      memory(FixKind.MEM_SELECTOR, 16, 3);
    } else {
      for (int i = 0; i < (mode == 64 ? 16 : 8); i++) {
        fixes.add(new Fix(FixKind.PICK_SELECTOR, i, 0, 3));
      }
    }
  }
}
