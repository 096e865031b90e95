package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.CPL0;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.ONLY64;
import static dev.trapline.vm.isa.Attr.PROTECTED;
import static dev.trapline.vm.isa.Attr.SENSITIVE;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.DebugRegisters;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.cpu.Segments;
import dev.trapline.vm.cpu.XSaveArea;
import dev.trapline.vm.cpu.svm.Intercepts;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;
import java.util.stream.Stream;

/**
 * Control, debug, descriptor-table and model-specific registers; identification and clock; processor state images.
 */
final class SystemRegisters {
  static final List<Row> ROWS = Stream.of(tables(), control(), machine(), state(), notOffered()).flatMap(s -> s).toList();

  private SystemRegisters() {}

  private static Stream<Row> tables() {
    return Stream.of(
        query("0F 01 /0", "sgdt", "Ms").intercept(Intercept.GDTR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::sgdt).spec("SDM 2B SGDT"),
        query("0F 01 /1", "sidt", "Ms").intercept(Intercept.IDTR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::sidt).spec("SDM 2B SIDT"),
        privileged("0F 01 /2", "lgdt", "Ms").intercept(Intercept.GDTR_WRITE).does(SystemRegisters::lgdt).spec("SDM 2A LGDT"),
        privileged("0F 01 /3", "lidt", "Ms").intercept(Intercept.IDTR_WRITE).does(SystemRegisters::lidt).spec("SDM 2A LIDT"),
        query("0F 00 /0", "sldt", "Rv").with(PROTECTED).intercept(Intercept.LDTR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::sldt).spec("SDM 2B SLDT"),
        query("0F 00 /0", "sldt", "Mw").with(PROTECTED).intercept(Intercept.LDTR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::sldt).spec("SDM 2B SLDT"),
        query("0F 00 /1", "str", "Rv").with(PROTECTED).intercept(Intercept.TR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::str).spec("SDM 2B STR"),
        query("0F 00 /1", "str", "Mw").with(PROTECTED).intercept(Intercept.TR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::str).spec("SDM 2B STR"),
        privileged("0F 00 /2", "lldt", "Ew").with(PROTECTED).intercept(Intercept.LDTR_WRITE).does(SystemRegisters::lldt)
            .spec("SDM 2A LLDT"),
        privileged("0F 00 /3", "ltr", "Ew").with(PROTECTED).intercept(Intercept.TR_WRITE).does(SystemRegisters::ltr)
            .spec("SDM 2A LTR"),
        query("0F 01 /4", "smsw", "Rv").intercept(Intercept.CR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::smsw).spec("SDM 2B SMSW"),
        query("0F 01 /4", "smsw", "Mw").intercept(Intercept.CR_READ).after(SystemRegisters::visible)
            .does(SystemRegisters::smsw).spec("SDM 2B SMSW"),
        privileged("0F 01 /6", "lmsw", "Ew").intercept(Intercept.CR_WRITE).does(SystemRegisters::lmsw).spec("SDM 2A LMSW"));
  }

  private static Stream<Row> control() {
    return Stream.of(
        privileged("0F 20 /r", "mov", "Rm,Cm").intercept(Intercept.CR_READ).does(SystemRegisters::readControl).spec("SDM 2B MOV CR"),
        privileged("0F 22 /r", "mov", "Cm,Rm").intercept(Intercept.CR_WRITE).after(SystemRegisters::checkControl)
            .does(SystemRegisters::writeControl)
            .spec("SDM 2B MOV CR"),
        privileged("0F 21 /r", "mov", "Rm,Dm").intercept(Intercept.DR_READ).after(SystemRegisters::checkDebugRead)
            .does(SystemRegisters::readDebug).spec("SDM 2B MOV DR"),
        privileged("0F 23 /r", "mov", "Dm,Rm").intercept(Intercept.DR_WRITE).after(SystemRegisters::checkDebugWrite)
            .does(SystemRegisters::writeDebug).spec("SDM 2B MOV DR"),
        privileged("0F 06", "clts", "").intercept(Intercept.CR_WRITE).does(SystemRegisters::clts).spec("SDM 2A CLTS"),
        privileged("0F 01 /7", "invlpg", "Mb").intercept(Intercept.INVLPG).does(SystemRegisters::invlpg).spec("SDM 2A INVLPG"),
        privileged("0F 08", "invd", "").intercept(Intercept.INVD).does(SystemRegisters::cache).spec("SDM 2A INVD"),
        privileged("0F 09", "wbinvd", "").intercept(Intercept.WBINVD).does(SystemRegisters::cache).spec("SDM 2C WBINVD"),
        privileged("F4", "hlt", "").intercept(Intercept.HLT).does(SystemRegisters::hlt).spec("SDM 2A HLT"),
        row("0F 01 CA", "clac", "").with(ENDS).feature(Feature.SMAP).writes(Cpu.AC).does(SystemRegisters::clac)
            .spec("SDM 2A CLAC"),
        row("0F 01 CB", "stac", "").with(ENDS).feature(Feature.SMAP).writes(Cpu.AC).does(SystemRegisters::stac)
            .spec("SDM 2B STAC"));
  }

