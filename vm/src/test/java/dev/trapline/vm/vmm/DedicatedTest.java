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
import dev.trapline.vm.svm.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host's serial port in the hands of one guest: an echo by interrupts that never leaves for a port. */
class DedicatedTest {
  private static final long MIB = 1L << 20;
  /** Sends back in capitals what it receives, by IRQ 4 alone; a full stop ends it. */
  private static final String ECHO = """
      bits 32
      org 0x100000
        mov esp, 0x200000
        lgdt [gdtr]
        jmp 8:start
      start: mov ax, 16
        mov ss, ax
        mov ds, ax
        mov es, ax
        mov word [0x150000 + 8 * 0x24], handler - 0x100000
        mov word [0x150000 + 8 * 0x24 + 2], 8
        mov word [0x150000 + 8 * 0x24 + 4], 0x8e00
        mov word [0x150000 + 8 * 0x24 + 6], 0x10
        lidt [idtr]
        mov al, 0x11
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xef
        out 0x21, al
        mov al, 0xff
        out 0xa1, al
        mov dx, 0x3fc
        mov al, 8
        out dx, al
        mov dx, 0x3f9
        mov al, 1
        out dx, al
        sti
      wait: hlt
        jmp wait
      handler: mov dx, 0x3f8
        in al, dx
        cmp al, '.'
        je end
        and al, 0xdf
        out dx, al
        mov al, 0x20
        out 0x20, al
        iretd
      end: mov al, '!'
        out dx, al
        mov al, 7
        out 0xf4, al
        hlt
      gdtr: dw 23
        dd gdt
      idtr: dw 0x7ff
        dd 0x150000
      align 8
      gdt: dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
      """;

  private static MachineConfig echo() {
    byte[] code = new Assembler(X86.set()).assemble(ECHO).bytes();
    return MachineConfig.standard().withMemory(16 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.flat("echo", code, 0x100000, 32));
  }

  private static Monitor monitor() {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)));
  }

  private static long portExits(Guest g) {
    return g.account().exits().stream().filter(l -> l.reason() == ExitCode.IOIO).mapToLong(Account.Line::count).sum();
  }

  private static StringBuilder talk(Monitor monitor, Guest guest) {
    var console = new StringBuilder();
    guest.machine().console(b -> console.append((char) b));
    monitor.run(300_000);
    for (char c : "abc.".toCharArray()) {
      guest.machine().type(c);
      monitor.run(300_000);
    }
    return console;
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested", "shadow"})
  void theGuestHasTheHostsPortWithoutExits(String paging) {
    Monitor monitor = monitor();
    Guest own = monitor.add(GuestSpec.hvm("own", echo(), paging));
    Guest guest = monitor.add(GuestSpec.hvm("a", echo(), paging).withDedicated("uart0"));
    assertEquals("ABC!", talk(monitor, guest).toString());
    assertEquals(new Outcome.Exit(7), guest.ended().orElseThrow());
    assertTrue(own.alive());
    assertEquals("ABC!", talk(monitor, own).toString(), "the other one's is its own, emulated");
    // Eight for the 8259s, three ends of interrupt, one for the exit device: none for the serial port.
    assertEquals(portExits(own) - 2 - 4 - 4, portExits(guest));
    assertInstanceOf(Owner.Monitor.class, monitor.frames().owner(guest.vcpus().getFirst().vmcbAddress()));
  }

  @Test
  void aDeprivilegedKernelHasItByEmulation() {
    Monitor monitor = monitor();
    Guest guest = monitor.add(new GuestSpec("a", echo(), "trap", "shadow", 1, 0).withDedicated("uart0"));
    assertEquals("ABC!", talk(monitor, guest).toString());
  }

  @Test
  void onlyOneGuestHasIt() {
    Monitor monitor = monitor();
    monitor.add(GuestSpec.hvm("a", echo(), "nested").withDedicated("uart0"));
    assertEquals("guest b: the host's uart0 belongs to guest a",
        assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("b", echo(), "nested").withDedicated("uart0"))).getMessage());
    assertEquals("guest b: the host has no device 'uart9' to hand out: one of [uart0, uart1] expected",
        assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("b", echo(), "nested").withDedicated("uart9"))).getMessage());
  }
}
