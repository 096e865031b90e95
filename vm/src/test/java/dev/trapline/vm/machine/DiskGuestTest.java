package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.disk.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs on the PC board that use its drives as drivers and firmware do, interrupts included. */
class DiskGuestTest {
  /** Interrupts 14 and 15 come as 76h and 77h; the handlers count. */
  private static final String START = """
      bits 32
      org 0x100000
       mov esp, 0x90000
       mov al, 0x11
       out 0x20, al
       out 0xa0, al
       mov al, 0x20
       out 0x21, al
       mov al, 0x28
       out 0xa1, al
       mov al, 4
       out 0x21, al
       mov al, 2
       out 0xa1, al
       mov al, 1
       out 0x21, al
       out 0xa1, al
       mov al, 0xbb
       out 0x21, al
       mov al, 0x3f
       out 0xa1, al
       mov edi, idt + 0x26 * 8
       mov eax, floppy_irq
       call gate
       mov edi, idt + 0x2e * 8
       mov eax, irq14
       call gate
       mov edi, idt + 0x2f * 8
       mov eax, irq15
       call gate
       lidt [idtr]
       sti
       jmp main
      gate:
       mov [edi], ax
       mov word [edi + 2], cs
       mov word [edi + 4], 0x8e00
       shr eax, 16
       mov [edi + 6], ax
       ret
      floppy_irq: push eax
       inc dword [came]
       jmp eoi1
      irq14: push eax
       push edx
       inc dword [came]
       mov dx, 0x1f7
       jmp eoi
      irq15: push eax
       push edx
       inc dword [came]
       mov dx, 0x177
      eoi: in al, dx
       mov al, 0x20
       out 0xa0, al
       pop edx
      eoi1: mov al, 0x20
       out 0x20, al
       pop eax
       iret
      wait_irq: cli
       cmp dword [came], 0
       jne .came
       sti
       hlt
       jmp wait_irq
      .came: dec dword [came]
       sti
       ret
      ; ebx the sector, ecx how many, al the command
      ata: push eax
       mov dx, 0x1f2
       mov al, cl
       out dx, al
       inc dx
       mov eax, ebx
       out dx, al
       shr eax, 8
       inc dx
       out dx, al
       shr eax, 8
       inc dx
       out dx, al
       inc dx
       mov al, 0xe0
       out dx, al
       inc dx
       pop eax
       out dx, al
       ret
      came: dd 0
      idtr: dw 0x7ff
       dd idt
      align 8
      idt: times 0x40 dq 0
      main:
      """;
  private static final String END = "\n mov eax, 0x2a\n out 0xf4, al\n";

  private static byte[] random(int seed, int n) {
    byte[] b = new byte[n];
    new Random(seed).nextBytes(b);
    return b;
  }