  private static Stream<Row> machine() {
    return Stream.of(
        privileged("0F 32", "rdmsr", "").feature(Feature.MSR).intercept(Intercept.MSR).does(SystemRegisters::rdmsr).spec("SDM 2B RDMSR"),
        privileged("0F 30", "wrmsr", "").feature(Feature.MSR).intercept(Intercept.MSR).does(SystemRegisters::wrmsr).spec("SDM 2C WRMSR"),
        ends("0F 31", "rdtsc", "").feature(Feature.TSC).intercept(Intercept.RDTSC).after((c, in) -> requireClock(c))
            .does(SystemRegisters::rdtsc).spec("SDM 2B RDTSC"),
        ends("0F 01 F9", "rdtscp", "").feature(Feature.RDTSCP).intercept(Intercept.RDTSCP).after((c, in) -> requireClock(c))
            .does(SystemRegisters::rdtscp)
            .spec("SDM 2B RDTSCP"),
        ends("0F 33", "rdpmc", "").intercept(Intercept.RDPMC).after((c, in) -> requireCounters(c))
            .does(SystemRegisters::rdpmc).spec("SDM 2B RDPMC"),
        query("0F A2", "cpuid", "").intercept(Intercept.CPUID).does(SystemRegisters::cpuid).spec("SDM 2A CPUID"),
        privileged("0F 01 F8", "swapgs", "").with(ONLY64).feature(Feature.LM).does(SystemRegisters::swapgs).spec("SDM 2B SWAPGS"),
        base("F3 0F AE /0", "rdfsbase").does(SystemRegisters::rdfsbase).spec("SDM 2B RDFSBASE"),
        base("F3 0F AE /1", "rdgsbase").does(SystemRegisters::rdgsbase).spec("SDM 2B RDGSBASE"),
        base("F3 0F AE /2", "wrfsbase").with(SENSITIVE).does(SystemRegisters::wrfsbase).spec("SDM 2C WRFSBASE"),
        base("F3 0F AE /3", "wrgsbase").with(SENSITIVE).does(SystemRegisters::wrgsbase).spec("SDM 2C WRGSBASE"));
  }

  private static Stream<Row> state() {
    return Stream.of(
        row("NP W0 0F AE /0", "fxsave", "Mfx").feature(Feature.FXSR).does(SystemRegisters::fxsave).spec("SDM 2A FXSAVE"),
        row("NP W1 0F AE /0", "fxsave64", "Mfx").with(ONLY64).feature(Feature.FXSR).does(SystemRegisters::fxsave).spec("SDM 2A FXSAVE"),
        row("NP W0 0F AE /1", "fxrstor", "Mfx").feature(Feature.FXSR).does(SystemRegisters::fxrstor).spec("SDM 2A FXRSTOR"),
        row("NP W1 0F AE /1", "fxrstor64", "Mfx").with(ONLY64).feature(Feature.FXSR).does(SystemRegisters::fxrstor)
            .spec("SDM 2A FXRSTOR"),
        xstate("NP W0 0F AE /4", "xsave").does(SystemRegisters::xsave).spec("SDM 2C XSAVE"),
        xstate("NP W1 0F AE /4", "xsave64").with(ONLY64).does(SystemRegisters::xsave).spec("SDM 2C XSAVE"),
        xstate("NP W0 0F AE /5", "xrstor").does(SystemRegisters::xrstor).spec("SDM 2C XRSTOR"),
        xstate("NP W1 0F AE /5", "xrstor64").with(ONLY64).does(SystemRegisters::xrstor).spec("SDM 2C XRSTOR"),
        xstate("NP W0 0F AE /6", "xsaveopt").does(SystemRegisters::xsave).spec("SDM 2C XSAVEOPT"),
        xstate("NP W1 0F AE /6", "xsaveopt64").with(ONLY64).does(SystemRegisters::xsave).spec("SDM 2C XSAVEOPT"),
        query("NP 0F 01 D0", "xgetbv", "").feature(Feature.XSAVE).does(SystemRegisters::xgetbv).spec("SDM 2C XGETBV"),
        row("NP 0F 01 D1", "xsetbv", "").with(ENDS).feature(Feature.XSAVE).intercept(Intercept.XSETBV).after(SystemRegisters::checkXsetbv)
            .does(SystemRegisters::xsetbv).spec("SDM 2C XSETBV"));
  }

