package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.Row;
import java.util.Set;

/**
 * What a row needs in registers, memory and on the stack so that it does something, in as many variations as may matter: selectors of every
 * kind of descriptor and every RPL where one is loaded or asked about, images of flags, control registers with one bit changed.
 */
final class Arguments {
  private static final Set<String> QUERIES = Set.of("lar", "lsl", "verr", "verw", "lldt", "ltr", "arpl");
  private static final long[] FLAG_IMAGES = {0x202, 0x002, 0x3202, 0x3002, 0x8d7, 0x40202};
  private static final int[] CONTROLS = {0, 2, 3, 4, 8};
  private static final int[] LEAVES = {1, 0, 0xd, 7, 0x80000001, 0x80000008};
  private static final int[] VECTORS = {Layout.KERNEL_VECTOR, Layout.USER_VECTOR, 3};
  private static final int PLAIN = 2;
  private static final int SYSENTER_EIP = 0x176;
  private static final int LSTAR = 0xc000_0082;

  private final Row row;
  private final Layout at;
  private final int[] selectors;

  Arguments(Row row, Layout at) {
    this.row = row;
    this.at = at;
    int code3 = at.code(3);
    int data3 = at.data(3);
    this.selectors = at.old ? new int[] {Layout.segment(false), Layout.segment(true)} : new int[] {
        Layout.CODE0, Layout.DATA0, code3, data3, Layout.CODE0 | 1, Layout.DATA0 | 1, Layout.CODE0 | 3, Layout.DATA0 | 3, code3 & ~3,
        data3 & ~3, Layout.CONFORMING, Layout.CONFORMING | 1, Layout.CONFORMING | 3, Layout.GATE3, Layout.GATE3 | 3, Layout.GATE0,
        Layout.FREE_TASK, Layout.TASK, Layout.LOCAL, 0, 3, 0xfff3, 0xffd0, 0x7ff8, Layout.DATA1 | 1, Layout.CODE1 | 1, Layout.FRESH | 3,
        Layout.FRESH, Layout.ABSENT | 3, Layout.READ_ONLY | 3, 0xc};
  }

  // ---- what kind of row it is

  private boolean has(Place place) {
    return row.operands().stream().anyMatch(o -> o.place() == place);
  }

  private boolean first(Place place) {
    return !row.operands().isEmpty() && row.operands().getFirst().place() == place;
  }

  private boolean farPointer() {
    return row.operands().stream().anyMatch(o -> o.size().equals("p"));
  }

  private boolean opcode(int value) {
    return row.enc().map() == Row.OpMap.ONE && row.enc().opcode() == value;
  }

  private boolean takesSelector() {
    return QUERIES.contains(row.mnemonic()) || first(Place.S) || row.mnemonic().equals("pop") && first(Place.FIXED_SEG)
        || farPointer() || row.mnemonic().equals("retf") || row.mnemonic().equals("iret");
  }

  private boolean nearIndirect() {
    return opcode(0xff) && (row.enc().digit() == 2 || row.enc().digit() == 4);
  }

  /** How many variations the row has. */
  int variations() {
    if (takesSelector()) {
      return (first(Place.S) ? 5 : 1) * selectors.length * (row.mnemonic().equals("iret") ? 2 : 1);
    }
    if (has(Place.S)) {
      return 6;
    }
    if (has(Place.C) || has(Place.D)) {
      return 8;
    }
    return switch (row.mnemonic()) {
      case "popf" -> FLAG_IMAGES.length;
      case "cpuid" -> LEAVES.length;
      case "int" -> VECTORS.length;
      default -> PLAIN;
    };
  }

  int selector(int variation) {
    return selectors[variation % selectors.length];
  }

  /** Number of a segment register in ModRM.reg: one that is loaded is no CS. */
  int segment(int variation) {
    return first(Place.S) ? new int[] {3, 2, 0, 4, 5}[variation / selectors.length % 5] : variation % 6;
  }

  static int control(int variation) {
    return CONTROLS[variation % CONTROLS.length];
  }

  static int debug(int variation) {
    return variation % 8;
  }

  /** The immediate of a size. */
  long immediate(OperandSpec spec, int variation) {
    if (row.mnemonic().equals("int")) {
      return VECTORS[variation % VECTORS.length];
    }
    if (opcode(0xe4) || opcode(0xe5) || opcode(0xe6) || opcode(0xe7)) {
      return 0x80 - (spec.size().equals("bs") ? 0x100 : 0);
    }
    return row.mnemonic().equals("retf") || row.mnemonic().equals("ret") ? 8 : variation == 0 ? 5 : 0x12;
  }

  // ---- preparing

