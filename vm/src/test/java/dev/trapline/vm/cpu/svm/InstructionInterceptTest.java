package dev.trapline.vm.cpu.svm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.isa.asm.Encoder;
import dev.trapline.vm.isa.asm.RowSamples;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.PermissionMaps;
import dev.trapline.vm.svm.Vmcb;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every instruction of the table that can be intercepted (APM2 15.9, appendix C), in all its forms: with its intercept on it leaves guest
 * mode with the code of the manual, before it has done anything; with it off it does not. What comes first, the intercept or the
 * exception, is APM2 table 15-7.
 */
class InstructionInterceptTest extends SvmBench {
  private static final int SAMPLES = Boolean.getBoolean("trapline.full") ? 60 : 6;
  /** What APM2 table 15-7 gives at CPL 3 where a kernel's instruction has an exception to raise: that comes first. */
  private static final Map<Intercept, Integer> AT_CPL3 = new EnumMap<>(Intercept.class);
  /** The others: nothing they could raise at CPL 3, or the manual puts the intercept before it. */
  private static final Set<Intercept> INTERCEPT_FIRST = EnumSet.of(Intercept.IDTR_READ, Intercept.GDTR_READ, Intercept.LDTR_READ,
      Intercept.TR_READ, Intercept.RDTSC, Intercept.RDTSCP, Intercept.PUSHF, Intercept.POPF, Intercept.CPUID, Intercept.RSM, Intercept.IRET,
      Intercept.SWINT, Intercept.PAUSE, Intercept.VMMCALL, Intercept.ICEBP);

  static {
    for (Intercept i : List.of(Intercept.IDTR_WRITE, Intercept.GDTR_WRITE, Intercept.LDTR_WRITE, Intercept.TR_WRITE, Intercept.RDPMC,
        Intercept.INVD, Intercept.HLT, Intercept.INVLPG, Intercept.INVLPGA, Intercept.IOIO, Intercept.MSR, Intercept.VMRUN,
        Intercept.VMLOAD, Intercept.VMSAVE, Intercept.STGI, Intercept.CLGI, Intercept.WBINVD, Intercept.XSETBV,
        Intercept.CR_WRITE, Intercept.DR_READ,
        Intercept.DR_WRITE)) {
      AT_CPL3.put(i, Fault.GP);
    }
    AT_CPL3.put(Intercept.SKINIT, Fault.UD);
  }

  /** One instruction to try. */
  private record Case(Row row, CodeSize size, byte[] bytes, Insn in) {
    /** The exit code the manual gives: for MOV with its register, for CLTS, LMSW and SMSW that of CR0. */
    int code() {
      int register = 0;
      for (Operand o : in.operands) {
        if (o instanceof Operand.Reg r && (r.file() == RegFile.CR || r.file() == RegFile.DR)) {
          register = r.index();
        }
      }
      return row.intercept().exitCode + register;
    }

    @Override
    public String toString() {
      return row + " " + java.util.HexFormat.of().formatHex(bytes) + " in " + size;
    }
  }

  private List<Case> cases() {
    var out = new ArrayList<Case>();
    var decoder = new dev.trapline.vm.isa.Decoder(X86.set());
    for (Row row : X86.set().rows()) {
      if (row.intercept() == Intercept.NONE || !c.cpuid.has(row.feature())) {
        continue;
      }
      for (CodeSize size : List.of(CodeSize.BITS32, CodeSize.BITS64)) {
        var samples = new RowSamples(row.id() * 7L + size.ordinal());
        for (int bits : Encoder.sizes(row, size)) {
          for (int i = 0; i < SAMPLES; i++) {
            byte[] bytes = Encoder.encode(samples.sample(row, size, bits));
            out.add(new Case(row, size, bytes, decoder.decode(dev.trapline.vm.isa.ByteSource.of(bytes, 0), size)));
          }
        }
      }
    }
    return out;
  }

