package dev.trapline.vm.cpu.svm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Nested paging (APM2 15.25): the guest-physical address space is the host's, moved up by {@link #MOVED} for one page of data. The values
 * of EXITINFO1 are those of the manual's table and of FACTS 4.5.
 */
class NestedPagingTest extends SvmBench {
  private static final int NESTED = 0x40000;
  private static final int NESTED_PTES = 0x42000;
  private static final int GUEST_TABLES = 0x60000;
  private static final int MOVED = 0x200000;
  /** A guest-physical page that the nested tables put elsewhere. */
  private static final int PAGE = 0x10d000;
  private static final int WRITE_CODE = 0x100000;

  private static final long P = 1;
  private static final long RW = 2;
  private static final long US = 4;
  private static final long A = 0x20;
  private static final long D = 0x40;
  private static final long NX = 1L << 63;

  /** Nested tables: 2 MiB by pages of 4 KiB, one for each guest frame, everything present, writable, user. */
  @BeforeEach
  void tables() {
    memory.write(NESTED, 8, NESTED + 0x1000 | 7);
    memory.write(NESTED + 0x1000, 8, 0x41800 | 7);
    memory.write(NESTED + 0x1000, 8, 0x43000 | 7);
    memory.write(0x43000, 8, NESTED_PTES | 7);
    for (int i = 0; i < 512; i++) {
      long frame = (long) i << 12;
      memory.write(NESTED_PTES + 8 * i, 8, (frame == PAGE ? frame + MOVED : frame) | 7);
    }
    set(Vmcb.NESTED_CTL, 1);
    set(Vmcb.N_CR3, NESTED);
    // The guest's own: 4 levels, small pages, writable, user.
    memory.write(GUEST_TABLES, 8, GUEST_TABLES + 0x1000 | 7);
    memory.write(GUEST_TABLES + 0x1000, 8, GUEST_TABLES + 0x2000 | 7);
    memory.write(GUEST_TABLES + 0x2000, 8, GUEST_TABLES + 0x3000 | 7);
    for (int i = 0; i < 512; i++) {
      memory.write(GUEST_TABLES + 0x3000 + 8 * i, 8, (long) i << 12 | 7);
    }
    guest64();
    set(Vmcb.CR3, GUEST_TABLES);
  }

  private long nested(long gpa) {
    return NESTED_PTES + 8 * (gpa >>> 12);
  }

  private void change(long entry, long clear, long set) {
    memory.write(entry, 8, memory.read(entry, 8) & ~clear | set);
    set(Vmcb.TLB_CONTROL, Vmcb.FLUSH_ASID);
  }

  private void fault(long info1, long gpa) {
    assertEquals(ExitCode.NPF, get(Vmcb.EXITCODE));
    assertEquals(Long.toHexString(info1), Long.toHexString(get(Vmcb.EXITINFO1)));
    assertEquals(Long.toHexString(gpa), Long.toHexString(get(Vmcb.EXITINFO2)));
    assertEquals(0, get(Vmcb.NRIP));
  }

  @Test
  void guestPhysicalAddressesAreTranslated() {
    memory.write(PAGE + MOVED + 8, 8, 0x1122334455667788L);
    assertEquals(ExitCode.HLT, run(CodeSize.BITS64, "mov rbx, [" + (PAGE + 8) + "]", "mov dword [" + PAGE + "], 77", "hlt"));
    assertEquals(0x1122334455667788L, c.r[dev.trapline.vm.cpu.Cpu.RBX]);
    assertEquals(77, memory.read(PAGE + MOVED, 4));
    assertEquals(0, memory.read(PAGE, 4));
  }

  @Test
  void withPagingOffLinearAddressesAreGuestPhysical() {
    memory.write(GDT + 8, 8, 0x00cf9b000000ffffL);
    segments(CODE32);
    set(Vmcb.CR0, Control.PE | Control.ET | Control.NE);
    set(Vmcb.EFER, Control.SVME);
    set(Vmcb.CR4, 0);
    assertEquals(ExitCode.HLT, run("mov dword [" + PAGE + "], 78", "hlt"));
    assertEquals(78, memory.read(PAGE + MOVED, 4));
    change(nested(PAGE), P, 0);
    assertEquals(ExitCode.NPF, run("mov eax, [" + (PAGE + 4) + "]", "hlt"));
    fault(0x100000004L, PAGE + 4);
  }

