package dev.trapline.vm.cpu.svm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.CpuModel;
import dev.trapline.vm.cpu.CpuState;
import dev.trapline.vm.cpu.CpuType;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.cpu.Svm;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.svm.Consistency;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.svm.VmcbField;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** States that are refused, what VMLOAD, VMSAVE and the switch itself copy, time, identification, the registers of SVM, snapshots. */
class ProcessorStateTest extends SvmBench {
  // ---- APM2 15.5.1 and FACTS 4.4

  @Test
  void illegalStatesAreRefusedAndLegalOnesAreNot() {
    record Change(VmcbField field, long value, boolean legal) {}
    long cr0 = Control.PE | Control.ET | Control.NE;
    long paging = 0x80000000L;
    var changes = List.of(
        new Change(Vmcb.EFER, 0, false), new Change(Vmcb.EFER, Control.SVME | 1L << 16, false),
        new Change(Vmcb.EFER, Control.SVME | 2, false),
        new Change(Vmcb.EFER, Control.SVME | Control.NXE, true), new Change(Vmcb.CR0, cr0 | 0x20000000L, false),
        new Change(Vmcb.CR0, cr0 | 0x40000000L, true), new Change(Vmcb.CR0, cr0 | 0x60000000L, true),
        new Change(Vmcb.CR0, cr0 | 1L << 32, false),
        new Change(Vmcb.CR4, 1L << 31, false), new Change(Vmcb.CR4, 1L << 32, false), new Change(Vmcb.CR4, 0x10, true),
        new Change(Vmcb.DR6, 1L << 32, false), new Change(Vmcb.DR7, 1L << 32, false), new Change(Vmcb.ASID, 0, false),
        new Change(Vmcb.ASID, Svm.ASIDS, false), new Change(Vmcb.ASID, Svm.ASIDS - 1, true), new Change(Vmcb.INTERCEPT_MISC2, 0, false),
        new Change(Vmcb.ES_BASE, 1L << 60, true), new Change(Vmcb.CR3, -1, true));
    for (Change t : changes) {
      long was = get(t.field);
      set(t.field, t.value);
      assertEquals(t.legal ? ExitCode.HLT : ExitCode.INVALID, run("hlt"), t.toString());
      set(t.field, was);
    }
    guest64();
    long efer = Control.SVME | Control.LME | Control.NXE;
    var longMode = List.of(new Change(Vmcb.CR4, Control.OSFXSR, false), new Change(Vmcb.CR0, paging, false),
        new Change(Vmcb.CS_ATTRIB, CODE64 | 0x400, false), new Change(Vmcb.CR3, HOST_TABLES | 1L << 52, false),
        new Change(Vmcb.CR3, HOST_TABLES | 0x18, true), new Change(Vmcb.EFER, efer, true));
    for (Change t : longMode) {
      long was = get(t.field);
      set(t.field, t.value);
      assertEquals(t.legal ? ExitCode.HLT : ExitCode.INVALID, run(CodeSize.BITS64, "hlt"), t.toString());
      set(t.field, was);
    }
  }

  @Test
  void permissionMapsMustLieWithinPhysicalMemory() {
    long end = 1L << Control.PHYSICAL_BITS;
    intercept(ExitCode.IOIO);
    set(Vmcb.IOPM_BASE, end - 0x2000);
    assertEquals(ExitCode.INVALID, run("hlt"));
    set(Vmcb.IOPM_BASE, end - 0x3000 | 0xfff);
    assertEquals(ExitCode.HLT, run("hlt"));
    intercept(ExitCode.MSR);
    set(Vmcb.MSRPM_BASE, end - 0x1000);
    assertEquals(ExitCode.INVALID, run("hlt"));
    set(Vmcb.MSRPM_BASE, end - 0x2000 | 0xfff);
    assertEquals(ExitCode.HLT, run("hlt"));
  }

  @Test
  void aRefusalSaysWhyAndChangesNothing() {
    var limits = new Consistency.Limits(Control.eferDefined(c), Control.cr4Defined(c), Control.PHYSICAL_BITS, Svm.ASIDS, true);
    assertNull(Consistency.check(Vmcb.copy(memory, VMCB), limits));
    set(Vmcb.ASID, 0);
    assertEquals("ASID 0 is not one of 1 to 255", Consistency.check(Vmcb.copy(memory, VMCB), limits));
    byte[] save = Arrays.copyOfRange(Vmcb.copy(memory, VMCB), 0x400, 0x1000);
    run("hlt");
    assertEquals(-1, Arrays.mismatch(save, Arrays.copyOfRange(Vmcb.copy(memory, VMCB), 0x400, 0x1000)));
  }