  /** Prepares registers, memory and stack for a variation at an operand size. */
  void prepare(Sample.Preparation p, int variation, int size) {
    p.flags = variation % 2 == 0 ? 0 : Flags.CF | Flags.OF | Flags.ZF;
    int slot = size / 8;
    if (takesSelector()) {
      selector(p, variation, slot);
    } else if (nearIndirect()) {
      p.general[Cpu.RAX] = Layout.LANDING;
      p.operand(0, Math.max(slot, 2), Layout.LANDING);
    } else if (has(Place.C)) {
      p.general[Cpu.RAX] = controlValue(control(variation), variation);
    } else if (has(Place.D)) {
      p.general[Cpu.RAX] = debugValue(debug(variation));
    } else {
      named(p, variation, slot);
    }
  }

  private void selector(Sample.Preparation p, int variation, int slot) {
    int s = selector(variation);
    switch (row.mnemonic()) {
      case "pop" -> p.stack(slot, s);
      case "retf" -> p.stack(slot, Layout.LANDING, s, Layout.STACK + 0x40, at.data(s & 3));
      case "iret" -> {
        long flags = variation < selectors.length ? 0x202 : 0x3002;
        p.stack(slot, Layout.LANDING, s, flags, Layout.STACK + 0x40, at.data(s & 3));
      }
      default -> {
        p.general[Cpu.RAX] = s;
        if (farPointer()) {
          p.operand(0, slot, Layout.LANDING);
          p.operand(slot, 2, s);
        } else {
          p.operand(0, 2, s);
        }
      }
    }
  }

  private long controlValue(int number, int variation) {
    return switch (number) {
      case 0 -> (at.old ? Start.real(Start.CR0) : Start.CR0) ^ (variation < CONTROLS.length ? Control.NE : Control.WP);
      case 3 -> at.root(false);
      case 4 -> Start.cr4(at.wide) ^ Control.DE;
      case 8 -> 5;
      default -> 0x1234;
    };
  }

  private static long debugValue(int number) {
    return number == 6 || number == 4 ? 0xffff0ff1L : number == 7 || number == 5 ? 0x700 : 0x5678;
  }

  private void named(Sample.Preparation p, int variation, int slot) {
    switch (row.mnemonic()) {
      case "ret" -> p.stack(slot, Layout.LANDING);
      case "popf" -> p.stack(slot, FLAG_IMAGES[variation % FLAG_IMAGES.length]);
      case "lgdt", "lidt" -> {
        p.operand(0, 2, 0x7f);
        p.operand(2, 4, Layout.GDT);
        p.operand(6, 4, 0);
      }
      case "lmsw" -> {
        p.general[Cpu.RAX] = at.old ? 0x3a : 0x3b;
        p.operand(0, 2, p.general[Cpu.RAX]);
      }
      case "div", "idiv" -> p.general[Cpu.RDX] = 0;
      case "cpuid" -> p.general[Cpu.RAX] = LEAVES[variation % LEAVES.length] & 0xffffffffL;
      case "rdmsr", "wrmsr" -> modelSpecific(p, variation);
      case "xgetbv", "xsetbv" -> number(p, 0, 1);
      case "rdpmc" -> number(p, 0, 0);
      case "sysexit" -> transfer(p, Cpu.RDX, Cpu.RCX);
      case "sysret" -> transfer(p, Cpu.RCX, Cpu.RSI);
      case "bound" -> bounds(p, slot);
      default -> state(p);
    }
  }

  private static void number(Sample.Preparation p, int which, long low) {
    p.general[Cpu.RCX] = which;
    p.general[Cpu.RAX] = low;
    p.general[Cpu.RDX] = 0;
  }

  private static void modelSpecific(Sample.Preparation p, int variation) {
    number(p, variation == 0 ? SYSENTER_EIP : LSTAR, 0x5000);
  }

  private static void transfer(Sample.Preparation p, int target, int stack) {
    p.general[stack] = Layout.STACK;
    p.general[target] = Layout.LANDING;
    p.general[11] = 0x202;
  }

  private static void bounds(Sample.Preparation p, int slot) {
    p.operand(0, slot, 0);
    p.operand(slot, slot, 0x7fff);
  }

  /** Images of floating-point state: their areas are zeros, which all may be loaded, but for what stands at an operand by default. */
  private void state(Sample.Preparation p) {
    String m = row.mnemonic();
    if (m.startsWith("xsave") || m.startsWith("xrstor")) {
      p.general[Cpu.RAX] = 3;
      p.general[Cpu.RDX] = 0;
    }
    if (row.enc().plusReg() && opcode(0x58)) {
      p.stack(8, 0x77);
    }
  }
}