  @Test
  void dataFaultsHaveTheManualsErrorCodes() {
    String read = "mov rbx, [" + (PAGE + 8) + "]";
    String write = "mov [" + (PAGE + 8) + "], rbx";
    long entry = nested(PAGE);
    long[][] cases = {{P, 0, 0x100000004L, 0x100000006L}, {US, 0, 0x100000005L, 0x100000007L}, {RW, 0, 0, 0x100000007L},
      {0, 1L << 51, 0x10000000dL, 0x10000000fL}};
    for (long[] t : cases) {
      long was = memory.read(entry, 8);
      change(entry, t[0], t[1]);
      run(CodeSize.BITS64, read, "hlt");
      if (t[2] == 0) {
        assertEquals(ExitCode.HLT, get(Vmcb.EXITCODE));
      } else {
        fault(t[2], PAGE + 8);
        assertEquals(CODE, get(Vmcb.RIP));
      }
      run(CodeSize.BITS64, write, "hlt");
      fault(t[3], PAGE + 8);
      assertTrue(get(Vmcb.GUEST_INSTRUCTION_LENGTH) > 0);
      memory.write(entry, 8, was);
    }
  }

  @Test
  void fetchFaultsAreMarkedAndHaveNoInstructionBytes() {
    change(nested(CODE), 0, NX);
    run(CodeSize.BITS64, "hlt");
    fault(0x100000015L, CODE);
    assertEquals(0, get(Vmcb.GUEST_INSTRUCTION_LENGTH));
    set(Vmcb.EFER, get(Vmcb.EFER) & ~Control.NXE);
    run(CodeSize.BITS64, "hlt");
    fault(0x100000015L, CODE);
  }

  @Test
  void guestTablesAreReadByUserWrites() {
    change(nested(GUEST_TABLES), RW, 0);
    run(CodeSize.BITS64, "hlt");
    fault(0x200000007L, GUEST_TABLES);
    change(nested(GUEST_TABLES), P, RW);
    run(CodeSize.BITS64, "hlt");
    fault(0x200000006L, GUEST_TABLES);
    change(nested(GUEST_TABLES), US, P);
    run(CodeSize.BITS64, "hlt");
    fault(0x200000007L, GUEST_TABLES);
    change(nested(GUEST_TABLES), 0, US | 1L << 51);
    run(CodeSize.BITS64, "hlt");
    fault(0x20000000fL, GUEST_TABLES);
    change(nested(GUEST_TABLES), 1L << 51, 0);
    change(nested(GUEST_TABLES + 0x3000), P, 0);
    run(CodeSize.BITS64, "mov rbx, [" + PAGE + "]", "hlt");
    fault(0x200000006L, GUEST_TABLES + 0x3000 + 8 * (CODE >> 12));
  }

  @Test
  void theGuestsOwnFaultComesFirst() {
    intercept(ExitCode.EXCEPTION + Fault.PF);
    long pte = GUEST_TABLES + 0x3000 + 8 * (PAGE >> 12);
    change(nested(PAGE), P, 0);
    change(pte, P, 0);
    assertEquals(ExitCode.EXCEPTION + Fault.PF, run(CodeSize.BITS64, "mov [" + PAGE + "], rbx", "hlt"));
    assertEquals(Walk.PF_W, get(Vmcb.EXITINFO1));
    assertEquals(PAGE, get(Vmcb.EXITINFO2));
  }

  @Test
  void accessedAndDirtyBitsAreSetInBothDimensions() {
    long pte = GUEST_TABLES + 0x3000 + 8 * (PAGE >> 12);
    run(CodeSize.BITS64, "mov rbx, [" + PAGE + "]", "hlt");
    assertEquals(A, memory.read(pte, 8) & (A | D));
    assertEquals(A, memory.read(nested(PAGE), 8) & (A | D));
    assertEquals(A | D, memory.read(nested(GUEST_TABLES + 0x3000), 8) & (A | D));
    assertEquals(A | D, memory.read(nested(GUEST_TABLES), 8) & (A | D));
    run(CodeSize.BITS64, "mov [" + PAGE + "], rbx", "hlt");
    assertEquals(A | D, memory.read(pte, 8) & (A | D));
    assertEquals(A | D, memory.read(nested(PAGE), 8) & (A | D));
  }

  @Test
  void aNestedFaultLeavesTheGuestsTablesAlone() {
    long pte = GUEST_TABLES + 0x3000 + 8 * (PAGE >> 12);
    change(nested(PAGE), P, 0);
    run(CodeSize.BITS64, "mov [" + PAGE + "], rbx", "hlt");
    assertEquals(0, memory.read(pte, 8) & (A | D));
  }

