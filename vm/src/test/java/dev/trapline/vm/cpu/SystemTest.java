package dev.trapline.vm.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the scenario programs leave out: identification, MSRs, state images, PAE, alignment checks, shadows, NMI, shutdown. */
class SystemTest {
  private static final int CODE = 0x1000;
  private static final int IDT = 0x3000;
  private static final int GDT = 0x3800;
  private static final int HANDLERS = 0x4000;
  private static final int STACK = 0x9000;
  private static final int DATA = 0xa000;

  private final PhysicalMemory memory = new PhysicalMemory(1L << 32);
  private int pendingVector = -1;
  private final Cpu c = new Cpu(memory, new Ports(), new Source());
  private final Interpreter engine = new Interpreter(c);

  SystemTest() {
    memory.addRam("ram", 0, 16 << 20);
    c.reset();
    c.cr0 = Control.PE | Control.ET;
    c.gdtBase = GDT;
    c.gdtLimit = 0x3f;
    long[] gdt = {0, 0x00cf9b000000ffffL, 0x00cf93000000ffffL, 0x00cffb000000ffffL, 0x00cff3000000ffffL, 0x00008900c0000067L,
      0x00af9b000000ffffL, 0x00affb000000ffffL};
    for (int i = 0; i < gdt.length; i++) {
      memory.write(GDT + 8 * i, 8, gdt[i]);
    }
    for (int i = 0; i < 6; i++) {
      c.seg[i].set(i == Cpu.CS ? 8 : 0x10, 0, 0xffffffffL, i == Cpu.CS ? 0xc09b : 0xc093);
    }
    c.tr.set(0x28, 0xc000, 0x67, 0x8b);
    memory.write(0xc004, 4, 0xb000);
    memory.write(0xc008, 4, 0x10);
    c.idtBase = IDT;
    c.idtLimit = 0x7ff;
    for (int v = 0; v < 256; v++) {
      long at = HANDLERS + 4 * v;
      memory.write(IDT + 8 * v, 8, at & 0xffff | 0x8 << 16 | 0xee00L << 32);
      memory.write(at, 1, 0xf4); // each handler halts
    }
    c.r[Cpu.RSP] = STACK;
    c.modeChanged();
  }

  /** Runs lines of 32-bit code until it halts. */
  private void run(String... lines) {
    run(CodeSize.BITS32, lines);
  }

  private void run(CodeSize size, String... lines) {
    String text = "org " + CODE + "\n" + String.join("\n", lines) + "\nhlt\n";
    byte[] code = new Assembler(X86.set()).assemble("test", (name, from) -> text.getBytes(), new Assembler.Options(Map.of(), size)).bytes();
    memory.poke(CODE, code, 0, code.length);
    c.rip = CODE;
    c.halted = false;
    engine.run(1000);
    assertTrue(c.halted || c.shutdown, "did not halt: rip " + Long.toHexString(c.rip));
  }

  /** The vector whose handler halted, or -1. */
  private int vector() {
    long at = c.rip - 1 - HANDLERS;
    return at >= 0 && at < 0x400 ? (int) at / 4 : -1;
  }

  private long pushed(int index) {
    return memory.read((c.r[Cpu.RSP] & 0xffffffffL) + 4 * index, 4);
  }

  // ---- identification

  @Test
  void cpuidAdvertisesEveryFeatureThatHasRowsAndIsOffered() {
    for (var row : X86.set().rows()) {
      if (c.cpuid.has(row.feature()) && row.feature() != Feature.BASE) {
        assertTrue(c.cpuid.bits().stream().anyMatch(b -> b.feature() == row.feature()), row.feature().name());
      }
    }
    for (var bit : c.cpuid.bits()) {
      if (bit.feature() != null) {
        assertTrue(X86.set().rows().stream().anyMatch(r -> r.feature() == bit.feature()), bit.name() + " is offered but has no rows");
      }
    }
  }