  private static MachineConfig config(String code) {
    return MachineConfig.standard().withMemory(4 << 20).withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.flat("guest", Guests.assemble(START + code + END), 0x100000, 32));
  }

  private static Machine run(MachineConfig c) {
    Machine m = new Machine(c);
    assertEquals(new Outcome.Exit(0x2a), m.run(50_000_000));
    assertEquals(List.of(), m.ports().unknown());
    return m;
  }

  private static byte[] peek(Machine m, long pa, int n) {
    byte[] b = new byte[n];
    m.memory().peek(pa, b, 0, n);
    return b;
  }

  /** Copies sectors 3 and 4 to 10 and 11, a register access after the other. */
  private static final String COPY_BY_PIO = """
       mov ebx, 3
       mov ecx, 2
       mov al, 0x20
       call ata
       mov edi, 0x200000
       mov ebp, 2
      .in: call wait_irq
       mov dx, 0x1f0
       mov ecx, 256
       rep insw
       dec ebp
       jnz .in
       mov ebx, 10
       mov ecx, 2
       mov al, 0x30
       call ata
       mov esi, 0x200000
       mov ebp, 2
      .out: mov dx, 0x1f0
       mov ecx, 128
       rep outsd
       call wait_irq
       dec ebp
       jnz .out
      """;

  @Test
  void readsAndWritesByProgrammedTransfers() {
    byte[] disk = random(1, 100 * 512);
    Machine m = run(config(COPY_BY_PIO).withDrive(Drive.of(Drive.Attachment.IDE, "d", disk)));
    assertArrayEquals(Arrays.copyOfRange(disk, 3 * 512, 5 * 512), peek(m, 0x200000, 1024));
    byte[] copy = new byte[1024];
    m.media().getFirst().read(10 * 512, copy, 0, 1024);
    assertArrayEquals(Arrays.copyOfRange(disk, 3 * 512, 5 * 512), copy);
    assertArrayEquals(random(1, 100 * 512), disk, "the image stays");
  }

  /** Finds the bus master in configuration space, reads four sectors into two regions, and writes them elsewhere. */
  private static final String COPY_BY_DMA = """
       mov eax, 0x80000920
       mov dx, 0xcf8
       out dx, eax
       mov dx, 0xcfc
       in eax, dx
       and eax, 0xfff0
       mov [bm], eax
       mov eax, 0x80000904
       mov dx, 0xcf8
       out dx, eax
       mov dx, 0xcfc
       mov ax, 5
       out dx, ax
       mov dword [0x180000], 0x210000
       mov dword [0x180004], 768
       mov dword [0x180008], 0x220000
       mov dword [0x18000c], 0x80000000 | (2048 - 768)
       mov ebx, 20
       mov ecx, 4
       mov al, 8
       mov ah, 0xc8
       call dma
       mov ebx, 40
       mov ecx, 4
       mov al, 0
       mov ah, 0xca
       call dma
       jmp .end
      dma: push eax
       mov edx, [bm]
       out dx, al
       add edx, 4
       mov eax, 0x180000
       out dx, eax
       mov eax, [esp]
       mov al, ah
       call ata
       pop eax
       or al, 1
       mov edx, [bm]
       out dx, al
       call wait_irq
       mov edx, [bm]
       add edx, 2
       mov al, 4
       out dx, al
       ret
      bm: dd 0
      .end:
      """;

  @Test
  void readsAndWritesByBusMaster() {
    byte[] disk = random(2, 100 * 512);
    Machine m = run(config(COPY_BY_DMA.replace(".end", "end_of_dma")).withDrive(Drive.of(Drive.Attachment.IDE, "d", disk)));
    assertArrayEquals(Arrays.copyOfRange(disk, 20 * 512, 20 * 512 + 768), peek(m, 0x210000, 768));
    assertArrayEquals(Arrays.copyOfRange(disk, 20 * 512 + 768, 24 * 512), peek(m, 0x220000, 2048 - 768));
    byte[] copy = new byte[2048];
    m.media().getFirst().read(40 * 512, copy, 0, 2048);
    assertArrayEquals(Arrays.copyOfRange(disk, 20 * 512, 24 * 512), copy);
  }

  /** El Torito: the boot record in block 17 names the catalogue, its default entry the image. */
  private static final String BOOT_CD = """
       mov ebx, 17
       mov edi, 0x200000
       call block
       mov ebx, [0x200047]
       call block
       mov ebx, [0x200028]
       mov edi, 0x7c00
       call block
       mov eax, 0x7c00
       jmp eax
      block: pushad
       bswap ebx
       mov [packet + 2], ebx
       mov edi, [esp]
       mov dx, 0x176
       mov al, 0xa0
       out dx, al
       mov dx, 0x174
       mov al, 0
       out dx, al
       inc dx
       mov al, 8
       out dx, al
       mov dx, 0x177
       mov al, 0xa0
       out dx, al
      .busy: in al, dx
       and al, 0x88
       cmp al, 8
       jne .busy
       mov esi, packet
       mov ecx, 6
       mov dx, 0x170
       rep outsw
       call wait_irq
       mov dx, 0x170
       mov ecx, 1024
       rep insw
       call wait_irq
       popad
       ret
      packet: db 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0
      """;

  @Test
  void bootsASectorOfACd() {
    byte[] disc = new byte[40 * 2048];
    ByteBuffer b = ByteBuffer.wrap(disc).order(ByteOrder.LITTLE_ENDIAN);
    b.put(17 * 2048 + 1, "CD001".getBytes()).putInt(17 * 2048 + 0x47, 20);
    b.put(20 * 2048, (byte) 1).put(20 * 2048 + 0x20, (byte) 0x88).putInt(20 * 2048 + 0x28, 33);
    b.put(33 * 2048, Guests.assemble("bits 32\norg 0x7c00\n mov eax, 0x1234\n mov [0x9000], eax\n mov al, 0x2a\n out 0xf4, al\n"));
    Machine m = run(config(BOOT_CD).withDrive(Drive.of(Drive.Attachment.CDROM, "c", disc)));
    assertArrayEquals(new byte[] {0x34, 0x12, 0, 0}, peek(m, 0x9000, 4));
  }

  /** Resets and recalibrates, and reads a whole cylinder by DMA channel 2. */
  private static final String READ_FLOPPY = """
       mov dx, 0x3f2
       mov al, 0
       out dx, al
       mov al, 0x1c
       out dx, al
       call wait_irq
       mov ebp, 4
      .sense: mov esi, sense
       mov ecx, 1
       call command
       call results
       dec ebp
       jnz .sense
       mov esi, recalibrate
       mov ecx, 2
       call command
       call wait_irq
       mov esi, sense
       mov ecx, 1
       call command
       call results
       mov dx, 0x3f7
       mov al, 0
       out dx, al
       mov al, 6
       out 0x0a, al
       out 0x0c, al
       mov al, 0
       out 0x04, al
       out 0x04, al
       mov al, 0x23
       out 0x81, al
       mov al, 0xff
       out 0x05, al
       mov al, 0x47
       out 0x05, al
       mov al, 0x46
       out 0x0b, al
       mov al, 2
       out 0x0a, al
       mov esi, read
       mov ecx, 9
       call command
       call wait_irq
       mov edi, 0x200000
       call results
       jmp finished
      command: mov dx, 0x3f4
       in al, dx
       and al, 0xc0
       cmp al, 0x80
       jne command
       inc dx
       outsb
       dec ecx
       jnz command
       ret
      results: mov dx, 0x3f4
       in al, dx
       and al, 0x50
       cmp al, 0x50
       jne .end
       inc dx
       insb
       jmp results
      .end: mov edi, 0x200100
       ret
      sense: db 8
      recalibrate: db 7, 0
      read: db 0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff
      finished:
      """;

  @Test
  void readsADiskette() {
    byte[] disk = random(3, 1440 * 1024);
    Machine m = run(config(" mov edi, 0x200100\n" + READ_FLOPPY).withDrive(Drive.of(Drive.Attachment.FLOPPY, "f", disk)));
    assertArrayEquals(Arrays.copyOf(disk, 36 * 512), peek(m, 0x230000, 36 * 512));
    assertArrayEquals(new byte[] {4, 0, 0, 1, 0, 1, 2}, peek(m, 0x200000, 7));
  }

  // ---- state and files

  @Test
  void twoRunsAreOne() {
    MachineConfig c = config(COPY_BY_PIO).withDrive(Drive.of(Drive.Attachment.IDE, "d", random(1, 100 * 512)));
    Machine a = run(c);
    Machine half = new Machine(c);
    half.run(6000);
    Machine b = new Machine(c);
    b.restore(half.snapshot());
    assertEquals(half.stateHash(), b.stateHash());
    assertTrue(b.run(50_000_000) instanceof Outcome.Exit);
    assertEquals(a.stateHash(), b.stateHash());
    assertEquals(a.cpu().count, b.cpu().count);
  }

  @Test
  void theFileIsWrittenOnlyWhenAsked(@TempDir Path folder) throws IOException {
    byte[] disk = random(1, 100 * 512);
    Path file = Files.write(folder.resolve("disk.img"), disk);
    Drive drive = Drive.of(Drive.Attachment.IDE, file);
    run(config(COPY_BY_PIO).withDrive(drive));
    assertArrayEquals(disk, Files.readAllBytes(file));
    run(config(COPY_BY_PIO).withDrive(drive.withFormat(DiskImage.Format.RAW).withWrite(true)));
    System.arraycopy(disk, 3 * 512, disk, 10 * 512, 1024);
    assertArrayEquals(disk, Files.readAllBytes(file));
  }

  @Test
  void drivesThatCannotBe() {
    Drive disk = Drive.of(Drive.Attachment.IDE, "d", new byte[512]);
    MachineConfig four = MachineConfig.standard().withDrive(disk).withDrive(disk).withDrive(disk).withDrive(disk);
    assertEquals(4, new Machine(four).media().size());
    assertThrows(BootException.class, () -> new Machine(four.withDrive(disk)));
    assertThrows(BootException.class, () -> four.withPlatform(MachineConfig.Platform.MINIMAL));
    assertThrows(BootException.class, () -> disk.withWrite(true));
    assertThrows(BootException.class, () -> new Machine(MachineConfig.standard().withDrive(Drive.of(Drive.Attachment.IDE, Path.of("none")))));
    assertThrows(BootException.class,
        () -> new Drive("x", Optional.empty(), Optional.empty(), Drive.Attachment.IDE, DiskImage.Format.RAW, false));
  }
}