  @Test
  void paeGuestsReadTheirPdptesInTheWalk() {
    memory.write(GDT + 8, 8, 0x00cf9b000000ffffL);
    segments(CODE32);
    int pdpt = 0x70000;
    memory.write(pdpt, 8, GUEST_TABLES + 0x2000 | 1);
    set(Vmcb.CR3, pdpt);
    set(Vmcb.CR4, Control.PAE);
    set(Vmcb.CR0, 0x80000000L | Control.PE | Control.ET | Control.NE);
    set(Vmcb.EFER, Control.SVME | Control.NXE);
    set(Vmcb.IDTR_BASE, IDT);
    set(Vmcb.IDTR_LIMIT, 0x7ff);
    assertEquals(ExitCode.HLT, run("mov dword [" + PAGE + "], 5", "hlt"));
    assertEquals(5, memory.read(PAGE + MOVED, 4));
    change(nested(pdpt), P, 0);
    run("hlt");
    fault(0x200000006L, pdpt);
    change(nested(pdpt), 0, P);
    intercept(ExitCode.EXCEPTION + Fault.PF);
    memory.write(pdpt, 8, GUEST_TABLES + 0x2000 | 3); // bit 1 is reserved: no #GP at the load of CR3, but here
    assertEquals(ExitCode.EXCEPTION + Fault.PF, run("hlt"));
    assertEquals(Walk.PF_P | Walk.PF_RSVD | Walk.PF_I, get(Vmcb.EXITINFO1));
  }

  @Test
  void theSideEffectFreeWalkTellsBothDimensionsAndChangesNothing() {
    set(Vmcb.TLB_CONTROL, Vmcb.FLUSH_ALL);
    code(CODE, CodeSize.BITS64, "jmp " + CODE);
    set(Vmcb.RIP, CODE);
    c.rip = HOST;
    c.r[dev.trapline.vm.cpu.Cpu.RAX] = VMCB;
    engine.run(10);
    assertTrue(c.svm.guest);
    long hash = memory.hash();
    Walk walk = Walk.recording();
    c.mem.walker().walk(c.mem.paging(), PAGE + 0x10, Access.READ, false, false, false, walk);
    assertEquals(PAGE + 0x10, walk.gpa);
    assertEquals(PAGE + MOVED + 0x10, walk.pa);
    assertEquals(24, walk.steps().size());
    assertEquals(4, walk.steps().stream().filter(s -> !s.nested()).count());
    assertEquals(hash, memory.hash());
  }

  @Test
  void itNeedsThePagingOfTheHostAndAValidPat() {
    set(Vmcb.G_PAT, 2);
    assertEquals(ExitCode.INVALID, run(CodeSize.BITS64, "hlt"));
    set(Vmcb.G_PAT, 0x0007_0406_0007_0406L);
    set(Vmcb.N_CR3, 1L << 45);
    assertEquals(ExitCode.INVALID, run(CodeSize.BITS64, "hlt"));
    set(Vmcb.N_CR3, NESTED);
    assertEquals(ExitCode.HLT, run(CodeSize.BITS64, "mov ecx, 0x277", "mov eax, 0x06060606", "mov edx, eax", "wrmsr", "hlt"));
    assertEquals(0x0606060606060606L, get(Vmcb.G_PAT));
    assertEquals(0x0007_0406_0007_0406L, dev.trapline.vm.cpu.Msrs.pat(c));
  }

  @Test
  void worldSwitchesKeepTranslationsUntilTheyAreFlushed() {
    memory.write(PAGE + MOVED, 8, 1);
    memory.write(PAGE, 8, 2);
    String[] read = {"mov rbx, [" + PAGE + "]", "hlt"};
    run(CodeSize.BITS64, read);
    assertEquals(1, c.r[dev.trapline.vm.cpu.Cpu.RBX]);
    memory.write(nested(PAGE), 8, PAGE | 7);
    set(Vmcb.TLB_CONTROL, Vmcb.FLUSH_NOTHING);
    run(CodeSize.BITS64, read);
    assertEquals(1, c.r[dev.trapline.vm.cpu.Cpu.RBX], "the entry of this ASID stays");
    set(Vmcb.ASID, 2);
    run(CodeSize.BITS64, read);
    assertEquals(2, c.r[dev.trapline.vm.cpu.Cpu.RBX], "another ASID has none");
    set(Vmcb.ASID, 1);
    set(Vmcb.TLB_CONTROL, Vmcb.FLUSH_ASID);
    run(CodeSize.BITS64, read);
    assertEquals(2, c.r[dev.trapline.vm.cpu.Cpu.RBX]);
  }
}
