package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Instructions that monitors carried out with wrong rights, one for each kind of bug that was found in the field. A small kernel executes
 * each at CPL 0 or 3 and ends with 64 and the vector of the exception, or with 200 if there is none: by the manual, on the bare machine,
 * and under each technique.
 */
class EmulatorPrivilegeTest {
  private static final long MIB = 1L << 20;

  /** Device pages from FEC00000h and FEE00000h up are supervisor pages; the guest's own memory is open to CPL 3. */
  private static final String KERNEL = """
      bits 32
      org 0x100000
      header: dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003), header, header, 0, end, start
      start:  mov esp, stack
              mov al, 255
              out 0x21, al
              out 0xa1, al
              mov edi, idt
              mov eax, traps
              mov ecx, 32
      gates:  mov [edi], ax
              mov word [edi + 2], 8
              mov dword [edi + 4], 0x0010ee00
              add eax, 8
              add edi, 8
              dec ecx
              jnz gates
              mov eax, done
              mov [idt + 0x200], ax
              mov word [idt + 0x202], 8
              mov dword [idt + 0x204], 0x0010ee00
              lgdt [gdtr]
              lidt [idtr]
              jmp 8:here
      here:   mov eax, 0x10
              mov ds, eax
              mov es, eax
              mov fs, eax
              mov gs, eax
              mov ss, eax
              mov eax, tss
              mov [gdt + 0x2a], ax
              mov ax, 0x28
              ltr ax
              mov dword [tss + 4], stack
              mov dword [tss + 8], 0x10
              mov word [tss + 0x66], 0x68
              mov dword [0x180000], 0x87
              mov dword [0x180000 + 0x3fb * 4], 0xfec00083
              mov eax, 0x180000
              mov cr3, eax
              mov eax, cr4
              or eax, 0x610
              mov cr4, eax
              mov eax, cr0
              or eax, 0x80010000
              mov cr0, eax
              xor ebx, ebx
              xor edx, edx
              %s
      traps:
      %s
      done:   mov al, 200
              out 0xf4, al
      hang:   jmp hang
      user:   push 0x23
              push ustack
              push 0x2
              push 0x1b
              push code
              iretd
      code:   mov ax, 0x23
              mov ds, ax
              mov es, ax
              jmp attack
      kernel: jmp attack
      attack: %s
              int 0x40
      limited: dw 0x30
      far:    dd 0
              dw 0x7f8
      bound:  dd 0, 0
      gdtr:   dw gdt_end - gdt - 1
              dd gdt
      idtr:   dw 0x2ff
              dd idt
      align 8
      gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff
              dq 0x0000891000000067, 0x0040f30000000fff
      gdt_end: times 8192 db 0
      tss:    times 104 db 0
      idt:    times 0x300 db 0
      times 4096 db 0
      stack:  times 4096 db 0
      ustack:
      end:
      """;

  private static BootImage image(String level, String attack) {
    var traps = new StringBuilder();
    for (int v = 0; v < 32; v++) {
      traps.append("align 8\nmov al, ").append(64 + v).append("\nout 0xf4, al\n");
    }
    byte[] program = new Assembler(X86.set()).assemble(KERNEL.formatted("jmp " + level + "\nalign 8", traps, attack.replace(';', '\n'))).bytes();
    return BootImage.auto("attack", program, "");
  }

  private static MachineConfig machine(String level, String attack) {
    return MachineConfig.standard().withMemory(4 * MIB).withPlatform(MachineConfig.Platform.PC).withImage(image(level, attack));
  }

