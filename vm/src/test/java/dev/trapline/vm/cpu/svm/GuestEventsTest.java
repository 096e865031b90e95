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
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Exceptions, injection, interrupts of both kinds, GIF, and exits in the middle of a delivery (APM2 15.7, 15.12, 15.13, 15.17, 15.20,
 * 15.21).
 */
class GuestEventsTest extends SvmBench {
  private static final int WITH_ERROR = 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17;

  private void gate(int vector, boolean present) {
    long at = IDT + 8 * vector;
    memory.write(at + 5, 1, present ? 0xee : 0x6e);
  }

  // ---- exceptions

  @Test
  void everyExceptionThatCodeCanRaiseIsIntercepted() {
    record Raise(int vector, long error, String... code) {}
    var raises = List.of(new Raise(Fault.DE, 0, "xor ecx, ecx", "div ecx"), new Raise(Fault.BP, 0, "int3"),
        new Raise(Fault.OF, 0, "mov al, 0x7f", "add al, 1", "into"), new Raise(Fault.BR, 0, "mov eax, 5", "bound eax, [" + DATA + "]"),
        new Raise(Fault.UD, 0, "ud2"), new Raise(Fault.NM, 0, "mov eax, cr0", "or al, 8", "mov cr0, eax", "fld1"),
        new Raise(Fault.NP, 0x40, "mov ax, 0x40", "mov ds, ax"), new Raise(Fault.SS, 0x40, "mov ax, 0x40", "mov ss, ax"),
        new Raise(Fault.GP, 0x100, "mov ax, 0x100", "mov ds, ax"), new Raise(Fault.DB, 0, "pushf", "or word [esp], 0x100", "popf", "nop"),
        new Raise(Fault.MF, 0, "fninit", "fnstcw [" + DATA + "]", "and byte [" + DATA + "], 0xfb", "fldcw [" + DATA + "]", "fld1", "fldz",
            "fdivp st1, st0", "fwait"));
    memory.write(GDT + 0x40, 8, 0x00cf13000000ffffL); // data, not present
    for (Raise r : raises) {
      set(Vmcb.GDTR_LIMIT, 0x47);
      intercept(ExitCode.EXCEPTION + r.vector);
      set(Vmcb.CR0, Control.PE | Control.ET | Control.NE);
      set(Vmcb.RFLAGS, 2);
      set(Vmcb.RSP, STACK);
      assertEquals(ExitCode.EXCEPTION + r.vector, run(r.code), Fault.name(r.vector));
      assertEquals(r.error, get(Vmcb.EXITINFO1), Fault.name(r.vector));
      assertEquals(0, get(Vmcb.EXITINTINFO), Fault.name(r.vector));
      boolean ownNext = r.vector == Fault.BP || r.vector == Fault.OF || r.vector == Fault.BR;
      assertEquals(ownNext, get(Vmcb.NRIP) != 0, Fault.name(r.vector));
      pass(ExitCode.EXCEPTION + r.vector);
      set(Vmcb.CR0, Control.PE | Control.ET | Control.NE);
      set(Vmcb.RFLAGS, 2);
      set(Vmcb.RSP, STACK);
      assertEquals(ExitCode.HLT, run(r.code), Fault.name(r.vector));
      assertEquals(r.vector, vector());
    }
  }

  @Test
  void intAndIcebpAreNotExceptions() {
    intercept(ExitCode.EXCEPTION + Fault.BP);
    intercept(ExitCode.EXCEPTION + Fault.DB);
    assertEquals(ExitCode.HLT, run("db 0xcd, 3")); // INT 3 by its long encoding
    assertEquals(Fault.BP, vector());
    assertEquals(ExitCode.HLT, run("int1"));
    assertEquals(Fault.DB, vector());
  }

  @Test
  void debugStatusIsUpToDateWhenTheTrapIsIntercepted() {
    intercept(ExitCode.EXCEPTION + Fault.DB);
    set(Vmcb.RFLAGS, 0x102);
    assertEquals(ExitCode.EXCEPTION + Fault.DB, run("nop", "hlt"));
    assertEquals(CODE + 1, get(Vmcb.RIP)); // a trap: after the guest's first instruction
    assertEquals(0xffff4ff0L, get(Vmcb.DR6));
  }

  @Test
  void aTripleFaultIsAShutdownExit() {
    set(Vmcb.IDTR_LIMIT, 0);
    assertEquals(ExitCode.SHUTDOWN, run("ud2"));
    assertFalse(c.shutdown);
    pass(ExitCode.SHUTDOWN);
    c.rip = HOST;
    c.halted = false;
    c.r[Cpu.RAX] = VMCB;
    engine.run(100);
    assertTrue(c.shutdown);
  }

