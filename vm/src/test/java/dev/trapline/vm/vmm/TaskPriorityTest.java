package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.svm.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CR8 in guest mode (APM2 15.21.2): writing it costs no exit, unless an interrupt waits for it; then the interrupt comes at the same
 * instruction as on the bare machine.
 */
class TaskPriorityTest {
  private static final long RECORD = 0x180000;

  /** Interrupts itself at priority 5 while CR8 is 15, lowers CR8 step by step and records at which value the interrupt came. */
  private static final String GUEST = """
      bits 32
      org 0x100000
      start:  mov esp, 0x160000
              mov al, 255
              out 0x21, al
              out 0xa1, al
              mov dword [0x110000], 0x111003
              mov dword [0x111000], 0x112003
              mov dword [0x111018], 0x113003      ; the gigabyte with the APIC
              mov dword [0x112000], 0x000083
              mov dword [0x113fb8], 0xfee00093
              mov eax, cr4
              or eax, 0x20
              mov cr4, eax
              mov eax, 0x110000
              mov cr3, eax
              mov ecx, 0xc0000080
              rdmsr
              or eax, 0x100
              wrmsr
              mov eax, cr0
              or eax, 0x80000000
              mov cr0, eax
              lgdt [gdtr]
              jmp 8:wide
      bits 64
      wide:   mov eax, 0x10
              mov ss, eax
              mov edi, idt + 0x51 * 16
              mov eax, handler
              mov [rdi], ax
              mov dword [rdi + 2], 0x8e000008
              shr eax, 16
              mov [rdi + 6], ax
              lidt [idtr]
              mov ebx, 0xfee00000
              mov dword [rbx + 0xf0], 0x1ff
              mov ecx, 100
      .free:  mov eax, ecx
              and eax, 15
              mov cr8, rax
              dec ecx
              jnz .free
              mov eax, 15
              mov cr8, rax
              sti
              mov dword [rbx + 0x300], 0x40051    ; to itself
              mov eax, 14
      .lower: mov cr8, rax
              dec eax
              jns .lower
              mov ecx, 100
      .after: mov eax, ecx
              and eax, 15
              mov cr8, rax
              dec ecx
              jnz .after
              mov al, 16
              out 0xf4, al
      handler:
              mov [0x180000], rax
              mov rdx, cr8
              mov [0x180008], rdx
              inc dword [0x180010]
              mov dword [rbx + 0xb0], 0
              iretq
      align 8
      gdt:    dq 0, 0x00af9b000000ffff, 0x00cf93000000ffff
      gdtr:   dw $ - gdt - 1
              dd gdt
      idtr:   dw 0xfff
              dq idt
      align 16
      idt:    times 4096 db 0
      """;

  private static MachineConfig machine() {
    byte[] program = new Assembler(X86.set()).assemble(GUEST).bytes();
    return MachineConfig.standard().withMemory(4 * UnderMonitor.MIB).withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.flat("tpr", program, 0x100000, 32));
  }

  private static String record(Machine m) {
    return "%d %d %d".formatted(m.memory().read(RECORD, 8), m.memory().read(RECORD + 8, 8), m.memory().read(RECORD + 16, 8));
  }

  @Test
  void theBareMachineTakesTheInterruptBelowItsPriority() {
    var bare = new Machine(machine());
    bare.run(1_000_000);
    assertEquals("4 4 1", record(bare));
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "nested"})
  void aGuestDoesTooAndOnlyLeavesGuestModeWhileItWaits(String paging) {
    Monitor monitor = UnderMonitor.monitor(64 * UnderMonitor.MIB);
    Guest guest = monitor.add(GuestSpec.hvm("a", machine(), paging));
    monitor.run(10_000_000);
    assertTrue(guest.ended().isPresent());
    assertEquals("4 4 1", record(guest.machine()));
    long exits = guest.account().exits().stream().filter(l -> l.reason() == ExitCode.CR_WRITE + 8).mapToLong(Account.Line::count).sum();
    assertEquals(11, exits, "14 down to 4 with the interrupt waiting");
  }
}
