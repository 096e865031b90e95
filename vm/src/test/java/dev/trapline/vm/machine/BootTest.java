package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every kind of image starts in the state its format prescribes; what cannot start is refused in one line. */
class BootTest {
  private static final String EXIT_32 = " mov dx, 0xf4\n out dx, al\n hlt\n";

  private static Machine machine(BootImage image, long mib) {
    return new Machine(MachineConfig.standard().withMemory(mib << 20).withImage(image));
  }

  private static long read(Machine m, long pa, int bytes) {
    byte[] b = new byte[8];
    m.memory().peek(pa, b, 0, bytes);
    return PhysicalMemory.get(b, 0, 8);
  }

  private static String text(Machine m, long pa) {
    StringBuilder s = new StringBuilder();
    for (long c = read(m, pa, 1); c != 0; c = read(m, ++pa, 1)) {
      s.append((char) c);
    }
    return s.toString();
  }

  @Test
  void aMultibootKernelStartsAsTheSpecificationSays() {
    Machine m = machine(BootImage.auto("k", Guests.resource("guestbench.elf"), "a=1 b"), 64);
    Cpu c = m.cpu();
    assertEquals(0x2badb002, c.r[Cpu.RAX]);
    assertEquals(1, c.cr0 & 0x80000001L, "protected mode, no paging");
    assertEquals(0, c.rflags() & (Cpu.IF | Cpu.VM));
    for (int s = 0; s < 6; s++) {
      assertTrue(c.seg[s].base == 0 && c.seg[s].limit == 0xffffffffL && c.seg[s].big(), "segment " + s);
    }
    long info = c.r[Cpu.RBX];
    assertEquals(0x245, read(m, info, 4));
    assertEquals(640, read(m, info + 4, 4));
    assertEquals(63 * 1024, read(m, info + 8, 4));
    assertEquals("a=1 b", text(m, read(m, info + 16, 4)));
    assertEquals("Trapline", text(m, read(m, info + 64, 4)));
  }

  @Test
  void theMemoryMapCoversAllRamAroundTheHoleBelowFourGib() {
    Machine m = machine(BootImage.auto("k", Guests.resource("guestbench.elf"), ""), 5 * 1024);
    long info = m.cpu().r[Cpu.RBX];
    long at = read(m, info + 48, 4);
    long end = at + read(m, info + 44, 4);
    List<String> usable = new ArrayList<>();
    while (at < end) {
      if (read(m, at + 20, 4) == 1) {
        usable.add(Long.toHexString(read(m, at + 4, 8)) + "+" + Long.toHexString(read(m, at + 12, 8)));
      }
      at += read(m, at, 4) + 4;
    }
    assertEquals(List.of("0+a0000", "100000+bff00000", "100000000+80000000"), usable);
    m.memory().write(0x17fffffffL, 1, 0x5a);
    assertEquals(0x5a, read(m, 0x17fffffffL, 1));
    assertEquals(0xff, read(m, 0xc0000000L, 1), "nothing in the hole");
  }

  @Test
  void sixteenGibAreTheMost() {
    Machine m = new Machine(MachineConfig.standard().withMemory(16L << 30));
    m.memory().write((17L << 30) - 8, 8, 0x1122334455667788L);
    assertEquals(0x1122334455667788L, read(m, (17L << 30) - 8, 8));
    assertMessage("memory of 17180917760 bytes: a multiple of 1 MiB from 1 MiB to 16 GiB expected",
        () -> MachineConfig.standard().withMemory((16L << 30) + (1 << 20)));
  }

  @Test
  void aHeaderWithAddressesPlacesAFlatKernel() {
    byte[] kernel = Guests.assemble("""
        bits 32
        org 0x200000
        start: mov al, [value]
        """ + EXIT_32 + """
        align 4
        header: dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003)
        dd header, 0x200000, 0, end + 0x1000, start
        value: db 42
        end:
        """);
    assertEquals(BootImage.Kind.MULTIBOOT, BootImage.auto("k", kernel, "").resolvedKind());
    assertEquals(new Outcome.Exit(42), machine(BootImage.auto("k", kernel, ""), 8).run(100));
  }