  @Test
  void cpuidNamesTheVendorAndTheFamily() {
    run("xor eax, eax", "cpuid");
    assertEquals(0x68747541, c.r[Cpu.RBX]);
    assertEquals(0x69746e65, c.r[Cpu.RDX]);
    assertEquals(0x444d4163, c.r[Cpu.RCX]);
    run("mov eax, 1", "cpuid");
    assertEquals(0xf, c.r[Cpu.RAX] >> 8 & 15);
    run("mov eax, 0x80000001", "cpuid");
    assertEquals(1, c.r[Cpu.RDX] >> 29 & 1);
  }

  @Test
  void osxsaveShowsInCpuid() {
    run("mov eax, cr4", "or eax, 0x40000", "mov cr4, eax", "mov eax, 1", "cpuid");
    assertEquals(1, c.r[Cpu.RCX] >> 27 & 1);
  }

  // ---- MSRs

  @Test
  void everyMsrCanBeReadAndReservedBitsCannotBeSet() {
    for (Msr m : Msrs.table()) {
      if (m.name().equals("TSC_DEADLINE")) {
        continue; // this processor has no APIC
      }
      c.r[Cpu.RCX] = m.number() & 0xffffffffL;
      run("rdmsr");
      assertEquals(-1, vector(), m.name());
      for (int bit = 0; bit < 64; bit++) {
        if (m.write() != null && (m.reserved() >>> bit & 1) != 0) {
          long value = 1L << bit;
          assertThrows(Fault.class, () -> c.msrs.write(c, m.number(), value), m.name() + " bit " + bit);
        }
      }
    }
  }

  /** APM2 9.3.2.2: status registers take only zero, but for who tests a handler. */
  @Test
  void machineCheckBanksHaveNothingToSay() {
    assertEquals(0x105, c.msrs.read(c, 0x179));
    assertThrows(Fault.class, () -> c.msrs.write(c, 0x411, 1));
    c.msrs.write(c, 0x411, 0);
    c.msrs.write(c, 0xc001_0015, 1 << 18);
    c.msrs.write(c, 0x411, 5);
    assertEquals(5, c.msrs.read(c, 0x411));
    assertThrows(Fault.class, () -> c.msrs.read(c, 0x414), "a sixth bank");
  }

  @Test
  void unknownMsrsFaultAndAreCounted() {
    run("mov ecx, 0x12345", "rdmsr");
    assertEquals(Fault.GP, vector());
    assertEquals(List.of(0x12345), c.msrs.unknown().stream().map(Msrs.Unknown::number).toList());
    assertEquals(1, c.msrs.unknown().getFirst().reads() + c.msrs.unknown().getFirst().writes());
  }

  @Test
  void memoryTypesAreChecked() {
    run("mov ecx, 0x277", "mov eax, 2", "xor edx, edx", "wrmsr");
    assertEquals(Fault.GP, vector());
    run("mov ecx, 0x200", "mov eax, 0x80000006", "xor edx, edx", "wrmsr", "rdmsr");
    assertEquals(0x80000006L, c.r[Cpu.RAX]);
  }

  @Test
  void timeStampCounterCountsInstructionsAndCanBeSet() {
    run("rdtsc", "mov ebx, eax", "nop", "nop", "rdtsc", "sub eax, ebx");
    assertEquals(4, c.r[Cpu.RAX]);
    run("mov ecx, 0x10", "mov eax, 1000", "xor edx, edx", "wrmsr", "rdtsc");
    assertEquals(1001, c.r[Cpu.RAX]);
    run("mov ecx, 0xc0000103", "mov eax, 77", "xor edx, edx", "wrmsr", "rdtscp");
    assertEquals(77, c.r[Cpu.RCX]);
  }

  // ---- state images

