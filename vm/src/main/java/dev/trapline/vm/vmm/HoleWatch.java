package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.FarTransfer;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Segments;
import dev.trapline.vm.cpu.SensitiveWatch;
import dev.trapline.vm.cpu.Stack;
import dev.trapline.vm.cpu.insn.OperandValue;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares what a sensitive unprivileged instruction does at the real privilege level with what it would do on the bare machine, in virtual
 * supervisor mode or in user mode. One that faults is no hole: the monitor carries it out.
 */
final class HoleWatch implements SensitiveWatch {
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final int IOPL_SHIFT = 12;

  /** One difference, counted when the instruction has been executed. */
  private record Difference(String kind, String what) {}

  private final Vcpu vcpu;
  private final Cpu guest;
  private final List<Difference> found = new ArrayList<>();

  HoleWatch(Vcpu vcpu) {
    this.vcpu = vcpu;
    this.guest = vcpu.shell();
  }

  @Override
  public void before(Cpu c, Insn in) {
    found.clear();
    try {
      look(c, in);
    } catch (Fault f) {
      found.clear(); // it will fault
    }
  }

  @Override
  public void after(Cpu c, Insn in) {
    if (found.isEmpty()) {
      return;
    }
    // A far transfer has loaded RIP and CS already; where it stood is what the next instruction would have been less its length.
    long rip = c.nextRip - in.length;
    for (Difference d : found) {
      vcpu.guest().holes().add(in.row.mnemonic(), d.kind(), d.what(), rip, base + rip);
    }
  }

  private long base;

  private void look(Cpu c, Insn in) {
    base = c.mode64() ? 0 : c.seg[Cpu.CS].base;
    switch (in.row.mnemonic()) {
      case "pushf" -> flags("pushed", c.sysFlags, guest.sysFlags);
      case "popf" -> unchanged(Stack.peek(c, 0, in.opBits));
      case "iret" -> {
        returned(c);
        unchanged(Stack.peek(c, in.opBits / 4, in.opBits));
      }
      case "sgdt" -> table(c.gdtBase, c.gdtLimit, guest.gdtBase, guest.gdtLimit);
      case "sidt" -> table(c.idtBase, c.idtLimit, guest.idtBase, guest.idtLimit);
      case "sldt" -> value("selector", c.ldtr.selector, guest.ldtr.selector);
      case "str" -> value("selector", c.tr.selector, guest.tr.selector);
      case "smsw" -> value("value", c.cr0 & 0xffff, guest.cr0 & 0xffff);
      case "lar", "lsl", "verr", "verw" -> query(c, in);
      case "call" -> {
        far(c, in);
        stored(c, Cpu.CS);
      }
      case "jmp" -> far(c, in);
      case "push" -> stored(c, segment(in, 0));
      case "retf" -> returned(c);
      case "mov" -> moved(c, in);
      case "pop" -> loaded(segment(in, 0), (int) Stack.peek(c, 0, 16) & 0xffff);
      case "lds" -> loaded(Cpu.DS, pointed(c, in));
      case "les" -> loaded(Cpu.ES, pointed(c, in));
      case "lss" -> loaded(Cpu.SS, pointed(c, in));
      case "lfs" -> loaded(Cpu.FS, pointed(c, in));
      case "lgs" -> loaded(Cpu.GS, pointed(c, in));
      case "fnstenv", "fnsave" -> pointers(c);
      case "cpuid" -> processor(c);
      default -> { }
    }
  }

  private void value(String kind, long real, long bare) {
    if (real != bare) {
      found.add(new Difference(kind, String.format("%s %x, bare %x", kind, real, bare)));
    }
  }

  private void flags(String how, int real, int bare) {
    int now = real >> 9 & 1;
    int then = bare >> 9 & 1;
    if (now != then) {
      found.add(new Difference("IF", "IF " + how + " " + now + ", bare " + then));
    }
    int level = (real & Cpu.IOPL) >> IOPL_SHIFT;
    int wanted = (bare & Cpu.IOPL) >> IOPL_SHIFT;
    if (level != wanted) {
      found.add(new Difference("IOPL", "IOPL " + how + " " + level + ", bare " + wanted));
    }
  }

  /** IF and IOPL stay as they are, whatever is popped; what would be changed on the bare machine depends on the virtual level. */
  private void unchanged(long popped) {
    int changed = guest.cpl == 0 ? Cpu.IOPL : 0;
    changed |= guest.cpl <= (guest.sysFlags & Cpu.IOPL) >> IOPL_SHIFT ? Cpu.IF : 0;
    flags("stays", guest.sysFlags, guest.sysFlags & ~changed | (int) popped & changed);
  }