  /** A stack pointer is no value for a control register, and zero none for CR0 and CR4 in long mode. */
  private static boolean faultsFirst(Case t) {
    boolean control = t.row.intercept() == Intercept.CR_WRITE && !t.in.operands.isEmpty()
        && t.in.op(0) instanceof Operand.Reg r && r.file() == RegFile.CR
        && (r.index() == 0 || r.index() == 4);
    return t.size == CodeSize.BITS64 && control || t.row.mnemonic().equals("mov")
        && t.in.operands.stream().anyMatch(o -> o instanceof Operand.Reg r && r.file().isGpr() && r.index() == Cpu.RSP);
  }

  private final byte[] fresh = new byte[2 << 20];

  InstructionInterceptTest() {
    memory.peek(0, fresh, 0, fresh.length);
  }

  private void prepare(Case t) {
    memory.poke(0, fresh, 0, fresh.length); // what ran before stored at random places
    Arrays.fill(c.r, 0);
    c.r[Cpu.RSP] = HOST_STACK;
    set(Vmcb.INTERCEPT_CR, 0);
    set(Vmcb.INTERCEPT_DR, 0);
    set(Vmcb.INTERCEPT_EXCEPTIONS, 0);
    set(Vmcb.INTERCEPT_MISC1, 0);
    set(Vmcb.INTERCEPT_MISC2, 0);
    intercept(ExitCode.VMRUN);
    intercept(ExitCode.SHUTDOWN);
    byte[] ones = new byte[PermissionMaps.IO_SIZE];
    Arrays.fill(ones, (byte) 0xff);
    memory.poke(IOPM, ones, 0, PermissionMaps.IO_SIZE);
    memory.poke(MSRPM, ones, 0, PermissionMaps.MSR_SIZE);
    if (t.size == CodeSize.BITS64) {
      guest64();
    } else {
      memory.write(GDT + 8, 8, 0x00cf9b000000ffffL);
      segments(CODE32);
      set(Vmcb.CR0, Control.PE | Control.ET | Control.NE);
      set(Vmcb.EFER, Control.SVME);
      set(Vmcb.IDTR_BASE, IDT);
      set(Vmcb.IDTR_LIMIT, 0x7ff);
    }
    set(Vmcb.CR4, (t.size == CodeSize.BITS64 ? Control.PAE : 0) | Control.OSFXSR | Control.OSXSAVE);
    set(Vmcb.CPL, 0);
    set(Vmcb.RAX, 0);
    set(Vmcb.RFLAGS, 2);
    set(Vmcb.RSP, STACK);
    set(Vmcb.RIP, CODE);
    set(Vmcb.DR7, 0x400);
    memory.poke(CODE, t.bytes, 0, t.bytes.length);
    memory.write(CODE + t.bytes.length, 1, 0xf4);
  }

  @Test
  void everyInstructionLeavesWhenItIsInterceptedAndOnlyThen() {
    int tried = 0;
    for (Case t : cases()) {
      if (faultsFirst(t) || t.row.intercept() == Intercept.SKINIT) {
        continue;
      }
      prepare(t);
      intercept(t.code());
      assertEquals(t.code(), enter(), t::toString);
      assertEquals(CODE, get(Vmcb.RIP), t::toString);
      assertEquals(CODE + t.bytes.length, get(Vmcb.NRIP), t::toString);
      assertEquals(STACK, get(Vmcb.RSP), t::toString);
      assertEquals(0, get(Vmcb.RAX), t::toString);
      if (t.row.intercept() != Intercept.VMRUN) {
        prepare(t);
        assertNotEquals(t.code(), attempt(), t::toString);
      }
      tried++;
    }
    assertTrue(tried > 500, "cases: " + tried);
  }

  /** Runs a guest that may never leave; its exit code, or -2. */
  private long attempt() {
    set(Vmcb.EXITCODE, -2);
    c.rip = HOST;
    c.halted = false;
    c.svm.gif = true;
    c.r[Cpu.RAX] = VMCB;
    engine.run(50);
    if (c.svm.guest) {
      World.exit(c, -2, 0, 0, 0);
      c.rip = HOST + 4;
    }
    c.shutdown = false;
    return get(Vmcb.EXITCODE);
  }

