package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A 64-bit kernel and its user program, both at CPL 3 of the real processor: the user program reaches no page of the kernel, and what each
 * records is what it records on the bare machine.
 */
class LongModeTrapTest {
  private static final long MIB = 1L << 20;
  private static final long RECORD = 0x150000;

  private static final String PROGRAM = """
          bits 32
          org 0x100000
          header: dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003), header, header, 0, end, start
          start:  mov esp, 0x160000
                  mov al, 255
                  out 0x21, al
                  mov dword [0x110000], 0x111007      ; top level, then 1 GiB, then pages of 2 MiB
                  mov dword [0x111000], 0x112007
                  mov dword [0x112000], 0x000083      ; the kernel's: supervisor
                  mov dword [0x112010], 0x400087      ; the user's
                  mov esi, user
                  mov edi, 0x400000
                  mov ecx, user_end - user
                  rep movsb
                  mov eax, cr4
                  or eax, 0x20
                  mov cr4, eax
                  mov eax, 0x110000
                  mov cr3, eax
                  mov ecx, 0xc0000080
                  mov eax, 0x101
                  xor edx, edx
                  wrmsr
                  mov eax, cr0
                  or eax, 0x80010000
                  mov cr0, eax
                  lgdt [gdtr]
                  jmp 8:long_mode
          bits 64
          long_mode:
                  mov eax, 0x10
                  mov ss, eax
                  xor eax, eax
                  mov ds, eax
                  mov es, eax
                  mov fs, eax
                  mov gs, eax
                  mov edi, 0x120000
                  mov rbx, divided
                  call at_gate
                  mov edi, 0x120000 + 13 * 16
                  mov rbx, protected
                  call at_gate
                  mov edi, 0x120000 + 14 * 16
                  mov rbx, paged
                  call at_gate
                  mov edi, 0x120000 + 0x80 * 16
                  mov rbx, called
                  call at_gate
                  mov byte [0x120000 + 0x80 * 16 + 5], 0xee
                  mov edi, 0x120000 + 0x81 * 16
                  mov rbx, finished
                  call at_gate
                  mov byte [0x120000 + 0x81 * 16 + 5], 0xee
                  lidt [idtr]
                  mov eax, task
                  mov [gdt + 0x2a], ax
                  shr eax, 16
                  mov [gdt + 0x2c], al
                  mov eax, 0x28
                  ltr ax
                  mov ecx, 0xc0000081                 ; STAR, LSTAR
                  xor eax, eax
                  mov edx, 0x00130008
                  wrmsr
                  mov ecx, 0xc0000082
                  mov rax, system
                  mov rdx, rax
                  shr rdx, 32
                  wrmsr
                  mov r15, 0x150000
                  xor r8d, r8d
                  mov eax, 7
                  div r8d                             ; the kernel's own
          p_pushf: pushfq
                  pop rax
                  nop
          p_mov:  mov eax, cs
                  mov rax, [0x3ffff8]                 ; mapped nowhere: a page fault of the kernel's
                  mov rax, [0x400000]                 ; the user's page
                  mov rax, cr2
                  mov [r15], rax
                  add r15, 8
                  push 0x1b                           ; to the user program
                  push 0x480000
                  push 0x202
                  push 0x23
                  push 0x400000
                  iretq
          at_gate: mov [rdi], bx
                  mov word [rdi + 2], 8
                  mov word [rdi + 4], 0x8e00
                  shr rbx, 16
                  mov [rdi + 6], bx
                  ret
          divided: mov [r15], rsp
                  mov rax, [rsp + 8]
                  mov [r15 + 8], rax
                  add r15, 16
                  add qword [rsp], 3
                  iretq
          protected: pop qword [r15]
                  mov rax, [rsp + 8]
                  mov [r15 + 8], rax
                  add r15, 16
                  inc qword [rsp]
                  iretq
          paged:  pop qword [r15]
                  mov rax, cr2
                  mov [r15 + 8], rax
                  mov rax, [rsp + 24]
                  mov [r15 + 16], rax
                  add r15, 24
                  add qword [rsp], 8
                  iretq
          called: mov [r15], rdi
                  mov rax, [rsp + 16]
                  and eax, 0x3200
                  mov [r15 + 8], rax
                  add r15, 16
                  iretq
          system: mov [r15], rcx
                  mov [r15 + 8], r11
                  add r15, 16
                  o64 sysret
          finished: mov qword [r15], 0x646f6e65
                  mov al, 16
                  out 0xf4, al
                  hlt
          user:   mov edi, 0x1111
                  int 0x80
                  mov rax, [0x100000]                 ; the kernel's page: #PF(5)
                  mov [0x100000], rax                 ; #PF(7)
                  cli                                 ; #GP(0)
                  syscall
                  xor r9d, r9d
                  div r9d
                  mov r14, 1000
          spin:   dec r14
                  jnz spin
                  int 0x81
          user_end:
          align 8
          gdt:    dq 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cff3000000ffff, 0x00affb000000ffff
                  dq 0x0000890000000067, 0
          gdt_end:
          gdtr:   dw gdt_end - gdt - 1
                  dd gdt, 0
          idtr:   dw 4095
                  dq 0x120000
          task:   dd 0
                  dq 0x168000
                  times 92 db 0
          end:
          """;

  private static MachineConfig program() {
    byte[] bytes = new Assembler(X86.set()).assemble(PROGRAM).bytes();
    return MachineConfig.standard().withMemory(16 * MIB).withImage(BootImage.auto("long", bytes, ""));
  }

  private static List<String> records(Machine m) {
    var all = new ArrayList<String>();
    for (long at = RECORD; m.memory().read(at, 8) != 0x646f6e65 && at < RECORD + 512; at += 8) {
      all.add(Long.toHexString(m.memory().read(at, 8)));
    }
    return all;
  }

  private static Guest run(String technique) {
    Monitor monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(64 * MIB).withPlatform(MachineConfig.Platform.PC)));
    Guest guest = monitor.add(new GuestSpec("a", program(), technique, "shadow", GuestSpec.STANDARD_WEIGHT, 0));
    monitor.run(1_000_000);
    assertEquals("", guest.broken().orElse(""));
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow(() -> new AssertionError(technique + " runs on: " + records(guest.machine()))));
    return guest;
  }

  @Test
  void bothRecordWhatTheyRecordOnTheBareMachine() {
    var bare = new Machine(program());
    assertEquals(new Outcome.Exit(16), bare.run(1_000_000));
    List<String> expected = records(bare);
    assertTrue(expected.containsAll(List.of("5", "7", "1111")), expected::toString);
    assertEquals(expected, records(run("hvm").machine()));
    assertEquals(expected, records(run("trap").machine()));
  }

  @Test
  void itsHolesAreThoseOfCpl3() {
    Set<String> found = new TreeSet<>();
    run("trap").holes().all().forEach(h -> found.add(h.mnemonic() + ": " + h.what()));
    assertEquals(Set.of("mov: cs b, bare 8", "pushf: IF pushed 1, bare 0"), found);
    assertEquals(List.of(), run("hvm").holes().all());
  }
}
