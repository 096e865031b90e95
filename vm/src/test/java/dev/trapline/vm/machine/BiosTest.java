package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The firmware's services give what programs written for PC firmware expect (Ralf Brown's list, Phoenix EDD, ACPI 15.1). */
class BiosTest {
  private static final String HALT = "\n out 0xf4, al\n";

  /** Runs real-mode code and returns the machine when the code has left through port F4h. */
  private static Machine run(byte[] disk, String code) {
    byte[] sector = Arrays.copyOf(Guests.assemble("bits 16\norg 0x7c00\n" + code + HALT), 512);
    sector[510] = 0x55;
    sector[511] = (byte) 0xaa;
    System.arraycopy(sector, 0, disk, 0, 512);
    Machine m = new Machine(MachineConfig.standard().withMemory(5L << 30).withStart(LocalDateTime.of(2031, 5, 17, 21, 43, 9))
        .withImage(new BootImage("d", disk, BootImage.Kind.BOOT_SECTOR, 0, 16, "")));
    assertTrue(m.run(100_000) instanceof Outcome.Exit);
    assertEquals(List.of(), m.unknownServices());
    return m;
  }

  private static byte[] diskette() {
    return new byte[1440 * 1024];
  }

  private static long reg(Machine m, int r) {
    return m.cpu().r[r] & 0xffff;
  }

  private static long read(Machine m, long pa, int bytes) {
    byte[] b = new byte[8];
    m.memory().peek(pa, b, 0, bytes);
    return PhysicalMemory.get(b, 0, 8);
  }

  @Test
  void e820ListsTheMemoryMap() {
    Machine m = run(diskette(), """
         xor ebx, ebx
         mov di, 0x8000
        .next: mov eax, 0xe820
         mov edx, 0x534d4150
         mov ecx, 20
         int 0x15
         jc .end
         add di, 20
         test ebx, ebx
         jnz .next
        .end:
        """);
    List<String> entries = new ArrayList<>();
    for (long at = 0x8000; at < reg(m, Cpu.RDI); at += 20) {
      entries.add(Long.toHexString(read(m, at, 8)) + "+" + Long.toHexString(read(m, at + 8, 8)) + " " + read(m, at + 16, 4));
    }
    assertEquals(List.of("0+a0000 1", "f0000+10000 2", "100000+bff00000 1", "ffff0000+10000 2", "100000000+80000000 1"), entries);
  }

  @Test
  void e801And88TellTheSizesInTheirUnits() {
    Machine m = run(diskette(), " mov ax, 0xe801\n int 0x15\n");
    assertEquals(15 * 1024, reg(m, Cpu.RCX));
    assertEquals((3072 - 16) * 16, reg(m, Cpu.RDX));
    assertEquals(0xffff, reg(run(diskette(), " mov ah, 0x88\n int 0x15\n mov bx, ax\n"), Cpu.RBX));
  }

  @Test
  void aDisketteTellsItsGeometry() {
    Machine m = run(diskette(), " mov ah, 8\n int 0x13\n sbb al, al\n");
    assertEquals(0, reg(m, Cpu.RAX) & 0xff);
    assertEquals(79 << 8 | 18, reg(m, Cpu.RCX));
    assertEquals(1 << 8 | 1, reg(m, Cpu.RDX));
    assertEquals(4, reg(m, Cpu.RBX) & 0xff);
  }

  @Test
  void readingOutsideTheDiskFails() {
    Machine m = run(diskette(), " mov ax, 0x0201\n mov cx, 0x5001\n mov dx, 0\n mov bx, 0x8000\n int 0x13\n sbb bl, bl\n xchg ax, bx\n");
    assertEquals(0xff, reg(m, Cpu.RAX) & 0xff, "carry");
    assertEquals(4, reg(m, Cpu.RBX) >> 8, "sector not found");
  }