  /** Whatever the VMCB holds, VMRUN ends in an exit, in a shutdown or in a guest that runs on, never in an error of ours. */
  @Test
  void randomVmcbsAreHarmless() {
    var random = new Random(4);
    byte[] good = Vmcb.copy(memory, VMCB);
    int rounds = Boolean.getBoolean("trapline.full") ? 50_000 : 1500;
    code(CODE, CodeSize.BITS32, "inc eax", "mov [" + DATA + "], eax", "cpuid", "hlt");
    for (int i = 0; i < rounds; i++) {
      byte[] v = good.clone();
      for (int n = random.nextInt(1, 12); n > 0; n--) {
        VmcbField f = Vmcb.fields().get(random.nextInt(Vmcb.fields().size()));
        f.set(v, random.nextBoolean() ? f.get(v) ^ 1L << random.nextInt(8 * f.bytes()) : random.nextLong());
      }
      Vmcb.intercept(v, ExitCode.VMRUN, true);
      memory.poke(VMCB, v, 0, v.length);
      c.svm.gif = false;
      c.rip = HOST;
      c.halted = false;
      c.r[Cpu.RAX] = VMCB;
      engine.run(60);
      if (c.svm.guest) {
        World.exit(c, -2, 0, 0, 0);
      }
      c.shutdown = false;
      assertEquals(HOST_TABLES, c.cr3);
      assertTrue(c.mode64());
    }
  }

  // ---- copies

  @Test
  void vmloadAndVmsaveCarryTheRest() {
    set(Vmcb.FS_BASE, 0x123456789aL);
    set(Vmcb.FS_SELECTOR, 0x33);
    set(Vmcb.FS_ATTRIB, 0xcf3);
    set(Vmcb.GS_BASE, 0x23456789abL);
    set(Vmcb.TR_BASE, 0x3456);
    set(Vmcb.TR_ATTRIB, 0x8b);
    set(Vmcb.LDTR_BASE, 0x4567);
    VmcbField[] msrs = {Vmcb.KERNEL_GS_BASE, Vmcb.STAR, Vmcb.LSTAR, Vmcb.CSTAR, Vmcb.SFMASK, Vmcb.SYSENTER_CS,
      Vmcb.SYSENTER_ESP, Vmcb.SYSENTER_EIP};
    for (int i = 0; i < msrs.length; i++) {
      set(msrs[i], 0x1000 + i);
    }
    code(HOST, CodeSize.BITS64, "vmload", "add rax, 0x40000", "vmsave", "hlt");
    c.rip = HOST;
    c.r[Cpu.RAX] = VMCB;
    engine.run(10);
    assertEquals(0x123456789aL, c.seg[Cpu.FS].base);
    assertEquals(0xc0f3, c.seg[Cpu.FS].access);
    assertEquals(0x3456, c.tr.base);
    assertEquals(0x1002, c.msrs.at(Msrs.LSTAR));
    long copy = VMCB + 0x40000;
    assertEquals(0x123456789aL, Vmcb.FS_BASE.get(memory, copy));
    assertEquals(0xcf3, Vmcb.FS_ATTRIB.get(memory, copy));
    for (int i = 0; i < msrs.length; i++) {
      assertEquals(0x1000 + i, msrs[i].get(memory, copy), msrs[i].name());
    }
    assertEquals(0, Vmcb.CS_BASE.get(memory, copy));
  }

  @Test
  void theWorldsDoNotLeakIntoEachOther() {
    c.msrs.at(Msrs.STAR, 0x5555);
    c.cr8 = 2;
    c.dr[0] = 0x1234;
    set(Vmcb.CR2, 0x9999);
    assertEquals(ExitCode.HLT, run("pushf", "or dword [esp], 0x4000cd5", "popf", "mov eax, 0xdead", "mov cr2, eax", "hlt"));
    assertEquals(0xdead, get(Vmcb.CR2));
    assertEquals(0, c.sysFlags & (Cpu.DF | Cpu.TF));
    assertEquals(0x400, c.dr[7]);
    assertEquals(0x1234, c.dr[0]);
    assertEquals(0, c.cpl);
    assertEquals(0x5555, c.msrs.at(Msrs.STAR));
    assertEquals(HOST_IDT, c.idtBase);
    assertEquals(0x17, c.gdtLimit);
  }

