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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The forms of one row in one mode. Draws registers, addresses and immediates from a generator seeded by the row. */
final class RowForms extends FormEncoder {
  private static final Decoder DECODER = new Decoder(X86.set());
  private final Map<String, VectorForm> forms = new LinkedHashMap<>();

  RowForms(Row row, int mode) {
    super(row, mode);
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
    boolean plain = enc.prefix() == Row.Prefix.ANY && !isString() && !row.mnemonic().startsWith("loop")
        && (enc.map() == Row.OpMap.ONE || row.feature() == Feature.BASE
        && enc.map() == Row.OpMap.ESC_0F && enc.opcode() >= 0x80 && enc.opcode() != 0xbc && enc.opcode() != 0xbd);
    for (int prefix : new int[] {0xf2, 0xf3}) {
      if (plain) {
        add(!register, 0, prefix);
      }
    }
  }

  private boolean privileged() {
    return row.is(Attr.CPL0) || row.is(Attr.IOPL) && !VectorPlan.STACK.contains(row.mnemonic()) && !row.mnemonic().startsWith("int");
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
    boolean only32And64 = row.operands().stream().anyMatch(o -> o.size().equals("y"))
        && row.operands().stream().noneMatch(o -> o.size().equals("v"));
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
