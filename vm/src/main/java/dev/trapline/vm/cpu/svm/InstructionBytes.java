package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;

/**
 * Decode assist (APM2 15.8.4): for page faults on data, nested or the guest's own, the bytes from the guest's RIP on, as many as can be
 * read.
 */
final class InstructionBytes {
  private InstructionBytes() {}

  static void store(Cpu c, byte[] vmcb, long code, long info1) {
    boolean pageFault = code == ExitCode.NPF || code == ExitCode.EXCEPTION + Fault.PF;
    int n = pageFault && (info1 & Walk.PF_I) == 0 ? fetch(c, vmcb) : 0;
    Vmcb.GUEST_INSTRUCTION_LENGTH.set(vmcb, n);
  }

  private static int fetch(Cpu c, byte[] vmcb) {
    long linear = c.seg[Cpu.CS].base + c.rip;
    linear = c.mode64() ? linear : linear & 0xffffffffL;
    PhysicalMemory memory = c.mem.physical();
    Walk walk = new Walk();
    int done = 0;
    while (done < Vmcb.MAX_INSTRUCTION_BYTES) {
      long at = linear + done;
      c.mem.walker().walk(c.mem.paging(), at, Access.FETCH, c.cpl == 3, false, false, walk);
      if (walk.fault >= 0) {
        break;
      }
      int n = Math.min(Vmcb.MAX_INSTRUCTION_BYTES - done, PhysicalMemory.PAGE - (int) (at & PhysicalMemory.PAGE - 1));
      memory.peek(walk.pa, vmcb, Vmcb.GUEST_INSTRUCTION_BYTES + done, n);
      done += n;
    }
    return done;
  }
}
