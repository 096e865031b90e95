package dev.trapline.vm.cpu.svm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import org.junit.jupiter.api.Test;

/** VMRUN and #VMEXIT (APM2 15.5, 15.6): what is saved, loaded and left alone, and the exits that monitors live on. */
class WorldSwitchTest extends SvmBench {
  @Test
  void aGuestRunsAndHaltLeavesIt() {
    assertEquals(ExitCode.HLT, run("mov eax, 0x12345678", "mov ebx, 7", "mov dword [" + DATA + "], 99", "hlt"));
    assertEquals(0x12345678, get(Vmcb.RAX));
    assertEquals(7, c.r[Cpu.RBX]);
    assertEquals(VMCB, c.r[Cpu.RAX]);
    assertEquals(99, memory.read(DATA, 4));
    assertEquals(CODE + 20, get(Vmcb.RIP));
    assertEquals(CODE + 21, get(Vmcb.NRIP));
    assertFalse(c.svm.gif);
    assertTrue(c.mode64());
    assertEquals(HOST_TABLES, c.cr3);
    assertEquals(HOST_STACK, c.r[Cpu.RSP]);
  }

  @Test
  void cpuidIoMsrAndVmmcallLeaveWithTheirInformation() {
    intercept(ExitCode.CPUID);
    intercept(ExitCode.IOIO);
    intercept(ExitCode.MSR);
    intercept(ExitCode.VMMCALL);
    port(0x3f8, true);
    msr(0xc0000082, true, true);
    assertEquals(ExitCode.CPUID, run("cpuid"));
    assertEquals(CODE + 2, get(Vmcb.NRIP));
    assertEquals(ExitCode.IOIO, run("mov dx, 0x3f8", "in al, dx"));
    assertEquals(0x3f8 << 16 | 0x100 | 0x10 | 1, get(Vmcb.EXITINFO1));
    assertEquals(CODE + 5, get(Vmcb.EXITINFO2));
    assertEquals(ExitCode.IOIO, run("mov dx, 0x3f6", "out dx, eax"));
    assertEquals(0x3f6 << 16 | 0x100 | 0x40, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.HLT, run("mov dx, 0x3f6", "in ax, dx", "hlt"));
    assertEquals("in2:3f6 ", ports.toString());
    assertEquals(ExitCode.MSR, run("mov ecx, 0xc0000082", "rdmsr", "wrmsr"));
    assertEquals(1, get(Vmcb.EXITINFO1));
    assertEquals(ExitCode.MSR, run("mov ecx, 0x2000", "rdmsr"));
    assertEquals(ExitCode.VMMCALL, run("vmmcall"));
    pass(ExitCode.VMMCALL);
    assertEquals(ExitCode.HLT, run("vmmcall"));
    assertEquals(Fault.UD, vector());
  }

  @Test
  void exceptionsLeaveOrReachTheGuest() {
    intercept(ExitCode.EXCEPTION + Fault.PF);
    intercept(ExitCode.EXCEPTION + Fault.BP);
    guest64();
    assertEquals(ExitCode.EXCEPTION + Fault.PF, run(CodeSize.BITS64, "mov rax, 0x7000000000", "mov [rax], ebx"));
    assertEquals(Walks.WRITE, get(Vmcb.EXITINFO1));
    assertEquals(0x7000000000L, get(Vmcb.EXITINFO2));
    assertEquals(0, get(Vmcb.CR2));
    assertEquals(15, get(Vmcb.GUEST_INSTRUCTION_LENGTH));
    assertEquals(0x1889, memory.read(VMCB + Vmcb.GUEST_INSTRUCTION_BYTES, 2));
    assertEquals(ExitCode.EXCEPTION + Fault.BP, run(CodeSize.BITS64, "nop", "int3"));
    assertEquals(CODE + 1, get(Vmcb.RIP));
    assertEquals(CODE + 2, get(Vmcb.NRIP));
    pass(ExitCode.EXCEPTION + Fault.PF);
    assertEquals(ExitCode.HLT, run(CodeSize.BITS64, "mov rax, 0x7000000000", "mov [rax], ebx"));
    assertEquals(Fault.PF, vector());
    assertEquals(0x7000000000L, get(Vmcb.CR2));
  }

  private static final class Walks {
    static final int WRITE = 2;
  }

  @Test
  void aPhysicalInterruptLeavesAndStaysPending() {
    intercept(ExitCode.INTR);
    pendingVector = 0x21;
    assertEquals(ExitCode.INTR, run("sti", "nop", "nop", "hlt"));
    assertEquals(CODE + 2, get(Vmcb.RIP));
    assertEquals(0x21, pendingVector);
    pass(ExitCode.INTR);
    assertEquals(ExitCode.HLT, run("sti", "nop", "nop", "hlt"));
    assertEquals(0x21, vector());
  }

  @Test
  void injectedEventsGoThroughTheGuestsTable() {
    set(Vmcb.EVENTINJ, EventWord.of(EventWord.EXCEPTION, Fault.GP, 0x1234));
    assertEquals(ExitCode.HLT, run("hlt"));
    assertEquals(Fault.GP, vector());
    assertEquals(0x1234, memory.read(get(Vmcb.RSP), 4));
    assertFalse(EventWord.valid(get(Vmcb.EVENTINJ)));
    set(Vmcb.RSP, STACK);
    set(Vmcb.EVENTINJ, EventWord.of(EventWord.INTR, 0x55));
    assertEquals(ExitCode.HLT, run("hlt"));
    assertEquals(0x55, vector());
    assertEquals(STACK - 12, get(Vmcb.RSP));
  }

  @Test
  void aSinkStopsTheRunRightAfterTheExit() {
    long[] told = {0};
    c.svm.sink = code -> told[0] = code;
    code(CODE, CodeSize.BITS32, "mov eax, 1", "hlt");
    c.rip = HOST;
    c.r[Cpu.RAX] = VMCB;
    engine.run(1000);
    assertEquals(ExitCode.HLT, told[0]);
    assertFalse(c.halted);
    assertEquals(HOST + 3, c.rip);
    engine.run(1000);
    assertTrue(c.halted);
  }

  @Test
  void badStateIsRefused() {
    set(Vmcb.ASID, 0);
    assertEquals(ExitCode.INVALID, run("hlt"));
    assertFalse(c.svm.gif);
    set(Vmcb.ASID, 1);
    set(Vmcb.EFER, 0);
    assertEquals(ExitCode.INVALID, run("hlt"));
    set(Vmcb.EFER, Control.SVME);
    assertEquals(ExitCode.HLT, run("hlt"));
  }
}