  @Test
  void fxsaveWritesTheImageOfTheManualAndFxrstorTakesItBack() {
    c.cr4 |= Control.OSFXSR;
    for (int i = 0; i < 16; i++) {
      c.xmm[i] = 0x1111111111111111L * i;
    }
    run("fninit", "fld1", "fldz", "fxsave [" + DATA + "]", "fninit", "pxor xmm0, xmm0", "pxor xmm1, xmm1", "fxrstor [" + DATA + "]");
    assertEquals(0x37f, memory.read(DATA, 2));
    assertEquals(6 << 11, memory.read(DATA + 2, 2));
    assertEquals(0xc0, memory.read(DATA + 4, 1));
    assertEquals(0x1f80, memory.read(DATA + 24, 4));
    assertEquals(0x8000000000000000L, memory.read(DATA + 48, 8));
    assertEquals(0x3fff, memory.read(DATA + 56, 2));
    assertEquals(0x2222222222222222L, memory.read(DATA + 176, 8));
    assertEquals(0x3333333333333333L, c.xmm[3]);
    assertEquals(6, c.x87.top);
    assertEquals(0x3fff, c.x87.signExp[7]);
  }

  @Test
  void fxsaveNeedsAlignmentAndFxrstorAnHonestMxcsr() {
    run("fxsave [" + (DATA + 8) + "]");
    assertEquals(Fault.GP, vector());
    run("fxsave [" + DATA + "]", "mov dword [" + (DATA + 24) + "], 0x10000", "fxrstor [" + DATA + "]");
    assertEquals(Fault.GP, vector());
    run("mov eax, cr0", "or al, 8", "mov cr0, eax", "fxsave [" + DATA + "]");
    assertEquals(Fault.NM, vector());
  }

  @Test
  void xsaveKeepsToTheComponentsAskedFor() {
    run("xgetbv");
    assertEquals(Fault.UD, vector());
    c.cr4 |= Control.OSXSAVE | Control.OSFXSR;
    c.xmm[0] = 5;
    run("xor ecx, ecx", "mov eax, 3", "xor edx, edx", "xsetbv", "mov eax, 2", "xsave [" + DATA + "]");
    assertEquals(-1, vector());
    assertEquals(2, memory.read(DATA + 512, 8));
    assertEquals(0, memory.read(DATA, 2));
    assertEquals(5, memory.read(DATA + 160, 8));
    run("mov eax, 3", "xor edx, edx", "xrstor [" + DATA + "]");
    assertEquals(0x37f, c.x87.controlWord()); // not in the image: initialised
    memory.write(DATA + 512, 8, 4);
    run("mov eax, 3", "xrstor [" + DATA + "]");
    assertEquals(Fault.GP, vector());
    run("xor ecx, ecx", "mov eax, 2", "xor edx, edx", "xsetbv");
    assertEquals(Fault.GP, vector());
  }

  // ---- paging regimes

  @Test
  void paeLoadsItsFourEntriesWithCr3AndChecksThem() {
    memory.write(0x20000, 8, 0x21001);
    memory.write(0x21000, 8, 0x87);
    memory.write(0x21008, 8, 0x8000_0000_0040_0087L);
    memory.write(0x20008, 8, 0x21003); // reserved bit 1
    String[] on = {"mov eax, cr4", "or al, 0x20", "mov cr4, eax", "mov eax, 0x20000", "mov cr3, eax", "mov ecx, 0xc0000080",
      "mov eax, 0x800", "xor edx, edx", "wrmsr", "mov eax, cr0", "or eax, 0x80000000", "mov cr0, eax"};
    run(on);
    assertEquals(Fault.GP, vector());
    memory.write(0x20008, 8, 0);
    run(on);
    assertEquals(-1, vector());
    memory.write(0x20000, 8, 0); // the registers still hold the old entry
    memory.write(0x400004, 4, 0x1234);
    run("mov eax, [0x200004]", "mov ebx, eax", "invlpg [0x200000]", "mov eax, 0x200000", "jmp eax");
    assertEquals(0x1234, c.r[Cpu.RBX]);
    assertEquals(Fault.PF, vector());
    assertEquals(0x11, pushed(0)); // present, fetch
  }

