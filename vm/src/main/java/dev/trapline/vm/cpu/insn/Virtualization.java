package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.PROTECTED;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Svm;
import dev.trapline.vm.cpu.svm.HostState;
import dev.trapline.vm.cpu.svm.World;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Row;
import java.util.List;

/**
 * The instructions of SVM (APM3). All of them need EFER.SVME, then CPL 0; SKINIT, which needs hardware that measures code, is not
 * offered (CPUID 8000_0001 ECX.SKINIT is clear) and always raises #UD; VMMCALL exists to be intercepted.
 */
final class Virtualization {
  static final List<Row> ROWS = List.of(
      svm("0F 01 D8", "vmrun", Intercept.VMRUN).after(Virtualization::requireVmcb).does(Virtualization::vmrun).spec("APM3 VMRUN"),
      row("0F 01 D9", "vmmcall", "").with(ENDS).feature(Feature.SVM).intercept(Intercept.VMMCALL).does(FarControl::undefined)
          .spec("APM3 VMMCALL"),
      svm("0F 01 DA", "vmload", Intercept.VMLOAD).after(Virtualization::requireVmcb).does(Virtualization::vmload).spec("APM3 VMLOAD"),
      svm("0F 01 DB", "vmsave", Intercept.VMSAVE).after(Virtualization::requireVmcb).does(Virtualization::vmsave).spec("APM3 VMSAVE"),
      svm("0F 01 DC", "stgi", Intercept.STGI).after(Virtualization::requireHost).does(Virtualization::stgi).spec("APM3 STGI"),
      svm("0F 01 DD", "clgi", Intercept.CLGI).after(Virtualization::requireHost).does(Virtualization::clgi).spec("APM3 CLGI"),
      svm("0F 01 DE", "skinit", Intercept.SKINIT).after(FarControl::undefinedOperands).does(FarControl::undefinedOperands)
          .spec("APM3 SKINIT"),
      svm("0F 01 DF", "invlpga", Intercept.INVLPGA).after(Virtualization::requireHost).does(Virtualization::invlpga)
          .spec("APM3 INVLPGA"));

  private Virtualization() {}

  private static Def svm(String encoding, String name, Intercept intercept) {
    return row(encoding, name, "").with(ENDS, PROTECTED).feature(Feature.SVM).intercept(intercept);
  }

  static void requireHost(Cpu c, Insn in) {
    if ((c.efer & Control.SVME) == 0) {
      throw c.ud();
    }
    if (c.cpl != 0) {
      throw c.gp(0);
    }
  }

  /** The VMCB's address is rAX, as wide as the address size. */
  private static long vmcb(Cpu c, Insn in) {
    return Operands.cut(c.r[Cpu.RAX], in.addrBits);
  }

  static void requireVmcb(Cpu c, Insn in) {
    requireHost(c, in);
    long at = vmcb(c, in);
    if ((at & 0xfff) != 0 || at >>> Control.PHYSICAL_BITS != 0) {
      throw c.gp(0);
    }
  }

  static void vmrun(Cpu c, Insn in) {
    requireVmcb(c, in);
    World.run(c, vmcb(c, in));
  }

  static void vmload(Cpu c, Insn in) {
    requireVmcb(c, in);
    HostState.load(c, vmcb(c, in));
  }

  static void vmsave(Cpu c, Insn in) {
    requireVmcb(c, in);
    HostState.save(c, vmcb(c, in));
  }

  /** What was held while GIF was clear is looked at before the next instruction. */
  static void stgi(Cpu c, Insn in) {
    requireHost(c, in);
    c.svm.gif = true;
    c.attention = true;
    c.limit = 0;
  }

  static void clgi(Cpu c, Insn in) {
    requireHost(c, in);
    c.svm.gif = false;
    c.limit = 0;
  }

  /** Drops a page of an address space; all of that space goes, which is always allowed. */
  static void invlpga(Cpu c, Insn in) {
    requireHost(c, in);
    long asid = c.r[Cpu.RCX] & 0xffffffffL;
    if (asid < Svm.ASIDS) {
      c.mem.flushSpace((int) asid);
      c.limit = 0;
    }
  }
}