  private static Stream<Row> notOffered() {
    return Stream.of(
        absent("0F 01 C8", "monitor", "", Feature.MONITOR, Intercept.MONITOR, "SDM 2B MONITOR"),
        absent("0F 01 C9", "mwait", "", Feature.MONITOR, Intercept.MWAIT, "SDM 2B MWAIT"),
        row("66 0F 38 82 /r", "invpcid", "Gm,Mdq").with(ENDS).feature(Feature.INVPCID)
            .does(FarControl::undefinedOperands).spec("SDM 2A INVPCID"));
  }

  private static Row absent(String encoding, String name, String operands, Feature feature, Intercept intercept, String spec) {
    return row(encoding, name, operands).with(ENDS).feature(feature).intercept(intercept).does(FarControl::undefined)
        .spec(spec);
  }

  private static Def ends(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(ENDS);
  }

  private static Def privileged(String encoding, String name, String operands) {
    return ends(encoding, name, operands).with(CPL0);
  }

  private static Def query(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(SENSITIVE);
  }

  private static Def base(String encoding, String name) {
    return ends(encoding, name, "Ry").with(ONLY64).feature(Feature.FSGSBASE);
  }

  private static Def xstate(String encoding, String name) {
    return query(encoding, name, "Mxs").feature(Feature.XSAVE);
  }

  // ---- descriptor tables

  /** With CR4.UMIP only the kernel may look (SDM 3A 2.5). */
  private static void requireVisible(Cpu c) {
    if ((c.cr4 & Control.UMIP) != 0 && c.cpl != 0) {
      throw c.gp(0);
    }
  }

  static void visible(Cpu c, Insn in) {
    requireVisible(c);
  }

  private static void storeTable(Cpu c, Insn in, int limit, long base) {
    requireVisible(c);
    int bytes = in.mode64 ? 8 : 4;
    long at = Operands.linear(c, in.mem(), 2 + bytes, Access.WRITE);
    c.mem.probeWrite(at, 2 + bytes);
    c.mem.write16(at, limit);
    c.mem.write(at + 2, bytes, base);
  }

  static void sgdt(Cpu c, Insn in) {
    storeTable(c, in, c.gdtLimit, c.gdtBase);
  }

  static void sidt(Cpu c, Insn in) {
    storeTable(c, in, c.idtLimit, c.idtBase);
  }

  /** A 16-bit operand size loads 24 bits of base. */
  private static long tableBase(Cpu c, Insn in, long at) {
    long base = c.mem.read(at + 2, in.mode64 ? 8 : 4);
    if (base >> 47 != base >> 63) {
      throw c.gp(0);
    }
    return in.opBits == 16 && !in.mode64 ? base & 0xffffff : base;
  }

  private static long tableAt(Cpu c, Insn in) {
    return Operands.linear(c, in.mem(), in.mode64 ? 10 : 6, Access.READ);
  }

  static void lgdt(Cpu c, Insn in) {
    long at = tableAt(c, in);
    int limit = c.mem.read16(at);
    c.gdtBase = tableBase(c, in, at);
    c.gdtLimit = limit;
  }