  private static Object under(String technique, String paging, MachineConfig machine) {
    var monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(16 * MIB).withPlatform(MachineConfig.Platform.PC)));
    Guest g = monitor.add(new GuestSpec("a", machine, technique, paging, GuestSpec.STANDARD_WEIGHT, 0));
    monitor.run(200_000);
    return g.ended().<Object>map(o -> o).orElse("goes on" + g.broken().orElse(""));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource(delimiter = '|', value = {
      "CVE-2018-10853 | user   | sgdt [0xfee00080]                                  | 78",
      "CVE-2018-10853 | user   | sidt [0xfee00080]                                  | 78",
      "CVE-2018-10853 | user   | fxsave [0xfee00000]                                | 78",
      "CVE-2018-10853 | user   | fxrstor [0xfee00000]                               | 78",
      "CVE-2018-10853 | user   | mov eax, [0xfee00020]                              | 78",
      "CVE-2017-2583  | kernel | mov ss, [0xfee00000]                               | 77",
      "CVE-2017-2583  | user   | mov eax, 0x10; mov ss, eax                         | 77",
      "CVE-2017-2584  | kernel | mov ax, [limited]; mov fs, ax; mov [fs:0x1000], ax | 77",
      "CVE-2016-9756  | kernel | jmp far [far]                                      | 77",
      "CVE-2016-9756  | kernel | push 0x7f8; push 0; retf                           | 77",
      "CVE-2014-3610  | kernel | mov ecx, 0xc0000082; mov edx, 0x800000; wrmsr      | 77",
      "CVE-2014-3610  | kernel | mov ecx, 0xc0000100; mov edx, 0x800000; wrmsr      | 77",
      "CVE-2014-3610  | user   | mov ecx, 0x10; rdmsr                               | 77",
      "CVE-2015-0239  | user   | sysenter                                           | 77",
      "CVE-2018-1087  | user   | db 0xf1                                            | 65",
      "CVE-2017-7518  | kernel | push 0x102; popf; in al, 0x61; nop                 | 65",
      "CVE-2017-7518  | kernel | push 0x102; popf; cpuid; nop                       | 65",
      "CVE-2016-8630  | kernel | db 0xf0; in al, dx                                 | 70",
      "no register 6  | kernel | db 0x8e, 0xf0                                      | 70",
      "no register 7  | user   | db 0x8e, 0xf8                                      | 70",
      "CVE-2022-1852  | kernel | db 0xf0; db 0x0f, 0x01, 0x38                       | 70",
      "CVE-2014-0049  | kernel | movq mm0, [0xfee00ffc]                             | 200",
      "CVE-2017-17741 | kernel | movq [0xfee00ffc], mm0                             | 200",
      "CVE-2018-12904 | user   | db 0x0f, 0x01, 0xd9                                | 70",
      "CVE-2018-12904 | user   | db 0x0f, 0x01, 0xc1                                | 70",
      "CVE-2021-3656  | kernel | mov eax, 0x100000; db 0x0f, 0x01, 0xda             | 70",
      "CVE-2021-3656  | kernel | mov eax, 0x100000; db 0x0f, 0x01, 0xdb             | 70",
      "CVE-2021-29657 | kernel | mov eax, 0x100000; db 0x0f, 0x01, 0xd8             | 70",
      "CVE-2017-1000407 | user | out 0x80, al                                       | 77",
      "CVE-2013-1798  | kernel | mov dword [0xfec00000], 0xff; mov eax, [0xfec00010] | 200",
      "CVE-2013-6367  | kernel | mov dword [0xfee003e0], 0; mov dword [0xfee00380], 0; mov eax, [0xfee00390] | 200"})
  void rightsAreThoseOfTheManual(String bug, String level, String attack, int expected) {
    MachineConfig machine = machine(level, attack);
    var bare = new Machine(machine);
    List<Object> ends = new ArrayList<>(List.of(bare.run(200_000)));
    ends.add(under("hvm", "shadow", machine));
    ends.add(under("hvm", "nested", machine));
    ends.add(under("trap", "shadow", machine));
    Outcome right = new Outcome.Exit(expected);
    assertEquals(List.of(right, right, right, right), ends, "bare, hvm/shadow, hvm/nested, trap: " + bug);
  }
}