  @Test
  void anElf32FileStartsInProtectedMode() {
    byte[] code = Guests.assemble("bits 32\norg 0x100000\n mov ax, cs\n" + EXIT_32);
    Machine m = machine(BootImage.auto("e", Guests.elf(false, 0x100000, code), ""), 4);
    assertEquals(new Outcome.Exit(8), m.run(100));
  }

  @Test
  void anElf64FileStartsInLongModeWithFourGibMapped() {
    byte[] code = Guests.assemble("""
        bits 64
        org 0x100000
         mov rax, 0xfffffff0
         movzx eax, byte [rax]      ; the reset vector at the top of 4 GiB
         push rax
         pop rbx
         mov ds, [selector]
         mov eax, ebx
        """ + EXIT_32 + "selector: dw 0x10\n");
    Machine m = machine(BootImage.auto("e", Guests.elf(true, 0x100000, code), ""), 4);
    assertTrue(m.cpu().mode64());
    assertEquals(new Outcome.Exit(0xea), m.run(100));
  }

  @Test
  void flatImagesStartInTheModeAskedFor() {
    byte[] real = Guests.assemble("bits 16\norg 0x2345\n mov ax, cs\n shr ax, 8\n mov dx, 0xf4\n out dx, al\n");
    assertEquals(new Outcome.Exit(0x10), machine(BootImage.flat("f", real, 0x12345, 16), 2).run(100));
    byte[] protectedMode = Guests.assemble("bits 32\norg 0x8000\n mov eax, cs\n" + EXIT_32);
    assertEquals(new Outcome.Exit(8), machine(BootImage.flat("f", protectedMode, 0x8000, 32), 2).run(100));
    byte[] wide = Guests.assemble("bits 64\norg 0\n mov rax, 0x1234567890\n shr rax, 32\n" + EXIT_32);
    assertEquals(new Outcome.Exit(0x12), machine(BootImage.flat("f", wide, 0, 64), 2).run(100));
  }

  @Test
  void aBootSectorUsesTheFirmware() {
    byte[] sector = Guests.assemble("""
        bits 16
        org 0x7c00
         mov [drive], dl
         mov si, text
        .next: lodsb
         or al, al
         jz .read
         mov ah, 0x0e
         int 0x10
         jmp .next
        .read: mov ax, 0x0201
         mov cx, 2
         mov dh, 0
         mov bx, 0x8000
         int 0x13
         jc .bad
         mov al, [0x8000]
         mov ah, 0x0e
         int 0x10
         int 0x12
         cmp ax, 640
         jne .bad
         mov ah, 0x88
         int 0x15
         cmp ax, 31 * 1024
         jne .bad
         sti
         xor ax, ax
         int 0x16
         mov ah, 0x0e
         int 0x10
         mov ah, 0
         int 0x1a
         mov [0x500], dx
         mov ax, 0x4f00
         int 0x15
         jnc .bad
         mov al, 7
         out 0xf4, al
        .bad: mov al, 1
         out 0xf4, al
        text: db "boot ", 0
        drive: db 0xff
         times 510-($-$$) db 0
         dw 0xaa55
         db "Q"
        """);
    Guests.Run run = Guests.Run.of(BootImage.auto("b", sector, ""));
    assertEquals(new Outcome.Limit(), run.machine.run(20_000_000), "waits for a key, woken by the tick");
    run.machine.type('k');
    assertEquals(new Outcome.Exit(7), run.machine.run(100_000_000));
    assertEquals("boot Qk", run.text());
    assertTrue(read(run.machine, 0x500, 2) >= 3, "18.2 ticks a second: " + read(run.machine, 0x500, 2));
    assertEquals(List.of(), run.machine.unknownServices(), "the keyboard intercept of INT 15h AH=4Fh is none of them");
  }