  @Test
  void aDriveThatIsNotThereFails() {
    Machine m = run(diskette(), " mov ax, 0x0201\n mov dx, 0x80\n int 0x13\n sbb bl, bl\n xchg ax, bx\n");
    assertEquals(0xff, reg(m, Cpu.RAX) & 0xff);
    assertEquals(0x80, reg(m, Cpu.RBX) >> 8);
  }

  @Test
  void aHardDiskReadsByPacket() {
    byte[] disk = new byte[3 << 20];
    disk[5000 * 512] = 0x77;
    Machine m = run(disk, """
         mov ah, 0x41
         mov bx, 0x55aa
         int 0x13
         jc .end
         cmp bx, 0xaa55
         jne .end
         mov ah, 0x42
         mov si, packet
         int 0x13
         sbb bl, bl
        .end: jmp .out
        packet: db 16, 0
         dw 1, 0x8000, 0
         dq 5000
        .out:
        """.replace(".end: jmp .out", ".end: jmp out").replace(".out:", "out:"));
    assertEquals(0x80, reg(m, Cpu.RDX) & 0xff, "boot drive");
    assertEquals(0, reg(m, Cpu.RBX) & 0xff);
    assertEquals(0x77, read(m, 0x8000, 1));
  }

  @Test
  void theClockTellsTheStartDate() {
    Machine m = run(diskette(), " mov ah, 2\n int 0x1a\n mov si, cx\n mov di, dx\n mov ah, 4\n int 0x1a\n");
    assertEquals(0x2143, reg(m, Cpu.RSI));
    assertEquals(0x0900, reg(m, Cpu.RDI));
    assertEquals(0x2031, reg(m, Cpu.RCX));
    assertEquals(0x0517, reg(m, Cpu.RDX));
  }

  @Test
  void theCursorMovesByAnsiSequencesOnlyWhereItMust() {
    StringBuilder text = new StringBuilder();
    byte[] code = Guests.assemble("""
        bits 16
        org 0x8000
         mov ax, 0x0e41             ; A
         int 0x10
         mov ax, 0x0e42             ; B right after it
         int 0x10
         mov ah, 2
         mov dx, 0x0405             ; row 4, column 5
         int 0x10
         mov ax, 0x0943             ; three inverse C, the cursor stays
         mov bx, 0x70
         mov cx, 3
         int 0x10
         mov ax, 0x0e44             ; D over the first
         int 0x10
         mov ah, 3
         int 0x10
         out 0xf4, al
        """);
    Machine m = new Machine(MachineConfig.standard().withImage(BootImage.flat("f", code, 0x8000, 16)));
    m.console(b -> text.append((char) b));
    m.run(1000);
    assertEquals("AB\033[5;6H\033[7mCCC\033[5;6H\033[0mD", text.toString());
    assertEquals(0x0406, reg(m, Cpu.RDX));
  }

  @Test
  void charactersOfThePcLeaveAsUtf8() {
    var bytes = new java.io.ByteArrayOutputStream();
    byte[] code = Guests.assemble("bits 16\norg 0x8000\n mov ax, 0x0ec9\n int 0x10\n mov ax, 0x0e18\n int 0x10\n out 0xf4, al\n");
    Machine m = new Machine(MachineConfig.standard().withImage(BootImage.flat("f", code, 0x8000, 16)));
    m.console(bytes::write);
    m.run(1000);
    assertEquals("\u2554\u2191", bytes.toString(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void equipmentIsOneDisketteOneSerialPortAndACoprocessor() {
    assertEquals(0x0223, reg(run(diskette(), " int 0x11\n mov bx, ax\n"), Cpu.RBX));
  }

  @Test
  void servicesReachedFromElsewhereAreNoServices() {
    byte[] code = Guests.assemble("bits 16\norg 0x8000\n out 0xea, al\n out 0xf4, al\n");
    Machine m = new Machine(MachineConfig.standard().withImage(BootImage.flat("f", code, 0x8000, 16)));
    m.run(100);
    assertEquals(List.of("port EAh AX=0000h, 1 times"), m.unknownServices());
  }
}
