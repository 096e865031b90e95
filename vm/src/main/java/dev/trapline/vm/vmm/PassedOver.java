package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Walk;

/** Passes over the instruction a virtual processor stands at. */
final class PassedOver {
  private PassedOver() {}

  static void instruction(Vcpu v) {
    Cpu c = v.cpu();
    v.machine();
    var in = new Decoder(X86.set()).decode(offset -> fetch(c, c.rip + offset), c.codeSize());
    c.rip += in == null ? 1 : in.length;
    c.shadow = false;
    v.stepped();
  }

  /** A byte of code as the guest's tables have it, without setting accessed bits there; FFh where there is none. */
  private static int fetch(Cpu c, long rip) {
    long linear = c.mode64() ? rip : c.seg[Cpu.CS].base + rip & 0xffffffffL;
    var walk = new Walk();
    c.mem.walker().walk(c.mem.paging(), linear, Access.READ, false, true, false, walk);
    byte[] one = {-1};
    if (walk.fault < 0) {
      c.mem.physical().peek(walk.pa, one, 0, 1);
    }
    return one[0] & 0xff;
  }
}
