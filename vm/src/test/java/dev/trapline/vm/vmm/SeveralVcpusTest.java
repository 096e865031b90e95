package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guests with several virtual processors, on one and on several processors of the host: they compute what the bare machine computes. */
class SeveralVcpusTest {
  private static final long MIB = UnderMonitor.MIB;
  private static final int RESULTS = 0x7000;
  private static final int ROUNDS = 60;

  /**
   * Two processors with one set of page tables. In each round the first changes an entry and tells the other by an interrupt, which drops
   * its translation, reads and writes through it, changes another entry and reports back; the first drops that translation and reads. What
   * both read, and the accessed and dirty bits, go into sums. On the way both look whether TSC_AUX is their own and time goes forward.
   */
  private static final String SHOOTDOWN = """
          bits 32
          org 0x100000
          start:  cld
                  mov al, 255
                  out 0x21, al
                  out 0xa1, al
                  lgdt [gdtr]
                  jmp 8:flat0
          flat0:  mov eax, 16
                  mov ds, eax
                  mov es, eax
                  mov fs, eax
                  mov gs, eax
                  mov ss, eax
                  mov esp, 0x120000
                  mov esi, trampoline
                  mov edi, 0x8000
                  mov ecx, trampoline_end - trampoline
                  rep movsb
                  mov eax, told
                  mov [0x6000 + 8 * 0x40], ax
                  mov word [0x6002 + 8 * 0x40], 8
                  mov word [0x6004 + 8 * 0x40], 0x8e00
                  shr eax, 16
                  mov [0x6006 + 8 * 0x40], ax
                  lidt [idtr]
                  mov dword [0x200000], 0x201003          ; page directory: 4 MiB as they are, a window, the local APIC
                  mov dword [0x200004], 0x202003
                  mov dword [0x200fec], 0xfec00083
                  mov edi, 0x201000
                  mov eax, 3
                  mov ecx, 1024
          tables: stosd
                  add eax, 0x1000
                  loop tables
                  mov edi, 0x300000                       ; 64 pages, each with its number
                  xor ecx, ecx
          pages:  lea eax, [ecx + 0x1000]
                  mov [edi], eax
                  add edi, 0x1000
                  inc ecx
                  cmp ecx, 64
                  jb pages
                  call paging
                  mov dword [0xfee000f0], 0x1ff
                  mov eax, 0x11
                  call mark
                  mov dword [0xfee00300], 0xc4500
                  mov dword [0xfee00300], 0xc4608
          alive:  pause
                  cmp dword [0x7020], 1
                  jne alive
                  xor ebp, ebp
          round:  call slots
                  mov eax, ebp                            ; another page for the first slot
                  call frame
                  mov [0x202000 + ebx * 4], eax
                  call drop
                  call time
                  mov dword [0xfee00310], 1 << 24
                  mov dword [0xfee00300], 0x4040
          wait:   pause
                  cmp [0x7024], ebp
                  jbe wait
                  call time
                  call slots
                  mov eax, [0x202000 + ebx * 4]           ; the other one has written through it
                  call add0
                  mov ebx, edx
                  call drop
                  mov eax, [esi]
                  call add0
                  mov eax, [0x202000 + ebx * 4]
                  call add0
                  mov edi, 0x11
                  call whose
                  inc ebp
                  cmp ebp, ROUNDS
                  jb round
                  mov al, 16
                  out 0xf4, al
                  hlt

          told:   pushad
                  mov ebp, [0x7024]
                  call time
                  call slots
                  call drop
                  mov eax, [esi]
                  call add1
                  mov [esi + 4], ebp
                  mov ebx, edx
                  lea eax, [ebp * 3 + 7]
                  call frame
                  mov [0x202000 + ebx * 4], eax
                  call drop
                  mov eax, [esi]
                  call add1
                  mov edi, 0x22
                  call whose
                  call time
                  inc dword [0x7024]
                  mov dword [0xfee000b0], 0
                  popad
                  iretd

          slots:  mov ebx, ebp                            ; the slots of a round: EBX and EDX
                  and ebx, 7
                  lea edx, [ebx + 8]
                  ret
          frame:  lea eax, [eax + eax * 4 + 3]
                  and eax, 63
                  shl eax, 12
                  add eax, 0x300003
                  ret
          drop:   mov esi, ebx                            ; drops a slot's translation in one way or the other; ESI is its address
                  shl esi, 12
                  add esi, 0x400000
                  test ebp, 1
                  jz whole
                  invlpg [esi]
                  ret
          whole:  mov eax, cr3
                  mov cr3, eax
                  ret
          add0:   rol dword [0x7000], 5
                  xor [0x7000], eax
                  ret
          add1:   rol dword [0x7004], 5
                  xor [0x7004], eax
                  ret
          mark:   mov ecx, 0xc0000103
                  xor edx, edx
                  wrmsr
                  ret
          whose:  rdtscp
                  cmp ecx, edi
                  je mine
                  inc dword [0x7008]
          mine:   ret
          time:   rdtsc
                  cmp edx, [0x7014]
                  ja later
                  jb warped
                  cmp eax, [0x7010]
                  jae later
          warped: inc dword [0x700c]
          later:  mov [0x7010], eax
                  mov [0x7014], edx
                  ret
          paging: mov eax, cr4
                  or eax, 0x10
                  mov cr4, eax
                  mov eax, 0x200000
                  mov cr3, eax
                  mov eax, cr0
                  or eax, 0x80010000
                  mov cr0, eax
                  ret

          other:  mov esp, 0x130000
                  lidt [idtr]
                  call paging
                  mov dword [0xfee000f0], 0x1ff
                  mov eax, 0x22
                  call mark
                  inc dword [0x7020]
                  sti
          sleep:  hlt
                  jmp sleep

          align 8
          gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
          gdt_end:
          gdtr:   dw gdt_end - gdt - 1
                  dd gdt
          idtr:   dw 0x7ff
                  dd 0x6000

          trampoline:                                     ; in real mode: LGDT, CR0.PE, far jump
                  db 0xfa, 0x66, 0x2e, 0x0f, 0x01, 0x16
                  dw pointer - trampoline
                  db 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0, 0x66, 0xea
                  dd flat - trampoline + 0x8000
                  dw 8
          flat:   mov ax, 16
                  mov ds, ax
                  mov es, ax
                  mov ss, ax
                  mov fs, ax
                  mov gs, ax
                  mov eax, other
                  jmp eax
          pointer: dw gdt_end - gdt - 1
                  dd gdt
          trampoline_end:
          """.replace("ROUNDS", Integer.toString(ROUNDS));