  @Test
  void realModeGuestsRunToo() {
    set(Vmcb.CR0, Control.ET);
    set(Vmcb.CS_SELECTOR, 0x9000);
    set(Vmcb.CS_BASE, 0x90000);
    set(Vmcb.CS_LIMIT, 0xffff);
    set(Vmcb.CS_ATTRIB, 0x9b);
    set(Vmcb.DS_SELECTOR, 0x8000);
    set(Vmcb.DS_BASE, 0x80000);
    set(Vmcb.DS_LIMIT, 0xffff);
    set(Vmcb.DS_ATTRIB, 0x93);
    set(Vmcb.CPL, 3);
    code(0x90000, CodeSize.BITS16, "mov ax, [0x10]", "inc ax", "mov [0x12], ax", "hlt");
    memory.write(0x80010, 2, 41);
    set(Vmcb.RIP, 0);
    assertEquals(ExitCode.HLT, enter());
    assertEquals(42, memory.read(0x80012, 2));
    assertEquals(0, get(Vmcb.CPL));
    assertEquals(0x9000, get(Vmcb.CS_SELECTOR));
  }

  // ---- time

  @Test
  void theGuestsClockIsScaledAndMoved() {
    c.count = 1000;
    code(HOST, CodeSize.BITS64, "vmrun", "hlt");
    set(Vmcb.TSC_OFFSET, 1_000_000);
    assertEquals(ExitCode.HLT, run("rdtsc", "hlt"));
    long plain = get(Vmcb.RAX);
    assertTrue(plain >= 1_001_000 && plain < 1_001_010, "" + plain);
    c.msrs.at(13, 3L << 31); // one and a half
    c.count = 1000;
    assertEquals(ExitCode.HLT, run("rdtsc", "hlt"));
    assertEquals(1_000_000 + (plain - 1_000_000) * 3 / 2, get(Vmcb.RAX));
    assertTrue(Msrs.tsc(c) < 1100);
  }

  // ---- identification and registers

  private static Cpu processor(String type) {
    return new Cpu(new dev.trapline.vm.mem.PhysicalMemory(1 << 20), null, null, new CpuModel(0, 1, false, 0, CpuType.parse(type)));
  }

  @Test
  void cpuidSaysExactlyWhatIsThere() {
    Cpuid.Leaf leaf = c.cpuid.leaf(c, 0x8000000a, 0);
    assertEquals(1, leaf.eax());
    assertEquals(Svm.ASIDS, leaf.ebx());
    assertEquals(0x14ff, leaf.edx());
    assertEquals(4, c.cpuid.leaf(c, 0x80000001, 0).ecx() & 0x1004); // SVM, no SKINIT
    Cpu without = processor("max,-svm");
    assertEquals(0x80000008, without.cpuid.leaf(without, 0x80000000, 0).eax());
    assertFalse(without.cpuid.has(Feature.SVM));
    assertEquals(0, Control.eferDefined(without) & Control.SVME);
    Cpu noNested = processor("max,-npt");
    assertEquals(0x14fe, noNested.cpuid.leaf(noNested, 0x8000000a, 0).edx());
  }

  private boolean writes(int number, long value) {
    try {
      c.msrs.write(c, number, value);
      return true;
    } catch (Fault f) {
      return false;
    }
  }

  @Test
  void svmCanBeDisabledAndTheLockNeedsItsKey() {
    assertFalse(writes(0xc0010114, 0x10)); // in use
    c.efer &= ~(long) Control.SVME;
    assertTrue(writes(0xc0010118, 0x1122));
    assertTrue(writes(0xc0010114, 0x18));
    assertFalse(writes(0xc0000080, c.efer | Control.SVME));
    assertTrue(writes(0xc0010114, 0));
    assertEquals(0x18, c.msrs.read(c, 0xc0010114));
    assertTrue(writes(0xc0010118, 0x3344));
    assertEquals(0x18, c.msrs.read(c, 0xc0010114));
    assertEquals(0, c.msrs.read(c, 0xc0010118));
    assertTrue(writes(0xc0010118, 0x1122));
    assertTrue(writes(0xc0010114, 0));
    assertTrue(writes(0xc0000080, c.efer | Control.SVME));
    assertFalse(writes(0xc0010117, 0x123));
    assertFalse(writes(0xc0010117, 1L << 40));
  }