  static void lidt(Cpu c, Insn in) {
    long at = tableAt(c, in);
    int limit = c.mem.read16(at);
    c.idtBase = tableBase(c, in, at);
    c.idtLimit = limit;
  }

  static void sldt(Cpu c, Insn in) {
    requireVisible(c);
    Operands.set(c, in.op(0), c.ldtr.selector & 0xffffL);
  }

  static void str(Cpu c, Insn in) {
    requireVisible(c);
    Operands.set(c, in.op(0), c.tr.selector & 0xffffL);
  }

  static void smsw(Cpu c, Insn in) {
    requireVisible(c);
    Operands.set(c, in.op(0), c.cr0);
  }

  static void lldt(Cpu c, Insn in) {
    Segments.loadLdt(c, (int) Operands.get(c, in, 0));
  }

  static void ltr(Cpu c, Insn in) {
    Segments.loadTask(c, (int) Operands.get(c, in, 0));
  }

  static void lmsw(Cpu c, Insn in) {
    Control.machineStatusWord(c, Operands.get(c, in, 0));
  }

  // ---- control and debug registers

  private static int index(Insn in, int operand) {
    return ((Operand.Reg) in.op(operand)).index();
  }

  static void readControl(Cpu c, Insn in) {
    Operands.set(c, in.op(0), Control.read(c, index(in, 1)));
  }

  static void checkControl(Cpu c, Insn in) {
    Control.check(c, index(in, 0), Operands.get(c, in, 1));
  }

  static void writeControl(Cpu c, Insn in) {
    Control.write(c, index(in, 0), Operands.get(c, in, 1));
  }

  static void readDebug(Cpu c, Insn in) {
    Operands.set(c, in.op(0), DebugRegisters.read(c, index(in, 1)));
  }

  static void checkDebugRead(Cpu c, Insn in) {
    DebugRegisters.checked(c, index(in, 1));
  }

  static void checkDebugWrite(Cpu c, Insn in) {
    DebugRegisters.checked(c, index(in, 0), Operands.get(c, in, 1));
  }

  static void writeDebug(Cpu c, Insn in) {
    DebugRegisters.write(c, index(in, 0), Operands.get(c, in, 1));
  }

  static void clts(Cpu c) {
    Control.clearTaskSwitched(c);
  }

  /** The address is not checked, and a non-canonical one does nothing. */
  static void invlpg(Cpu c, Insn in) {
    c.mem.flush(Intercepts.invlpgAddress(c, in));
  }

  /** There is no cache whose contents could differ from memory. */
  static void cache(Cpu c) {
    c.limit = 0;
  }

  static void hlt(Cpu c) {
    c.halted = true;
  }

  private static void alignmentFlag(Cpu c, int ac) {
    if (c.cpl != 0 || c.v86()) {
      throw c.ud();
    }
    c.sysFlags = c.sysFlags & ~Cpu.AC | ac;
    c.modeChanged();
  }

  static void clac(Cpu c) {
    alignmentFlag(c, 0);
  }

  static void stac(Cpu c) {
    alignmentFlag(c, Cpu.AC);
  }

  // ---- MSRs, clock, identification

  private static long edxEax(Cpu c) {
    return c.r[Cpu.RDX] << 32 | c.r[Cpu.RAX] & 0xffffffffL;
  }

  private static void edxEax(Cpu c, long value) {
    c.r[Cpu.RAX] = value & 0xffffffffL;
    c.r[Cpu.RDX] = value >>> 32;
  }

  static void rdmsr(Cpu c) {
    edxEax(c, c.msrs.read(c, (int) c.r[Cpu.RCX]));
  }

  static void wrmsr(Cpu c) {
    c.msrs.write(c, (int) c.r[Cpu.RCX], edxEax(c));
  }

  private static void requireClock(Cpu c) {
    if ((c.cr4 & Control.TSD) != 0 && c.cpl != 0) {
      throw c.gp(0);
    }
  }

  static void rdtsc(Cpu c) {
    requireClock(c);
    edxEax(c, Msrs.tsc(c));
  }

  static void rdtscp(Cpu c) {
    requireClock(c);
    edxEax(c, Msrs.tsc(c));
    c.r[Cpu.RCX] = Msrs.row(0xc000_0103).read().get(c);
  }