  private static MachineConfig shootdown() {
    byte[] program = new Assembler(X86.set()).assemble(SHOOTDOWN).bytes();
    return MachineConfig.standard().withMemory(16 * MIB).withProcessors(2).withImage(BootImage.flat("shootdown", program, 0x100000, 32));
  }

  /** Both sums, foreign TSC_AUX seen, steps of time backwards, rounds. */
  private static List<Long> results(Machine m) {
    return List.of(0, 4, 8, 0xc, 0x24).stream().map(at -> m.memory().read(RESULTS + at, 4)).toList();
  }

  private static Guest run(MachineConfig machine, String technique, String paging, int processors, long limit) {
    Monitor monitor = UnderMonitor.monitor(machine.memory() + 64 * MIB, processors);
    Guest guest = monitor.add(UnderMonitor.spec("two", machine, technique, paging));
    monitor.run(limit);
    return guest;
  }

  @ParameterizedTest(name = "{0}, {1}, {2} processors")
  @CsvSource({"hvm, nested, 1", "hvm, nested, 2", "hvm, shadow, 1", "hvm, shadow, 2", "hvm, shadow, 3", "trap, shadow, 1", "trap, shadow, 2"})
  void translationsAreDroppedOnBothProcessors(String technique, String paging, int processors) {
    var bare = new Machine(shootdown());
    assertEquals(new Outcome.Exit(16), bare.run(20_000_000));
    List<Long> expected = results(bare);
    assertEquals(List.of(0L, 0L, (long) ROUNDS), expected.subList(2, 5));
    Guest guest = run(shootdown(), technique, paging, processors, 200_000_000);
    assertEquals("", guest.broken().orElse(""));
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow(() -> new AssertionError("it runs on: " + results(guest.machine()))));
    assertEquals(expected, results(guest.machine()));
  }

  @Test
  void theSameAgainIsTheSame() {
    Guest one = run(shootdown(), "hvm", "shadow", 2, 2_000_000);
    Guest other = run(shootdown(), "hvm", "shadow", 2, 2_000_000);
    assertEquals(one.account().count(), other.account().count());
    assertEquals(one.machine().stateHash(), other.machine().stateHash());
  }

  /** Kernels with two processors: the parallel jobs' sums are those of LinuxGuestTest. */
  @ParameterizedTest(name = "{0}, {1}, {2} processors")
  @CsvSource({"debian-cloud-amd64, shadow, 1", "debian-cloud-amd64, shadow, 2", "debian-cloud-amd64, nested, 2", "debian-686, shadow, 1",
      "debian-686, shadow, 2", "debian-686, nested, 2"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void linuxWithTwoProcessors(String kernel, String paging, int processors) {
    MachineConfig machine = MachineConfig.standard().withProcessors(2)
        .withImage(FetchedGuests.linux(kernel, "console=ttyS0 cryptomgr.notests"));
    Monitor monitor = UnderMonitor.monitor(machine.memory() + 64 * MIB, processors);
    Guest guest = monitor.add(UnderMonitor.spec("linux", machine, "hvm", paging));
    StringBuilder console = UnderMonitor.console(guest.machine());
    monitor.run(12_000_000_000L);
    assertEquals("", guest.broken().orElse(""));
    assertEquals(new Outcome.PowerOff(), guest.ended().orElse(null), console::toString);
    var bare = new Machine(machine);
    StringBuilder expected = UnderMonitor.console(bare);
    assertEquals(new Outcome.PowerOff(), bare.run(12_000_000_000L));
    assertTrue(expected.toString().contains("TL cpus 2"), expected::toString);
    assertEquals(said(expected), said(console));
    assertTrue(console.toString().contains("Brought up 1 node, 2 CPUs"), console::toString);
    assertTrue(console.toString().lines().noneMatch(l -> l.matches(".*\\b(BUG|WARNING|Oops|panic|unstable)\\b.*")), console::toString);
  }

  private static List<String> said(StringBuilder console) {
    return console.toString().lines().filter(l -> l.startsWith("TL")).toList();
  }
}