  @Test
  void exceptionsThatComeFirstComeFirst() {
    for (Case t : cases()) {
      if (faultsFirst(t)) {
        continue;
      }
      prepare(t);
      intercept(t.code());
      intercept(ExitCode.EXCEPTION + Fault.GP);
      intercept(ExitCode.EXCEPTION + Fault.UD);
      int code = (int) Vmcb.CS_ATTRIB.get(memory, VMCB);
      set(Vmcb.CS_ATTRIB, code | 0x60);
      set(Vmcb.SS_ATTRIB, DATA32 | 0x60);
      set(Vmcb.CPL, 3);
      Integer fault = AT_CPL3.get(t.row.intercept());
      boolean smsw = t.row.mnemonic().equals("smsw");
      boolean kernel = fault != null || t.row.intercept() == Intercept.CR_READ && !smsw;
      long wanted = kernel ? ExitCode.EXCEPTION + (fault == null ? Fault.GP : fault) : t.code();
      assertTrue(kernel || smsw || INTERCEPT_FIRST.contains(t.row.intercept()), () -> t + " is in neither list");
      assertEquals(wanted, attempt(), t::toString);
    }
  }

  @Test
  void userModeInstructionPreventionComesBeforeTheIntercept() {
    for (Case t : cases()) {
      if (!Set.of("sgdt", "sidt", "sldt", "str", "smsw").contains(t.row.mnemonic())) {
        continue;
      }
      prepare(t);
      intercept(t.code());
      intercept(ExitCode.EXCEPTION + Fault.GP);
      set(Vmcb.CR4, get(Vmcb.CR4) | Control.UMIP);
      set(Vmcb.CS_ATTRIB, Vmcb.CS_ATTRIB.get(memory, VMCB) | 0x60);
      set(Vmcb.SS_ATTRIB, DATA32 | 0x60);
      set(Vmcb.CPL, 3);
      assertEquals(ExitCode.EXCEPTION + Fault.GP, attempt(), t::toString);
    }
  }

  @Test
  void decodeAssistsNameTheRegisterTheVectorAndTheAddress() {
    intercept(ExitCode.CR_WRITE + 3);
    intercept(ExitCode.CR_READ);
    intercept(ExitCode.CR_WRITE);
    intercept(ExitCode.DR_WRITE + 7);
    intercept(ExitCode.SWINT);
    intercept(ExitCode.INVLPG);
    assertEquals(ExitCode.CR_WRITE + 3, run("mov cr3, esi"));
    assertEquals(1L << 63 | Cpu.RSI, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.CR_READ, run("mov ebx, cr0"));
    assertEquals(1L << 63 | Cpu.RBX, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.CR_READ, run("smsw ax"));
    assertEquals(0, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.CR_WRITE, run("clts"));
    assertEquals(0, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.CR_WRITE, run("mov ax, 9", "lmsw ax"));
    assertEquals(0, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.DR_WRITE + 7, run("mov dr7, ecx"));
    assertEquals(Cpu.RCX, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.SWINT, run("int 0x80"));
    assertEquals(0x80, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.INVLPG, run("mov ebx, 0x1000", "invlpg [ebx+0x234]"));
    assertEquals(0x1234, get(Vmcb.EXITINFO1));
  }

  @Test
  void selectiveCr0WritesLookAtTheBits() {
    intercept(ExitCode.CR0_SEL_WRITE);
    assertEquals(ExitCode.HLT, run("mov eax, cr0", "xor eax, 8", "mov cr0, eax", "hlt"));
    assertEquals(ExitCode.HLT, run("clts", "hlt"));
    assertEquals(ExitCode.CR0_SEL_WRITE, run("mov eax, cr0", "xor eax, 0x20", "mov cr0, eax", "hlt"));
    assertEquals(1L << 63, get(Vmcb.EXITINFO1));
    assertEquals(CODE + 6, get(Vmcb.RIP));
    assertEquals(CODE + 9, get(Vmcb.NRIP));
    assertEquals(ExitCode.CR0_SEL_WRITE, run("mov eax, cr0", "or eax, 4", "lmsw ax", "hlt"));
    intercept(ExitCode.CR_WRITE);
    assertEquals(ExitCode.CR_WRITE, run("mov eax, cr0", "xor eax, 0x20", "mov cr0, eax", "hlt"));
  }

