package dev.trapline.vm.hostile;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.GuestSpec;

/**
 * The known guest: a kernel with paging that fills memory from a generator, leaves for its monitor in several ways, and ends. Nothing of its
 * result depends on time.
 *
 * @param outcome how it ended
 * @param memory hash of its memory
 */
record Witness(String outcome, long memory) {
  private static final long SIZE = 2L << 20;

  private static final byte[] PROGRAM = new Assembler(X86.set()).assemble("""
      bits 32
      org 0x100000
      header: dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003), header, header, 0, end, start
      start:  mov esp, stack
              mov al, 255
              out 0x21, al
              lgdt [gdtr]
              jmp 8:here
      here:   mov eax, 0x10
              mov ds, eax
              mov es, eax
              mov fs, eax
              mov gs, eax
              mov ss, eax
              mov edi, 0x181000
              mov eax, 7
              mov ecx, 512
      fill:   mov [edi], eax
              add eax, 0x1000
              add edi, 4
              dec ecx
              jnz fill
              mov dword [0x180000], 0x181007
              mov eax, 0x180000
              mov cr3, eax
              mov eax, cr0
              or eax, 0x80010000
              mov cr0, eax
              mov ebp, 2
      round:  mov edi, 0x190000
              mov ecx, 1024
              mov eax, ebp
      next:   imul eax, eax, 1664525
              add eax, 1013904223
              xor [edi], eax
              add edi, 4
              dec ecx
              jnz next
              xor eax, eax
              cpuid
              mov eax, cr3
              mov cr3, eax
              mov al, 'w'
              mov dx, 0x3f8
              out dx, al
              dec ebp
              jnz round
              mov al, 16
              out 0xf4, al
      hang:   jmp hang
      gdtr:   dw 23
              dd gdt
      align 8
      gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
              times 512 db 0
      stack:
      end:
      """).bytes();

  static MachineConfig machine() {
    return MachineConfig.standard().withMemory(SIZE).withImage(BootImage.auto("witness", PROGRAM, ""));
  }

  static GuestSpec spec(Technique how) {
    return new GuestSpec("witness", machine(), how.technique(), how.paging(), GuestSpec.STANDARD_WEIGHT, 0);
  }

  /** What has become of it; null while it runs. */
  static Witness of(Guest g) {
    if (g.broken().isPresent()) {
      return new Witness(g.broken().get(), g.machine().memory().hash());
    }
    return g.ended().map(Witness::text).map(o -> new Witness(o, g.machine().memory().hash())).orElse(null);
  }

  private static String text(Outcome o) {
    return o.toString();
  }
}
