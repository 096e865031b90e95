package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.device.display.RomFont;
import dev.trapline.vm.device.display.Screen;
import dev.trapline.vm.isa.asm.Assembler;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Screen and keyboard as guests use them: a boot sector of ours alone, and under Debian's SeaBIOS where it is installed. */
class ScreenTest {
  private static final int DISKETTE = 1440 << 10;

  /** Shows the keys of the upper letter row, read from the controller, at B8000h; leaves at Enter. */
  private static final String ECHO = """
      bits 16
      org 0x7c00
        xor ax, ax
        mov ds, ax
        cli
        mov ax, 0xb800
        mov es, ax
        xor di, di
        mov ah, 0x1e
      next:
        in al, 0x64
        test al, 1
        jz next
        in al, 0x60
        test al, 0x80
        jnz next
        cmp al, 0x1c
        je done
        sub al, 0x10
        jb next
        cmp al, 11
        ja next
        movzx bx, al
        mov al, [codes + bx]
        stosw
        jmp next
      done:
        mov dx, 0xf4
        mov al, 0x20
        out dx, al
        hlt
      codes:
        db 'qwertyuiop[]'
        times 0x200 - 2 - ($ - $$) db '.'
        dw 0xaa55
      """;

  /** Greets by INT 10h, echoes two keys by INT 16h. */
  private static final String BIOS_ECHO = """
      bits 16
      org 0x7c00
        xor ax, ax
        mov ds, ax
        mov si, text
      print:
        lodsb
        test al, al
        jz keys
        mov ah, 0x0e
        xor bx, bx
        int 0x10
        jmp print
      keys:
        mov cx, 2
      key:
        mov ah, 0
        int 0x16
        mov ah, 0x0e
        int 0x10
        loop key
        cli
        hlt
      text:
        db 'TL-SECTOR ', 0
        times 0x200 - 2 - ($ - $$) db 0
        dw 0xaa55
      """;

  private static byte[] assemble(String source) {
    return new Assembler(X86.set()).assemble(source).bytes();
  }

  private static Screen.Text text(Machine m) {
    return assertInstanceOf(Screen.Text.class, m.vga().orElseThrow().screen());
  }

  @Test
  void aBootSectorReadsKeysAndWritesToTheScreen() {
    MachineConfig config = MachineConfig.standard().withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.auto("echo", assemble(ECHO), ""));
    Machine m = new Machine(config);
    "TRY, pot\n".chars().forEach(c -> assertTrue(m.typeKey((char) c)));
    assertInstanceOf(Outcome.Exit.class, m.run(200_000_000));
    assertEquals("trypot", text(m).lines().getFirst().strip());
    assertEquals(0x1e, text(m).attributes().getFirst()[1]);
    Machine again = new Machine(config);
    "TRY, pot\n".chars().forEach(c -> again.typeKey((char) c));
    again.run(200_000_000);
    assertEquals(m.stateHash(), again.stateHash());
  }

  /** Without a video BIOS the font comes from the adapter's own ROM. */
  @Test
  void aDirectBootHasAFont() {
    Machine m = new Machine(MachineConfig.standard().withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.auto("echo", assemble(ECHO), "")));
    "et\n".chars().forEach(c -> m.typeKey((char) c));
    m.run(200_000_000);
    Screen.Pixels p = m.vga().orElseThrow().pixels();
    assertEquals(720, p.width(), "80 characters of 9 dots");
    for (int y = 0; y < RomFont.HEIGHT; y++) {
      int line = 0;
      for (int x = 0; x < 8; x++) {
        line = line << 1 | (p.at(9 + x, y) == 0xffffff55 ? 1 : 0);
      }
      assertEquals(RomFont.line('t', y), line, "second character, yellow on blue, line " + y);
    }
  }

  @Test
  void seabiosBootsADisketteAndAHardDisk() throws IOException {
    for (Drive.Attachment kind : new Drive.Attachment[] {Drive.Attachment.FLOPPY, Drive.Attachment.IDE}) {
      byte[] disk = Arrays.copyOf(assemble(BIOS_ECHO), DISKETTE);
      Machine m = new Machine(MachineConfig.standard().withDrive(Drive.of(kind, "disk", disk))
          .withVideoBios(FetchedGuests.file("seabios/vgabios-stdvga.bin"))
          .withImage(BootImage.firmware("seabios", FetchedGuests.file("seabios/bios-256k.bin"))));
      StringBuilder serial = new StringBuilder();
      m.console(b -> serial.append((char) b));
      for (int i = 0; i < 200 && !text(m).text().contains("TL-SECTOR"); i++) {
        m.run(10_000_000);
      }
      m.typeKey('o');
      m.typeKey('K');
      assertInstanceOf(Outcome.Dead.class, m.run(2_000_000_000L));
      assertTrue(text(m).text().contains("TL-SECTOR oK"), text(m).text());
      assertTrue(serial.toString().contains("SeaBIOS"), "the serial console mirrors the screen");
    }
  }

  @Test
  void aBiosOfAnImpossibleSizeIsRefused() {
    for (int size : new int[] {0, 4096, 65535, (16 << 20) + 4096}) {
      assertThrows(BootException.class, () -> BootImage.firmware("rom", new byte[size]));
    }
  }

  @Test
  void theLast128KibOfABiosAreBelow1Mib() {
    byte[] rom = new byte[256 << 10];
    for (int i = 0; i < rom.length; i++) {
      rom[i] = (byte) (i >> 12);
    }
    Machine m = new Machine(MachineConfig.standard().withImage(BootImage.firmware("rom", rom)));
    assertEquals(0, m.memory().read(0xfffc0000L, 1));
    assertEquals(0x20, m.memory().read(0xe0000L, 1));
    assertEquals(0x3f, m.memory().read(0xfffffL, 1));
    assertEquals(0x3f, m.memory().read(0xffffffffL, 1));
    assertEquals(0xffff0000L, m.cpu().seg[Cpu.CS].base);
  }
}