  @Test
  void stringIoTellsItsSizesAndSegment() {
    intercept(ExitCode.IOIO);
    port(0x1f0, true);
    assertEquals(ExitCode.IOIO, run("mov dx, 0x1f0", "mov ecx, 4", "rep insd"));
    assertEquals(0x1f0 << 16 | 0x100 | 0x40 | 8 | 4 | 1, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.IOIO, run("mov dx, 0x1f0", "fs outsb"));
    assertEquals(0x1f0 << 16 | Cpu.FS << 10 | 0x100 | 0x10 | 4, get(Vmcb.EXITINFO1));
  }

  @Test
  void ioMapBitsCoverTheWholeAccessAndRunOverTheLastPort() {
    intercept(ExitCode.IOIO);
    port(0x67, true);
    assertEquals(ExitCode.IOIO, run("in eax, 0x64", "hlt"));
    assertEquals(ExitCode.HLT, run("in ax, 0x64", "hlt"));
    assertEquals(ExitCode.HLT, run("in al, 0x68", "hlt"));
    port(0x10000, true);
    assertEquals(ExitCode.HLT, run("mov dx, 0xffff", "in al, dx", "hlt"));
    assertEquals(ExitCode.IOIO, run("mov dx, 0xffff", "in ax, dx", "hlt"));
  }

  @Test
  void msrMapHasThreeRangesAndTheRestIsAlwaysIntercepted() {
    intercept(ExitCode.MSR);
    for (int msr : new int[] {0x2000, 0xbfffffff, 0xc0002000, 0xc000ffff, 0xc0012000, -1}) {
      assertEquals(ExitCode.MSR, run("mov ecx, " + (msr & 0xffffffffL), "rdmsr", "hlt"), Integer.toHexString(msr));
    }
    for (int msr : new int[] {0x10, 0xc0000102, 0xc0010015}) {
      assertEquals(ExitCode.HLT, run("mov ecx, " + (msr & 0xffffffffL), "rdmsr", "hlt"), Integer.toHexString(msr));
      msr(msr, false, true);
      assertEquals(ExitCode.MSR, run("mov ecx, " + (msr & 0xffffffffL), "rdmsr", "hlt"), Integer.toHexString(msr));
      assertEquals(0, get(Vmcb.EXITINFO1));
      assertEquals(ExitCode.HLT, run("mov ecx, " + (msr & 0xffffffffL), "wrmsr", "hlt"), Integer.toHexString(msr));
      msr(msr, false, false);
      msr(msr, true, true);
      assertEquals(ExitCode.MSR, run("mov ecx, " + (msr & 0xffffffffL), "wrmsr", "hlt"), Integer.toHexString(msr));
      assertEquals(1, get(Vmcb.EXITINFO1));
    }
  }

  @Test
  void pausesAreCountedAndTheCountIsReloaded() {
    intercept(ExitCode.PAUSE);
    assertEquals(ExitCode.PAUSE, run("pause", "hlt"));
    set(Vmcb.PAUSE_COUNT, 2);
    assertEquals(ExitCode.PAUSE, run("pause", "pause", "pause", "hlt"));
    assertEquals(CODE + 4, get(Vmcb.RIP));
    assertEquals(ExitCode.HLT, run("pause", "pause", "hlt"));
    set(Vmcb.PAUSE_THRESHOLD, 5);
    String[] apart = new String[40];
    Arrays.fill(apart, "nop");
    apart[5] = "pause";
    apart[13] = "pause";
    apart[21] = "pause";
    apart[29] = "pause";
    apart[39] = "hlt";
    assertEquals(ExitCode.HLT, run(apart));
  }
}
