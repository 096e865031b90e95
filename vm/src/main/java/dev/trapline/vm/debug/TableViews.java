package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.debug.view.DescriptorView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.GateView;
import java.util.ArrayList;
import java.util.List;

/** Descriptor tables and task state as the guest's memory holds them. */
final class TableViews {
  private static final int MOST = 8192;
  private final Cpu cpu;
  private final Spaces spaces;

  TableViews(Cpu cpu, Spaces spaces) {
    this.cpu = cpu;
    this.spaces = spaces;
  }

  List<DescriptorView> gdt() {
    return descriptors(cpu.gdtBase, cpu.gdtLimit, 0);
  }

  /** The current LDT; empty if none is loaded. */
  List<DescriptorView> ldt() {
    boolean none = cpu.ldtr.unusable || !cpu.ldtr.present() || (cpu.ldtr.selector & ~3) == 0;
    return none ? List.of() : descriptors(cpu.ldtr.base, cpu.ldtr.limit, 4);
  }

  private List<DescriptorView> descriptors(long base, long limit, int ti) {
    var out = new ArrayList<DescriptorView>();
    for (int i = 0; i < MOST && 8L * i + 7 <= limit; i++) {
      Long raw = quad(base + 8L * i);
      if (raw == null) {
        break;
      }
      boolean wide = Descriptors.wide(raw, cpu.longMode());
      Long upper = wide ? quad(base + 8L * i + 8) : Long.valueOf(0);
      out.add(Descriptors.view(i, i << 3 | ti, raw, upper == null ? 0 : upper, cpu.longMode()));
      i += wide ? 1 : 0;
    }
    return out;
  }

  private Long quad(long linear) {
    return spaces.read(new Address.Linear(linear), 8);
  }

  List<GateView> idt(Symbols symbols) {
    boolean real = !cpu.protectedMode();
    int size = real ? 4 : cpu.longMode() ? 16 : 8;
    var out = new ArrayList<GateView>();
    for (int v = 0; v < 256 && (v + 1) * size - 1 <= cpu.idtLimit; v++) {
      Address at = new Address.Linear(cpu.idtBase + (long) v * size);
      Long raw = spaces.read(at, Math.min(size, 8));
      if (raw == null) {
        break;
      }
      Long upper = size == 16 ? spaces.read(at.plus(8), 4) : Long.valueOf(0);
      out.add(real ? realVector(v, raw, symbols) : gate(v, raw, upper == null ? 0 : upper, symbols));
    }
    return out;
  }

  private static GateView realVector(int v, long raw, Symbols symbols) {
    long offset = raw & 0xffff;
    int selector = (int) (raw >>> 16) & 0xffff;
    return new GateView(v, exception(v), "real", selector, offset, 0, true, 0, symbols.at(((long) selector << 4) + offset));
  }

  private GateView gate(int v, long raw, long upper, Symbols symbols) {
    int access = Descriptors.access(raw);
    long offset = raw & 0xffff | raw >>> 32 & 0xffff0000L | upper << 32;
    String kind = Descriptors.kind(access, cpu.longMode()).replace(" gate", "");
    Symbols.Near near = symbols.near(offset);
    return new GateView(v, exception(v), raw == 0 ? "empty" : kind, (int) (raw >>> 16) & 0xffff, offset, access >> 5 & 3,
        (access & 0x80) != 0, cpu.longMode() ? (int) (raw >>> 32) & 7 : 0, near == null ? null : near.toString());
  }

  private static String exception(int v) {
    String name = Fault.name(v);
    return name.startsWith("#") || name.equals("NMI") ? name : "";
  }

  FieldsView tss() {
    var tr = cpu.tr;
    int type = tr.access & 0xf;
    String title = "tss at 0x%x, limit 0x%x, selector 0x%x".formatted(tr.base, tr.limit, tr.selector);
    if ((tr.selector & ~3) == 0) {
      return new FieldsView("no task register loaded (tr = 0)", List.of());
    }
    if (cpu.longMode()) {
      return new FieldsView(title, tss64(tr.base));
    }
    return new FieldsView(title, (type & 8) != 0 ? tss32(tr.base) : tss16(tr.base));
  }

  private List<Field> tss64(long base) {
    var out = new ArrayList<Field>();
    for (int i = 0; i < 3; i++) {
      out.add(at("rsp" + i, base + 4 + 8L * i, 8));
    }
    for (int i = 1; i < 8; i++) {
      out.add(at("ist" + i, base + 0x1c + 8L * i, 8));
    }
    out.add(at("iomap", base + 0x66, 2));
    return out;
  }

  private List<Field> tss32(long base) {
    String[] names = {"link:2", "esp0", "ss0:2", "esp1", "ss1:2", "esp2", "ss2:2", "cr3", "eip", "eflags", "eax", "ecx", "edx", "ebx",
      "esp", "ebp", "esi", "edi", "es:2", "cs:2", "ss:2", "ds:2", "fs:2", "gs:2", "ldt:2", "trap:2"};
    var out = new ArrayList<Field>();
    for (int i = 0; i < names.length; i++) {
      out.add(field(names[i], base + 4L * i, 4));
    }
    out.add(at("iomap", base + 0x66, 2));
    return out;
  }

  private List<Field> tss16(long base) {
    String[] names = {"link", "sp0", "ss0", "sp1", "ss1", "sp2", "ss2", "ip", "flags", "ax", "cx", "dx", "bx", "sp", "bp", "si", "di",
      "es", "cs", "ss", "ds", "ldt"};
    var out = new ArrayList<Field>();
    for (int i = 0; i < names.length; i++) {
      out.add(at(names[i], base + 2L * i, 2));
    }
    return out;
  }

  private Field field(String nameAndSize, long linear, int bytes) {
    return nameAndSize.endsWith(":2") ? at(nameAndSize.substring(0, nameAndSize.length() - 2), linear, 2) : at(nameAndSize, linear, bytes);
  }

  private Field at(String name, long linear, int bytes) {
    Long v = spaces.read(new Address.Linear(linear), bytes);
    return v == null ? new Field(name, "?", "not mapped") : Field.hex(name, v, "");
  }
}