  // ---- exits during delivery

  @Test
  void theEventBeingDeliveredIsRecorded() {
    intercept(ExitCode.EXCEPTION + Fault.NP);
    gate(0x30, false);
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("int 0x30"));
    assertEquals(EventWord.of(EventWord.SOFTWARE, 0x30), get(Vmcb.EXITINTINFO));
    assertEquals(0x30 * 8 + 2, get(Vmcb.EXITINFO1));
    assertEquals(CODE, get(Vmcb.RIP));
    gate(Fault.UD, false);
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("ud2"));
    assertEquals(EventWord.of(EventWord.EXCEPTION, Fault.UD), get(Vmcb.EXITINTINFO));
    assertEquals(Fault.UD * 8 + 3, get(Vmcb.EXITINFO1));
    gate(Fault.GP, false);
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("mov ax, 0x100", "mov ds, ax"));
    assertEquals(EventWord.of(EventWord.EXCEPTION, Fault.GP, 0x100), get(Vmcb.EXITINTINFO));
    gate(Fault.BP, false);
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("int3"));
    assertEquals(EventWord.of(EventWord.EXCEPTION, Fault.BP), get(Vmcb.EXITINTINFO));
    gate(0x21, false);
    pendingVector = 0x21;
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("sti", "nop", "nop", "hlt"));
    assertEquals(EventWord.of(EventWord.INTR, 0x21), get(Vmcb.EXITINTINFO));
    gate(2, false);
    nmi = true;
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("nop", "hlt"));
    assertEquals(EventWord.of(EventWord.NMI, 2), get(Vmcb.EXITINTINFO));
    set(Vmcb.EVENTINJ, EventWord.of(EventWord.INTR, 0x30));
    assertEquals(ExitCode.EXCEPTION + Fault.NP, run("nop", "hlt"));
    assertEquals(EventWord.of(EventWord.INTR, 0x30), get(Vmcb.EXITINTINFO));
    assertEquals(CODE, get(Vmcb.RIP));
  }

  @Test
  void withoutInterceptsFaultsCombineAsOnTheBareProcessor() {
    gate(Fault.GP, false);
    assertEquals(ExitCode.HLT, run("mov ax, 0x100", "mov ds, ax"));
    assertEquals(Fault.DF, vector());
    intercept(ExitCode.EXCEPTION + Fault.DF);
    assertEquals(ExitCode.EXCEPTION + Fault.DF, run("mov ax, 0x100", "mov ds, ax"));
    assertEquals(0, get(Vmcb.EXITINFO1));
  }

  @Test
  void taskSwitchesTellWhereToAndWhy() {
    intercept(ExitCode.TASK_SWITCH);
    memory.write(GDT + 0x40, 8, 0x0000890000000067L | (long) (DATA & 0xffffff) << 16);
    set(Vmcb.GDTR_LIMIT, 0x47);
    assertEquals(ExitCode.TASK_SWITCH, run("jmp 0x40:0"));
    assertEquals(0x40, get(Vmcb.EXITINFO1));
    assertEquals(1L << 38, get(Vmcb.EXITINFO2));
    assertEquals(ExitCode.TASK_SWITCH, run("call 0x40:0"));
    assertEquals(0, get(Vmcb.EXITINFO2));
    memory.write(IDT + 8 * Fault.GP, 8, 0x0000e50000400000L);
    assertEquals(ExitCode.TASK_SWITCH, run("mov ax, 0x100", "mov ds, ax"));
    assertEquals(1L << 44 | 1L << 48 | 0x100, get(Vmcb.EXITINFO2));
    assertEquals(EventWord.of(EventWord.EXCEPTION, Fault.GP, 0x100), get(Vmcb.EXITINTINFO));
  }

  // ---- injection

  @Test
  void everyVectorOfEveryTypeIsInjectedOrRefused() {
    for (int type = 0; type < 8; type++) {
      for (int vector = 0; vector < 256; vector += vector < 40 ? 1 : 27) {
        for (long error : new long[] {-1, 0xabcd}) {
          set(Vmcb.RSP, STACK);
          set(Vmcb.NRIP, CODE + 2);
          set(Vmcb.EVENTINJ, EventWord.of(type, vector, error));
          boolean legal = type == EventWord.INTR || type == EventWord.NMI || type == EventWord.SOFTWARE
              || type == EventWord.EXCEPTION && vector < 32 && vector != 2;
          String what = "type " + type + " vector " + vector + " error " + error;
          assertEquals(legal ? ExitCode.HLT : ExitCode.INVALID, run("nop", "hlt"), what);
          if (legal) {
            int shown = type == EventWord.NMI ? 2 : vector;
            assertEquals(shown, vector(), what);
            long sp = get(Vmcb.RSP);
            assertEquals(STACK - (error == -1 ? 12 : 16), sp, what);
            boolean soft = type == EventWord.SOFTWARE || type == EventWord.EXCEPTION && (vector == 3 || vector == 4);
            assertEquals(soft ? CODE + 2 : CODE, memory.read(sp + (error == -1 ? 0 : 4), 4), what);
          }
          c.nmiBlocked = false;
        }
      }
    }
  }

  @Test
  void injectionAsksNoInterceptButItsFaultsDo() {
    intercept(ExitCode.EXCEPTION + Fault.PF);
    intercept(ExitCode.EXCEPTION + Fault.GP);
    set(Vmcb.EVENTINJ, EventWord.of(EventWord.EXCEPTION, Fault.GP, 0));
    assertEquals(ExitCode.HLT, run("hlt"));
    assertEquals(Fault.GP, vector());
    set(Vmcb.IDTR_LIMIT, 0x10);
    set(Vmcb.EVENTINJ, EventWord.of(EventWord.INTR, 0x30));
    assertEquals(ExitCode.EXCEPTION + Fault.GP, run("hlt"));
    assertEquals(0x30 * 8 + 3, get(Vmcb.EXITINFO1));
    assertEquals(EventWord.of(EventWord.INTR, 0x30), get(Vmcb.EXITINTINFO));
  }

  @Test
  void injectionBreaksThroughTheShadowAndIf() {
    set(Vmcb.INTERRUPT_STATE, 1);
    set(Vmcb.EVENTINJ, EventWord.of(EventWord.INTR, 0x41));
    assertEquals(ExitCode.HLT, run("hlt"));
    assertEquals(0x41, vector());
  }

  /** Found by comparing with QEMU's TCG. */
  @Test
  void anExitThatKeepsAnInstructionFromCompletingLeavesTheShadowOn() {
    intercept(ExitCode.CPUID);
    for (String first : new String[] {"sti", "mov ss, ax"}) {
      set(Vmcb.RFLAGS, 2);
      assertEquals(ExitCode.CPUID, run("mov ax, 0x10", first, "cpuid"));
      assertEquals(Vmcb.INTERRUPT_SHADOW, get(Vmcb.INTERRUPT_STATE) & Vmcb.INTERRUPT_SHADOW, first);
      assertEquals(ExitCode.CPUID, run("mov ax, 0x10", first, "nop", "cpuid"));
      assertEquals(0, get(Vmcb.INTERRUPT_STATE) & Vmcb.INTERRUPT_SHADOW, first);
    }
    intercept(ExitCode.EXCEPTION + Fault.UD);
    assertEquals(ExitCode.EXCEPTION + Fault.UD, run("sti", "ud2"));
    assertEquals(Vmcb.INTERRUPT_SHADOW, get(Vmcb.INTERRUPT_STATE) & Vmcb.INTERRUPT_SHADOW);
  }

  // ---- physical interrupts

  @Test
  void nmiAndInitLeaveAndStayPending() {
    intercept(ExitCode.NMI);
    nmi = true;
    assertEquals(ExitCode.NMI, run("nop", "hlt"));
    assertEquals(CODE, get(Vmcb.RIP));
    assertTrue(nmi);
    nmi = false;
    intercept(ExitCode.INIT);
    init = true;
    assertEquals(ExitCode.INIT, run("nop", "hlt"));
    assertTrue(init);
  }

  @Test
  void withMaskingTheHostsFlagHoldsPhysicalInterrupts() {
    intercept(ExitCode.INTR);
    pendingVector = 0x21;
    set(Vmcb.V_INTR, Vmcb.V_INTR_MASKING);
    assertEquals(ExitCode.HLT, run("sti", "nop", "nop", "hlt")); // the host's IF is clear
    assertEquals(Vmcb.GUEST_INTERRUPT_MASK, get(Vmcb.INTERRUPT_STATE));
    c.sysFlags |= Cpu.IF;
    set(Vmcb.RFLAGS, 2);
    assertEquals(ExitCode.INTR, run("cli", "nop", "hlt"));
    assertEquals(CODE, get(Vmcb.RIP));
    assertEquals(0, get(Vmcb.INTERRUPT_STATE));
    set(Vmcb.V_INTR, 0);
    assertEquals(ExitCode.HLT, run("cli", "nop", "hlt")); // without masking the guest's counts
    c.sysFlags &= ~Cpu.IF;
  }

  @Test
  void aHaltedGuestIsLeftByAnInterrupt() {
    pass(ExitCode.HLT);
    intercept(ExitCode.INTR);
    code(CODE, CodeSize.BITS32, "sti", "hlt", "nop");
    c.rip = HOST;
    c.r[Cpu.RAX] = VMCB;
    engine.run(100);
    assertTrue(c.halted && c.svm.guest);
    pendingVector = 0x22;
    c.attention = true;
    engine.run(100);
    assertEquals(ExitCode.INTR, get(Vmcb.EXITCODE));
    assertEquals(CODE + 2, get(Vmcb.RIP));
  }

  // ---- the virtual interrupt

  private void virtual(int vector, int priority, int more) {
    set(Vmcb.V_INTR, Vmcb.V_IRQ | priority << Vmcb.V_INTR_PRIO_SHIFT | more);
    set(Vmcb.V_INTR_VECTOR, vector);
  }

  @Test
  void aVirtualInterruptWaitsForIfShadowAndPriority() {
    virtual(0x77, 5, 0);
    assertEquals(ExitCode.HLT, run("nop", "hlt"));
    assertEquals(-1, vector());
    assertTrue((get(Vmcb.V_INTR) & Vmcb.V_IRQ) != 0);
    assertEquals(ExitCode.HLT, run("sti", "nop", "nop", "hlt"));
    assertEquals(0x77, vector());
    assertEquals(CODE + 2, memory.read(get(Vmcb.RSP), 4));
    assertEquals(0, get(Vmcb.V_INTR) & Vmcb.V_IRQ);
    virtual(0x77, 5, 5);
    assertEquals(ExitCode.HLT, run("sti", "nop", "nop", "hlt"));
    assertEquals(-1, vector());
    virtual(0x77, 5, 5 | Vmcb.V_IGN_TPR);
    assertEquals(ExitCode.HLT, run("sti", "nop", "nop", "hlt"));
    assertEquals(0x77, vector());
    virtual(0x77, 5, 4);
    set(Vmcb.RFLAGS, 0x202);
    set(Vmcb.INTERRUPT_STATE, 1);
    assertEquals(ExitCode.HLT, run("nop", "nop", "hlt"));
    assertEquals(CODE + 1, memory.read(get(Vmcb.RSP), 4));
  }

  @Test
  void theWindowExitComesWhenItCouldBeTaken() {
    intercept(ExitCode.VINTR);
    virtual(0x77, 5, 0);
    assertEquals(ExitCode.VINTR, run("nop", "sti", "nop", "nop", "hlt"));
    assertEquals(CODE + 3, get(Vmcb.RIP));
    assertTrue((get(Vmcb.V_INTR) & Vmcb.V_IRQ) != 0);
  }

  @Test
  void cr8IsTheVirtualPriorityUnderMasking() {
    guest64();
    virtual(0x77, 5, 9 | Vmcb.V_INTR_MASKING);
    c.cr8 = 3;
    assertEquals(ExitCode.HLT, run(CodeSize.BITS64, "sti", "mov rbx, cr8", "mov ecx, 4", "mov cr8, rcx", "nop", "hlt"));
    assertEquals(9, c.r[Cpu.RBX]);
    assertEquals(3, c.cr8);
    assertEquals(0x77, vector());
    assertEquals(4, get(Vmcb.V_INTR) & Vmcb.V_TPR);
    set(Vmcb.V_INTR, 0);
    assertEquals(ExitCode.HLT, run(CodeSize.BITS64, "mov rbx, cr8", "mov ecx, 4", "mov cr8, rcx", "hlt"));
    assertEquals(3, c.r[Cpu.RBX]);
    assertEquals(4, c.cr8);
  }

  // ---- GIF

  @Test
  void clearGifHoldsEverythingUntilStgi() {
    c.sysFlags |= Cpu.IF;
    pendingVector = 0x40;
    code(HOST, CodeSize.BITS64, "clgi", "nop", "nop", "mov ebx, 5", "stgi", "mov ebx, 6", "hlt");
    c.rip = HOST;
    c.svm.gif = false;
    c.attention = true;
    engine.run(100);
    assertEquals(5, c.r[Cpu.RBX]);
    assertEquals(HOST_HANDLERS + 4 * 0x40 + 1, c.rip);
    nmi = true;
    c.halted = false;
    c.rip = HOST;
    c.r[Cpu.RBX] = 0;
    c.svm.gif = false;
    engine.run(100);
    assertEquals(5, c.r[Cpu.RBX]);
    assertEquals(HOST_HANDLERS + 4 * 2 + 1, c.rip);
  }
}
