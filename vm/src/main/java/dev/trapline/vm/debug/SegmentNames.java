package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.FarTransfer;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.cpu.Segments;
import java.util.function.IntConsumer;

/**
 * Segment registers and the table registers by name. Setting a selector loads its descriptor as MOV, far JMP, LLDT and LTR do;
 * {@code ds.base}, {@code ds.limit} and {@code ds.access} are the hidden part itself.
 */
final class SegmentNames {
  private final Cpu cpu;

  SegmentNames(Cpu cpu) {
    this.cpu = cpu;
  }

  void addTo(RegisterNames names) {
    for (int i = 0; i < RegisterNames.SEGMENTS.length; i++) {
      int n = i;
      IntConsumer load = i == Cpu.CS ? v -> FarTransfer.jump(cpu, v, cpu.rip) : v -> Segments.load(cpu, n, v);
      segment(names, RegisterNames.SEGMENTS[i], cpu.seg[i], load);
    }
    segment(names, "ldtr", cpu.ldtr, v -> Segments.loadLdt(protectedOnly("ldtr"), v));
    segment(names, "tr", cpu.tr, v -> Segments.loadTask(protectedOnly("tr"), v));
    table(names);
  }

  private Cpu protectedOnly(String name) {
    if (!cpu.protectedMode() || cpu.v86()) {
      throw new BadInput(name + " is loaded in protected mode only; " + name + ".base and " + name + ".limit set the hidden part");
    }
    return cpu;
  }

  private void segment(RegisterNames names, String name, Segment s, IntConsumer load) {
    names.add(name, 16, () -> s.selector, v -> {
      load(name, v, load);
      cpu.modeChanged();
    });
    hidden(names, name + ".", s);
    hidden(names, name + "_", s);
    names.add(name + ".access", 16, () -> s.access, v -> {
      s.access = (int) bits(name + ".access", v, 16);
      s.unusable = false;
      cpu.modeChanged();
    });
  }

  private void hidden(RegisterNames names, String name, Segment s) {
    names.add(name + "base", 64, () -> s.base, v -> {
      s.base = v;
      cpu.modeChanged();
    });
    names.add(name + "limit", 32, () -> s.limit, v -> {
      s.limit = bits(name + "limit", v, 32);
      cpu.modeChanged();
    });
  }

  private void load(String name, long value, IntConsumer load) {
    int selector = (int) bits(name, value, 16);
    try {
      load.accept(selector);
    } catch (Fault f) {
      throw new BadInput("%s=0x%x: the processor refuses it with %s; %s.base, .limit and .access set the hidden part".formatted(name,
          selector, Faults.text(f), name));
    }
  }

  private void table(RegisterNames names) {
    for (String dot : new String[] {".", "_"}) {
      names.add("gdtr" + dot + "base", 64, () -> cpu.gdtBase, v -> cpu.gdtBase = canonical("gdtr" + dot + "base", v));
      names.add("gdtr" + dot + "limit", 16, () -> cpu.gdtLimit, v -> cpu.gdtLimit = (int) bits("gdtr" + dot + "limit", v, 16));
      names.add("idtr" + dot + "base", 64, () -> cpu.idtBase, v -> cpu.idtBase = canonical("idtr" + dot + "base", v));
      names.add("idtr" + dot + "limit", 16, () -> cpu.idtLimit, v -> cpu.idtLimit = (int) bits("idtr" + dot + "limit", v, 16));
    }
  }

  private static long canonical(String name, long v) {
    if (v >> 47 != v >> 63) {
      throw new BadInput(name + "=0x" + Long.toHexString(v) + " is not canonical: bits 63 to 47 must be equal");
    }
    return v;
  }

  private static long bits(String name, long v, int bits) {
    if (v >>> bits != 0) {
      throw new BadInput(name + "=0x" + Long.toHexString(v) + ": it has " + bits + " bits");
    }
    return v;
  }
}