  @Test
  void instructionsNeedSvmeAndAnAlignedVmcb() {
    String[] names = {"vmrun", "vmload", "vmsave", "stgi", "clgi", "invlpga"};
    for (String name : names) {
      c.efer &= ~(long) Control.SVME;
      assertEquals(Fault.UD, hostVector(name, VMCB), name);
      c.efer |= Control.SVME;
    }
    for (String name : List.of("vmrun", "vmload", "vmsave")) {
      assertEquals(Fault.GP, hostVector(name, VMCB + 8), name);
      assertEquals(Fault.GP, hostVector(name, 1L << 40), name);
    }
    assertEquals(Fault.UD, hostVector("skinit", VMCB));
    assertEquals(Fault.UD, hostVector("vmmcall", VMCB));
  }

  private int hostVector(String instruction, long rax) {
    code(0x2000, CodeSize.BITS64, instruction, "hlt");
    c.svm.gif = true;
    c.halted = false;
    c.rip = 0x2000;
    c.r[Cpu.RAX] = rax;
    engine.run(100);
    long at = c.rip - 1 - HOST_HANDLERS;
    return at >= 0 && at < 0x400 ? (int) at / 4 : -1;
  }

  // ---- last branches

  @Test
  void lastBranchesAreTheGuestsOwn() {
    c.msrs.at(Msrs.BR_FROM, 0x77);
    set(Vmcb.LBR_CTL, 1);
    set(Vmcb.DBGCTL, 1);
    set(Vmcb.BR_TO, 0x88);
    assertEquals(ExitCode.HLT, run("nop", "jmp short skip", "nop", "skip:", "nop", "hlt"));
    assertEquals(CODE + 1, get(Vmcb.BR_FROM));
    assertEquals(CODE + 4, get(Vmcb.BR_TO));
    assertEquals(1, get(Vmcb.DBGCTL));
    assertEquals(0x77, c.msrs.at(Msrs.BR_FROM));
    assertEquals(0, c.msrs.at(Msrs.DEBUGCTL));
    assertEquals(ExitCode.HLT, run("nop", "jmp short skip", "nop", "skip:", "ud2"));
    assertEquals(CODE + 1, get(Vmcb.LASTEXCPFROM));
    assertEquals(CODE + 4, get(Vmcb.LASTEXCPTO));
    assertEquals(CODE + 4, get(Vmcb.BR_FROM));
    assertEquals(HANDLERS + 4 * Fault.UD, get(Vmcb.BR_TO));
  }

  @Test
  void frozenForAnExternalX87InterruptIsAnExit() {
    intercept(ExitCode.FERR_FREEZE);
    set(Vmcb.CR0, Control.PE | Control.ET);
    assertEquals(ExitCode.FERR_FREEZE, run("fninit", "fnstcw [" + DATA + "]", "and byte [" + DATA + "], 0xfb", "fldcw [" + DATA + "]",
        "fld1", "fldz", "fdivp st1, st0", "fwait", "hlt"));
  }

  // ---- snapshots

  @Test
  void aSnapshotInGuestModeGoesOn() {
    intercept(ExitCode.CPUID);
    code(CODE, CodeSize.BITS32, "mov ebx, 1", "again:", "inc ebx", "cmp ebx, 1000", "jne again", "cpuid");
    c.rip = HOST;
    c.r[Cpu.RAX] = VMCB;
    engine.run(100);
    assertTrue(c.svm.guest);
    CpuState state = StateForm.together(CpuState.class, StateForm.apart(c.state()), "cpu");
    var frames = memory.contents();
    engine.run(10_000);
    long end = c.count;
    assertEquals(1000, c.r[Cpu.RBX]);
    SvmBench other = new SvmBench();
    other.memory.contents(frames);
    other.c.state(state);
    other.engine.run(10_000);
    assertEquals(end, other.c.count);
    assertEquals(StateForm.apart(c.state()), StateForm.apart(other.c.state()));
    assertEquals(memory.hash(), other.memory.hash());
    assertEquals(ExitCode.CPUID, other.get(Vmcb.EXITCODE));
  }
}