  @Test
  void unknownServicesFailAndAreCounted() {
    byte[] code = Guests.assemble("bits 16\norg 0x8000\n mov ax, 0x1234\n int 0x15\n sbb al, al\n out 0xf4, al\n");
    Machine m = machine(BootImage.flat("f", code, 0x8000, 16), 2);
    assertEquals(new Outcome.Exit(0xff), m.run(100));
    assertEquals(List.of("INT 15h AX=1234h, 1 times"), m.unknownServices());
  }

  @Test
  void withoutAnImageTheFirmwareSaysSo() {
    Guests.Run run = new Guests.Run(MachineConfig.standard());
    run.machine.run(10);
    assertEquals("No bootable device.\n", run.text());
  }

  @Test
  void haltedForEverIsSeen() {
    byte[] code = Guests.assemble("bits 32\n cli\n hlt\n");
    assertEquals(new Outcome.Dead(), machine(BootImage.flat("f", code, 0x8000, 32), 2).run(100));
    byte[] fault = Guests.assemble("bits 32\n ud2\n");
    assertEquals(new Outcome.TripleFault(), machine(BootImage.flat("f", fault, 0x8000, 32), 2).run(100));
    byte[] reset = Guests.assemble("bits 32\n mov al, 0xfe\n out 0x64, al\n hlt\n");
    assertEquals(new Outcome.ResetRequested(), machine(BootImage.flat("f", reset, 0x8000, 32), 2).run(100));
  }

  private static void assertMessage(String expected, org.junit.jupiter.api.function.Executable boot) {
    assertEquals(expected, assertThrows(BootException.class, boot).getMessage());
  }

  private static void assertRefused(String expected, byte[] file, BootImage.Kind kind) {
    BootImage image = new BootImage("k", file, kind, BootImage.DEFAULT_ADDRESS, 32, "");
    assertMessage(expected, () -> machine(image, 16));
  }

  @Test
  void badImagesAreRefusedInOneLine() {
    byte[] elf = Guests.resource("guestbench.elf");
    byte[] text = "no kernel".getBytes(StandardCharsets.US_ASCII);
    assertRefused("k: the file is empty", new byte[0], BootImage.Kind.AUTO);
    assertRefused("k: no multiboot header (1BADB002h with a good checksum) in the first 8 KiB", text, BootImage.Kind.MULTIBOOT);
    assertRefused("k: not an ELF file (it does not begin with 7F 45 4C 46)", text, BootImage.Kind.ELF);
    assertRefused("k: 9 bytes are no boot sector: 512 expected", text, BootImage.Kind.BOOT_SECTOR);
    assertRefused("k: bytes 510 and 511 are 00 00: a boot sector ends with 55 AA", new byte[512], BootImage.Kind.BOOT_SECTOR);
    byte[] cut = java.util.Arrays.copyOf(elf, 10_000);
    assertThrows(BootException.class, () -> machine(BootImage.auto("k", cut, ""), 16));
    byte[] sparc = Guests.elf(false, 0x100000, new byte[4]);
    sparc[18] = 2;
    assertRefused("k: ELF machine 2 at offset 18: 3 (i386) or 62 (x86-64) expected", sparc, BootImage.Kind.ELF);
    assertRefused("k: an ELF segment goes to 0xb8000 where there is no RAM: the machine has RAM to 0xa0000 and from 0x100000 to 0x1000000",
        Guests.elf(false, 0xb8000, new byte[4]), BootImage.Kind.ELF);
  }

  @Test
  void tooLittleMemoryIsSaid() {
    BootException e = assertThrows(BootException.class, () -> machine(BootImage.auto("k", Guests.resource("guestbench.elf"), ""), 2));
    assertTrue(e.getMessage().matches("k: an ELF segment needs memory up to 0x[0-9a-f]+: the machine has RAM to 0xa0000 and from "
        + "0x100000 to 0x200000; give it more"), e.getMessage());
  }
}
