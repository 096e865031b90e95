package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SeaBIOS starts GRUB's rescue images from a diskette, a CD and a hard disk. */
class SeaBiosDisksTest {
  private static final long PART = 20_000_000;
  private static final int PARTS = 20;

  @ParameterizedTest
  @CsvSource({"FLOPPY, floppy.img", "CDROM, cdrom.iso", "IDE, cdrom.iso"})
  void bootsGrub(Drive.Attachment attachment, String image) {
    var config = MachineConfig.standard().withMemory(64 << 20).withVideoBios(FetchedGuests.file("seabios/vgabios-stdvga.bin"))
        .withImage(BootImage.firmware("bios-256k.bin", FetchedGuests.file("seabios/bios-256k.bin")))
        .withDrive(Drive.of(attachment, image, FetchedGuests.file("grub-rescue/" + image)));
    Machine m = new Machine(config);
    for (int i = 0; i < PARTS && !screen(m).contains("Memtest86+"); i++) {
      m.run(PART);
    }
    assertTrue(screen(m).contains("GNU GRUB"), () -> screen(m));
  }

  private static String screen(Machine m) {
    byte[] text = new byte[80 * 25];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) m.memory().read(0xb8000 + 2L * i, 1);
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}