  private static void requireCounters(Cpu c) {
    if ((c.cr4 & Control.PCE) == 0 && c.cpl != 0) {
      throw c.gp(0);
    }
  }

  /** No performance counters are offered, so every counter number is out of range. */
  static void rdpmc(Cpu c) {
    throw c.gp(0);
  }

  static void cpuid(Cpu c) {
    Cpuid.Leaf leaf = c.cpuid.leaf(c, (int) c.r[Cpu.RAX], (int) c.r[Cpu.RCX]);
    c.r[Cpu.RAX] = leaf.eax() & 0xffffffffL;
    c.r[Cpu.RBX] = leaf.ebx() & 0xffffffffL;
    c.r[Cpu.RCX] = leaf.ecx() & 0xffffffffL;
    c.r[Cpu.RDX] = leaf.edx() & 0xffffffffL;
  }

  static void swapgs(Cpu c) {
    Msrs.swapKernelGs(c);
  }

  private static void requireBaseAccess(Cpu c) {
    if ((c.cr4 & Control.FSGSBASE) == 0) {
      throw c.ud();
    }
  }

  private static void readBase(Cpu c, Insn in, int segment) {
    requireBaseAccess(c);
    Operands.set(c, in.op(0), c.seg[segment].base);
  }

  private static void writeBase(Cpu c, Insn in, int segment) {
    requireBaseAccess(c);
    long base = Operands.get(c, in, 0);
    if (base >> 47 != base >> 63) {
      throw c.gp(0);
    }
    c.seg[segment].base = base;
    c.modeChanged();
  }

  static void rdfsbase(Cpu c, Insn in) {
    readBase(c, in, Cpu.FS);
  }

  static void rdgsbase(Cpu c, Insn in) {
    readBase(c, in, Cpu.GS);
  }

  static void wrfsbase(Cpu c, Insn in) {
    writeBase(c, in, Cpu.FS);
  }

  static void wrgsbase(Cpu c, Insn in) {
    writeBase(c, in, Cpu.GS);
  }

  // ---- state images

  private static void requireFpu(Cpu c, int forbidden) {
    if ((c.cr0 & forbidden) != 0) {
      throw c.raise(Fault.NM);
    }
  }

  static void fxsave(Cpu c, Insn in) {
    requireFpu(c, Control.EM | Control.TS);
    XSaveArea.fxsave(c, Operands.linear(c, in.mem(), XSaveArea.LEGACY, Access.WRITE), in.has(Insn.REX_W));
  }

  static void fxrstor(Cpu c, Insn in) {
    requireFpu(c, Control.EM | Control.TS);
    XSaveArea.fxrstor(c, Operands.linear(c, in.mem(), XSaveArea.LEGACY, Access.READ), in.has(Insn.REX_W));
  }

  private static void requireXsave(Cpu c) {
    if ((c.cr4 & Control.OSXSAVE) == 0) {
      throw c.ud();
    }
  }

  static void xsave(Cpu c, Insn in) {
    requireXsave(c);
    requireFpu(c, Control.TS);
    XSaveArea.xsave(c, Operands.linear(c, in.mem(), XSaveArea.SIZE, Access.WRITE), edxEax(c), in.has(Insn.REX_W));
  }

  static void xrstor(Cpu c, Insn in) {
    requireXsave(c);
    requireFpu(c, Control.TS);
    XSaveArea.xrstor(c, Operands.linear(c, in.mem(), XSaveArea.SIZE, Access.READ), edxEax(c), in.has(Insn.REX_W));
  }

  static void xgetbv(Cpu c) {
    requireXsave(c);
    if ((int) c.r[Cpu.RCX] != 0) {
      throw c.gp(0);
    }
    edxEax(c, c.xcr0);
  }

  static void checkXsetbv(Cpu c, Insn in) {
    requireXsave(c);
    if (c.cpl != 0) {
      throw c.gp(0);
    }
  }

  static void xsetbv(Cpu c) {
    requireXsave(c);
    if (c.cpl != 0 || (int) c.r[Cpu.RCX] != 0) {
      throw c.gp(0);
    }
    Control.xcr0(c, edxEax(c));
  }
}
