package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.vmm.Translations.Side;
import dev.trapline.vm.vmm.Translations.Standing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hardware's translations beside the guest's: lazy where they may differ, wrong where somebody tampered with host memory. */
class TranslationsTest {
  private static final String GUEST = """
      bits 32
      org 0x100000
        mov dword [0x2000], 0x83        ; 4 MiB page, and its table
        mov dword [0x2000 + 4], 0x3003
        mov dword [0x3000], 0x5003
        mov dword [0x3000 + 4], 0x6003
        mov eax, cr4
        or eax, 0x10
        mov cr4, eax
        mov eax, 0x2000
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        mov dword [0x400000], 1
        mov eax, [0x401000]
        jmp $
      """;
  private static final long WRITTEN = 0x400000;
  private static final long READ = 0x401000;
  private static final long UNTOUCHED = 0x200000;

  private Monitor monitor;
  private Guest guest;

  private Translations run(String technique, String paging) {
    monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(32 << 20).withPlatform(MachineConfig.Platform.PC)));
    byte[] program = new Assembler(X86.set()).assemble(GUEST).bytes();
    MachineConfig config = MachineConfig.standard().withMemory(8 << 20).withImage(BootImage.flat("tables", program, 0x100000, 32));
    guest = monitor.add(new GuestSpec("a", config, technique, paging, GuestSpec.STANDARD_WEIGHT, 0));
    monitor.run(100_000);
    return now();
  }

  private Translations now() {
    monitor.show();
    return new Translations(monitor, guest.vcpus().getFirst());
  }

  private Side hardware(Translations t, long linear) {
    Walk w = new Walk();
    t.walker().walk(t.paging(), linear, Access.READ, false, true, false, w);
    return w.fault >= 0 ? null : new Side(-1, w.pa, w.writable);
  }

  private Standing standing(Translations t, long linear, long gpa) {
    return t.verdict(linear, new Side(gpa, t.host(gpa), true), hardware(t, linear)).standing();
  }

  @ParameterizedTest
  @CsvSource({"hvm,shadow", "hvm,nested", "trap,shadow"})
  void agreesOrIsLazy(String technique, String paging) {
    Translations t = run(technique, paging);
    assertEquals(Standing.SAME, standing(t, WRITTEN, 0x5000));
    assertEquals(paging.equals("nested") ? Standing.SAME : Standing.LAZY, standing(t, READ, 0x6000), "its dirty bit is clear");
    assertEquals(Standing.LAZY, standing(t, UNTOUCHED, UNTOUCHED));
    assertEquals(t.host(0x5000), hardware(t, WRITTEN).host());
    assertTrue(technique.equals("trap") || t.tlb(WRITTEN).contains("w"), t.tlb(WRITTEN));
  }

  @Test
  void whatIsTamperedWithIsWrong() {
    Translations t = run("hvm", "shadow");
    Walk w = Walk.recording();
    t.walker().walk(t.paging(), WRITTEN, Access.READ, false, true, false, w);
    Walk.Step leaf = w.steps().getLast();
    monitor.host().memory().write(leaf.entryAddress(), 8, leaf.entry() + 0x1000);
    Translations tampered = now();
    assertNotEquals(t.host(0x5000), hardware(tampered, WRITTEN).host());
    assertEquals(Standing.WRONG, standing(tampered, WRITTEN, 0x5000));
    assertEquals(Standing.LAZY, standing(tampered, READ, 0x6000));
  }
}