  /** A return that did not fault stayed at the real level. */
  private void returned(Cpu c) {
    if (guest.cpl != c.cpl) {
      found.add(new Difference("level", "stays at virtual CPL " + guest.cpl + ", bare returns to CPL " + c.cpl));
    }
  }

  /** A far transfer that did not fault went to a code segment, perhaps to one whose DPL was raised. */
  private void far(Cpu c, Insn in) {
    int selector = in.op(0) instanceof Operand.Far f ? f.selector() : pointed(c, in);
    if (!FarTransfer.reachable(guest, selector)) {
      found.add(new Difference("target", String.format("goes to %x, bare faults", selector)));
    }
  }

  /** The selector of a far pointer in memory. */
  private static int pointed(Cpu c, Insn in) {
    Operand.Mem m = in.mem();
    return (int) c.mem.read(OperandValue.address(c, m, in.opBits / 8 + 2) + in.opBits / 8, 2);
  }

  /** The selector x87 instructions have recorded (SDM 1 8.1.8). */
  private void pointers(Cpu c) {
    int real = c.seg[Cpu.CS].selector;
    if (c.x87.fcs == real) {
      value("fcs", real, bare(real, Cpu.CS));
    }
  }

  private void table(long base, int limit, long bareBase, int bareLimit) {
    if (base != bareBase || limit != bareLimit) {
      found.add(new Difference("table", String.format("base %x limit %x, bare %x and %x", base, limit, bareBase, bareLimit)));
    }
  }

  private void query(Cpu c, Insn in) {
    int selector = (int) OperandValue.of(c, in, in.operands.size() - 1) & 0xffff;
    String query = in.row.mnemonic();
    long real = answer(query, c, selector);
    long bare = answer(query, guest, selector);
    if (real != bare) {
      found.add(new Difference("rights", String.format("of %x %s, bare %s", selector, shown(real), shown(bare))));
    }
  }

  private static long answer(String query, Cpu c, int selector) {
    return switch (query) {
      case "lar" -> Segments.accessRights(c, selector);
      case "lsl" -> Segments.limit(c, selector);
      case "verr" -> Segments.verifyRead(c, selector) ? 1 : -1;
      default -> Segments.verifyWrite(c, selector) ? 1 : -1;
    };
  }

  private static String shown(long answer) {
    return answer < 0 ? "refused" : Long.toHexString(answer);
  }

  private static int segment(Insn in, int operand) {
    return in.op(operand) instanceof Operand.Reg r && r.file() == RegFile.SEG ? r.index() : -1;
  }

  /** CS and SS show the level in their low bits. */
  private void stored(Cpu c, int s) {
    if (s == Cpu.CS || s == Cpu.SS) {
      int real = c.seg[s].selector;
      value(SEGMENTS[s], real, bare(real, s));
    }
  }

  private int bare(int real, int s) {
    return real == MonitorArea.NULL_STACK ? guest.seg[s].selector : real & ~3 | guest.cpl;
  }

  private void moved(Cpu c, Insn in) {
    if (segment(in, 0) >= SEGMENTS.length) {
      return; // registers 6 and 7 are not there: #UD anywhere
    }
    if (segment(in, 0) >= 0) {
      loaded(segment(in, 0), (int) OperandValue.of(c, in, 1) & 0xffff);
    } else {
      stored(c, segment(in, 1));
    }
  }

  /** A selector the bare machine would not accept is accepted where the descriptor's DPL was raised, or is the monitor's own. */
  private void loaded(int s, int selector) {
    if (!Segments.loadable(guest, s, selector)) {
      found.add(new Difference(SEGMENTS[s], String.format("%s loaded with %x, bare #GP(%x)", SEGMENTS[s], selector, selector & ~3)));
    }
  }

  private void processor(Cpu c) {
    int leaf = (int) c.r[Cpu.RAX];
    Cpuid.Leaf real = c.cpuid.leaf(c, leaf, (int) c.r[Cpu.RCX]);
    Cpuid.Leaf bare = guest.cpuid.leaf(guest, leaf, (int) c.r[Cpu.RCX]);
    if (!real.equals(bare)) {
      found.add(new Difference(Integer.toHexString(leaf), String.format("leaf %x is the host's", leaf)));
    }
  }
}
