package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an instruction takes from outside the processor, or what the manual leaves open: QEMU is given what ours got. An instruction that
 * takes nothing in must end the same on both sides.
 */
final class Inputs {
  /**
   * Something taken in.
   *
   * @param kind as it is listed and counted: {@code port 0402}
   */
  record Input(String kind, Allowance allowed) {}

  private static final Set<FlagRule> SHIFTS = EnumSet.of(FlagRule.SHL, FlagRule.SHR, FlagRule.SAR, FlagRule.ROL, FlagRule.ROR, FlagRule.RCL,
      FlagRule.RCR);
  private static final Map<String, int[]> PROCESSOR = Map.of(
      "cpuid", new int[] {Registers.RAX, Registers.RBX, Registers.RCX, Registers.RDX},
      "rdtsc", new int[] {Registers.RAX, Registers.RDX},
      "rdtscp", new int[] {Registers.RAX, Registers.RDX, Registers.RCX},
      "rdmsr", new int[] {Registers.RAX, Registers.RDX});

  private Inputs() {}

  /** What the step just made took in. */
  static List<Input> of(Ours ours) {
    var all = new ArrayList<Input>();
    Insn in = ours.insn();
    if (in == null || ours.raised()) {
      return all;
    }
    for (Event e : ours.events()) {
      if (e instanceof Event.Port p && !p.write()) {
        all.add(new Input(String.format("port %04x", p.port()), in.row.mnemonic().startsWith("ins") ? Allowance.ofStores()
            : Allowance.ofRegisters(Registers.RAX)));
      } else if (e instanceof Event.Mmio m && !m.write()) {
        all.add(new Input(String.format("device memory %08x", m.address() & -4096L), Allowance.ofComputed()));
      }
    }
    processor(ours, in, all);
    long open = undefined(in, ours.before());
    if (open != 0) {
      all.add(new Input("undefined flags of " + in.row.mnemonic(), Allowance.ofFlags(open)));
    }
    return all;
  }

  private static void processor(Ours ours, Insn in, List<Input> all) {
    int[] registers = PROCESSOR.get(in.row.mnemonic());
    if (registers != null) {
      String what = switch (in.row.mnemonic()) {
        case "rdmsr" -> String.format(" %08x", ours.before().low()[Registers.RCX]);
        case "cpuid" -> String.format(" %08x", ours.before().low()[Registers.RAX]);
        default -> "";
      };
      all.add(new Input(in.row.mnemonic() + what, Allowance.ofRegisters(registers)));
    }
  }

  /** RFLAGS bits the manual leaves undefined after an instruction: a shift or rotation by one defines OF (SDM 2B SAL, RCL). */
  private static long undefined(Insn in, Registers before) {
    long open = in.row.flagsUndefined();
    if (SHIFTS.contains(in.row.flagRule()) && shiftCount(in, before) == 1) {
      open &= ~Flags.OF;
    }
    return open;
  }

  private static long shiftCount(Insn in, Registers before) {
    Operand last = in.operands.getLast();
    long n = last instanceof Operand.Imm i ? i.value() : before.low()[Registers.RCX];
    return n & (in.opBits == 64 ? 63 : 31);
  }

  /** The address of the descriptor of a DMA transfer the firmware configuration device is about to make, or -1. */
  static long firmwareDma(Ours ours) {
    Cpu c = ours.cpu();
    Insn in = ours.insn();
    boolean starts = in != null && in.row.mnemonic().equals("out") && (c.r[Cpu.RDX] & 0xffff) == 0x518
        && !(in.op(0) instanceof Operand.Imm);
    return starts ? Integer.reverseBytes((int) c.r[Cpu.RAX]) & 0xffffffffL : -1;
  }
}