  /**
   * SDM 3A 4.10.4.1: loading CR3 keeps the entries of global pages, INVLPG drops them, and so does a change of CR4.PGE. 400000h is mapped
   * by a global page and 401000h by another one; tables are changed under the processor.
   */
  @Test
  void globalPagesStayWhenCr3IsLoaded() {
    memory.write(0x20000, 4, 0x83);
    memory.write(0x20004, 4, 0x21003);
    memory.write(0x21000, 4, 0x800103);
    memory.write(0x21004, 4, 0x801003);
    for (int page = 0; page < 4; page++) {
      memory.write(0x800000 + page * 0x1000, 4, 10 + page);
    }
    run("mov eax, cr4", "or eax, 0x90", "mov cr4, eax", "mov eax, 0x20000", "mov cr3, eax", "mov eax, cr0", "or eax, 0x80000000",
        "mov cr0, eax", "mov ebx, [0x400000]", "mov ecx, [0x401000]", "mov dword [0x21000], 0x802103", "mov dword [0x21004], 0x803003",
        "mov eax, cr3", "mov cr3, eax", "mov ebx, [0x400000]", "mov ecx, [0x401000]", "invlpg [0x400000]", "mov edx, [0x400000]",
        "mov dword [0x21000], 0x800103", "mov eax, cr4", "xor al, 0x80", "mov cr4, eax", "mov esi, [0x400000]");
    assertEquals(10, c.r[Cpu.RBX], "the global page as it was");
    assertEquals(13, c.r[Cpu.RCX], "the other one anew");
    assertEquals(12, c.r[Cpu.RDX], "INVLPG");
    assertEquals(10, c.r[Cpu.RSI], "CR4.PGE");
  }

  @Test
  void invlpgDropsAWholeLargePage() {
    memory.write(0x20000, 4, 0x83);
    memory.write(0x20004, 4, 0x800083);
    memory.write(0x801000, 4, 1);
    memory.write(0xc01000, 4, 2);
    run("mov eax, cr4", "or al, 0x10", "mov cr4, eax", "mov eax, 0x20000", "mov cr3, eax", "mov eax, cr0", "or eax, 0x80000000",
        "mov cr0, eax", "mov ebx, [0x401000]", "mov dword [0x20004], 0xc00083", "mov ecx, [0x401000]", "invlpg [0x7ff000]",
        "mov edx, [0x401000]");
    assertEquals(1, c.r[Cpu.RBX]);
    assertEquals(1, c.r[Cpu.RCX]);
    assertEquals(2, c.r[Cpu.RDX]);
  }

  // ---- system calls

  @Test
  void sysenterAndSysexitFollowTheMsrs() {
    c.msrs.write(c, 0x174, 8);
    c.msrs.write(c, 0x175, STACK - 0x100);
    c.msrs.write(c, 0x176, HANDLERS + 0x3fc);
    run("mov ecx, 0x8000", "mov edx, user", "sysexit", "user: push 0x55", "sysenter");
    assertEquals(255, vector());
    assertEquals(0, c.cpl);
    assertEquals(STACK - 0x100, c.r[Cpu.RSP]);
    assertEquals(0x55, memory.read(0x7ffc, 4));
  }

  @Test
  void legacySyscallUsesStar() {
    c.msrs.write(c, 0xc0000081, 0x0010_0008_0000_0000L | HANDLERS + 4 * 99);
    run("syscall");
    assertEquals(Fault.UD, vector());
    c.msrs.write(c, 0xc0000080, Control.SCE);
    run("syscall");
    assertEquals(99, vector());
    assertEquals(CODE + 2, c.r[Cpu.RCX]);
  }

  // ---- protection details

  private void toUser() {
    c.seg[Cpu.CS].set(0x1b, 0, 0xffffffffL, 0xc0fb);
    c.seg[Cpu.SS].set(0x23, 0, 0xffffffffL, 0xc0f3);
    c.cpl = 3;
    c.modeChanged();
  }

  @Test
  void alignmentIsCheckedAtLevelThreeWithAmAndAc() {
    c.cr0 |= Control.AM;
    toUser();
    run("mov eax, [" + (DATA + 1) + "]", "push 0x40002", "popfd", "mov ax, [" + (DATA + 2) + "]", "mov eax, [" + (DATA + 2) + "]");
    assertEquals(Fault.AC, vector());
    assertEquals(0, pushed(0));
    toUser();
    c.sysFlags = Cpu.AC;
    c.modeChanged();
    run("mov [" + (DATA + 1) + "], ax");
    assertEquals(Fault.AC, vector());
  }

