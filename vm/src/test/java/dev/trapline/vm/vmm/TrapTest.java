package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Guests under trap-and-emulate. */
class TrapTest {
  private static final long MIB = 1L << 20;

  private static MachineConfig mini() {
    Path at = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(at.resolve("LICENSE"))) {
      at = at.getParent();
    }
    byte[] program = new Assembler(X86.set()).assemble(at.resolve("scripts/guests/mini.asm")).bytes();
    return MachineConfig.standard().withMemory(32 * MIB).withImage(BootImage.auto("mini", program, ""));
  }

  private static Monitor monitor(long memory) {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(memory).withPlatform(MachineConfig.Platform.PC)));
  }

  private static GuestSpec trap(String name, MachineConfig machine) {
    return new GuestSpec(name, machine, "trap", "shadow", GuestSpec.STANDARD_WEIGHT, 0);
  }

  private static StringBuilder console(Machine m) {
    var text = new StringBuilder();
    m.console(b -> text.append((char) b));
    return text;
  }

  private static List<String> said(CharSequence console, String speaker) {
    return console.toString().lines().filter(l -> l.startsWith(speaker)).toList();
  }

  private static void likeTheBareMachine(CharSequence console) {
    var bare = new Machine(mini());
    StringBuilder expected = console(bare);
    bare.run(500_000_000);
    for (String speaker : List.of("primes:", "sieve:", "[kernel] sieve: page supplied", "[kernel] sieve: divide error")) {
      assertEquals(said(expected, speaker), said(console, speaker));
    }
    assertTrue(console.toString().endsWith("ALL DONE\n"), console::toString);
  }

  @Test
  void aKernelAtLowerPrivilegeDoesWhatItDoesOnTheBareMachine() {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = monitor.add(trap("a", mini()));
    StringBuilder console = console(guest.machine());
    Outcome o = monitor.run(1_000_000_000);
    assertEquals("", guest.broken().orElse(""));
    assertInstanceOf(Outcome.PowerOff.class, o, console::toString);
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow());
    likeTheBareMachine(console);
  }

  @Test
  void itRunsBesideAGuestWithHardwareAssist() {
    Monitor monitor = monitor(128 * MIB);
    Guest a = monitor.add(GuestSpec.hvm("a", mini(), "shadow"));
    Guest b = monitor.add(trap("b", mini()));
    StringBuilder first = console(a.machine());
    StringBuilder second = console(b.machine());
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(1_000_000_000));
    likeTheBareMachine(first);
    likeTheBareMachine(second);
    assertTrue(a.vcpus().getFirst().task().dispatches() > 10);
    assertTrue(b.vcpus().getFirst().task().dispatches() > 10);
  }

  /** Stopping in the middle of the guest's code or of the monitor's, looking and going on is the same as not having looked. */
  @Test
  void lookingChangesNothing() {
    long end = 3_000_000;
    Monitor undisturbed = monitor(64 * MIB);
    Guest one = undisturbed.add(trap("a", mini()));
    one.machine().run(end);
    Monitor watched = monitor(64 * MIB);
    Guest other = watched.add(trap("a", mini()));
    while (other.now() < end) {
      other.machine().run(Math.min(end - other.now(), 7_001));
      other.machine().stateHash();
    }
    assertEquals(undisturbed.now(), watched.now());
    assertEquals(one.machine().stateHash(), other.machine().stateHash());
    assertEquals(one.account().count(), other.account().count());
  }

  @Test
  void thereIsNoNestedPagingWithoutGuestMode() {
    Monitor monitor = monitor(64 * MIB);
    var spec = new GuestSpec("a", mini(), "trap", "nested", GuestSpec.STANDARD_WEIGHT, 0);
    assertEquals("guest a: technique trap has no paging but shadow",
        assertThrows(MonitorException.class, () -> monitor.add(spec)).getMessage());
  }

  /** A kernel of a few lines that executes every name of Robin and Irvine's list that does not fault in ring 1. */
  private static final String SENSITIVE = """
          bits 32
          org 0x100000
          header: dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003), header, header, 0, end, start
          start:  mov esp, stack
                  mov al, 255
                  out 0x21, al              ; no interrupts, whatever POPF says
                  lgdt [gdtr]
                  lidt [idtr]
                  jmp 8:reload
          reload: mov eax, 0x10
                  mov ds, eax
                  mov es, eax
                  mov fs, eax
                  mov gs, eax
                  mov ss, eax
                  nop
                  cli                       ; from here on the real processor runs it
          p_pushf: pushf
                  pop eax
                  or eax, 0x200
                  push eax
          p_popf: popf
                  cli
          p_sgdt: sgdt [esp - 16]
          p_sidt: sidt [esp - 16]
          p_sldt: sldt ax
          p_str:  str ax
          p_smsw: smsw ax
                  mov ecx, 8
          p_lar:  lar edx, ecx
                  mov ecx, 0x28
          p_lsl:  lsl edx, ecx
          p_verr: verr cx
          p_verw: verw cx
          p_push: push cs
                  pop eax
          p_mov:  mov eax, ss
                  call 8:far_away
                  mov al, 16
                  out 0xf4, al
          far_away: retf
          gdtr:   dw gdt_end - gdt - 1
                  dd gdt
          idtr:   dw 0
                  dd 0
          align 8
          gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
                  dq 0, 0, 0x0000820000000067
          gdt_end: times 8192 db 0           ; the page of the GDT is watched, and stores into it are emulated
          stack:
          end:
          """;

  private static MachineConfig sensitive() {
    byte[] program = new Assembler(X86.set()).assemble(SENSITIVE).bytes();
    return MachineConfig.standard().withMemory(16 * MIB).withImage(BootImage.auto("sensitive", program, ""));
  }

  private static List<String> holes(String technique) {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = monitor.add(new GuestSpec("a", sensitive(), technique, "shadow", GuestSpec.STANDARD_WEIGHT, 0));
    monitor.run(1_000_000);
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow(() -> new AssertionError(guest.broken().orElse("it runs on"))));
    return guest.holes().all().stream().map(h -> h.mnemonic() + ": " + h.what().replaceAll("(base|limit) [0-9a-f]+", "$1 _")).toList();
  }

  /** What each gives in ring 1 on shadow tables, by the manual's words on it (SDM 2A, 2B). */
  @Test
  void holesAreCountedAndSayWhatTheBareMachineGives() {
    List<String> found = holes("trap");
    assertTrue(found.containsAll(List.of("call: cs 9, bare 8", "lar: of 8 cfbb00, bare cf9b00", "mov: ss 11, bare 10",
        "popf: IF stays 0, bare 1", "push: cs 9, bare 8", "pushf: IF pushed 1, bare 0", "retf: stays at virtual CPL 0, bare returns to CPL 1")),
        found::toString);
    for (String mnemonic : List.of("sgdt", "sidt", "smsw", "str", "lsl")) {
      assertTrue(found.stream().anyMatch(h -> h.startsWith(mnemonic + ":")), () -> mnemonic + " in " + found);
    }
  }

  @Test
  void hardwareAssistLeavesNoHole() {
    assertEquals(List.of(), holes("hvm"));
  }
}