  @Test
  void umipHidesTheTables() {
    c.cr4 |= Control.UMIP;
    for (String line : new String[] {"sgdt [" + DATA + "]", "sidt [" + DATA + "]", "sldt eax", "str eax", "smsw eax"}) {
      toUser();
      run(line);
      assertEquals(Fault.GP, vector(), line);
    }
  }

  @Test
  void ioBreakpointTrapsAfterTheInstruction() {
    c.cr4 |= Control.DE;
    c.dr[0] = 0x60;
    c.dr[7] = 0x400 | 1 | 2 << 16;
    run("mov al, 1", "out 0x61, al", "out 0x60, al", "nop");
    assertEquals(Fault.DB, vector());
    assertEquals(CODE + 6, pushed(0));
    assertEquals(1, c.dr[6] & 15);
  }

  @Test
  void stiHoldsInterruptsForOneInstruction() {
    pendingVector = 0x30;
    c.attention = true;
    run("sti", "inc ebx", "inc ebx");
    assertEquals(0x30, vector());
    assertEquals(1, c.r[Cpu.RBX]);
    assertEquals(CODE + 2, pushed(0));
  }

  @Test
  void nmiIsBlockedUntilIret() {
    c.rip = CODE;
    assertTrue(Delivery.nonMaskable(c));
    assertFalse(Delivery.nonMaskable(c));
    run("iretd");
    assertTrue(Delivery.nonMaskable(c));
  }

  @Test
  void theThirdFaultShutsDownAndSaysWhy() {
    c.idtLimit = 0;
    run("ud2");
    assertTrue(c.shutdown);
    assertTrue(c.shutdownReason.startsWith("triple fault: #GP"), c.shutdownReason);
  }

  @Test
  void realModeInterruptsUseTheVectorTable() {
    c.reset();
    c.seg[Cpu.CS].set(0, 0, 0xffff, 0x9b);
    c.r[Cpu.RSP] = 0x8000;
    c.modeChanged();
    memory.write(0x21 * 4, 4, HANDLERS + 4 * 0x21);
    run(CodeSize.BITS16, "int 0x21");
    assertEquals(0x21, vector());
    assertEquals(CODE + 2, memory.read(0x7ffa, 2));
  }

  @Test
  void unrealModeKeepsItsLimits() {
    c.reset();
    c.seg[Cpu.CS].set(0, 0, 0xffff, 0x9b);
    c.seg[Cpu.DS].set(0, 0, 0xffffffffL, 0x93);
    c.modeChanged();
    memory.write(0x200000, 2, 0x4321);
    run(CodeSize.BITS16, "mov ax, 0x10", "mov ds, ax", "mov ebx, 0x1fff00", "mov ax, [ebx]");
    assertEquals(0x4321, c.r[Cpu.RAX] & 0xffff);
  }

  @Test
  void savedStateBringsEverythingBack() {
    run("mov ecx, 0xc0000082", "mov eax, 5", "xor edx, edx", "wrmsr");
    CpuState saved = c.state();
    run("mov ecx, 0xc0000082", "mov eax, 6", "xor edx, edx", "wrmsr");
    c.state(saved);
    assertEquals(5, c.msrs.read(c, 0xc0000082));
    assertTrue(Arrays.equals(saved.msrs(), c.state().msrs()));
  }

  /** Reads give 0. */
  private static final class Ports implements PortBus {
    @Override
    public int in(int port, int bytes) {
      return 0;
    }

    @Override
    public void out(int port, int bytes, int value) {}
  }

  /** One interrupt at a time. */
  private final class Source implements InterruptSource {
    @Override
    public boolean pending() {
      return pendingVector >= 0;
    }

    @Override
    public int acknowledge() {
      int v = pendingVector;
      pendingVector = -1;
      return v;
    }
  }
}
