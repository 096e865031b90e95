package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.AbsentDevices;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SeaBIOS starts GRUB's rescue images from a diskette, a CD and a hard disk, and GRUB does what it is told. */
class SeaBiosDisksTest {
  private static final long MOST = 400_000_000;
  private static final long LINUX = 4_000_000_000L;

  private static MachineConfig config(String videoBios) {
    return MachineConfig.standard().withMemory(64 << 20).withVideoBios(FetchedGuests.file(videoBios))
        .withImage(BootImage.firmware("bios-256k.bin", FetchedGuests.file("seabios/bios-256k.bin")));
  }

  /** To the menu, out of it to the command line, a command on the keyboard and one on the serial console, which SeaBIOS listens to. */
  @ParameterizedTest
  @CsvSource({"FLOPPY, floppy.img, seabios/vgabios-stdvga.bin", "CDROM, cdrom.iso, seabios/vgabios-stdvga.bin",
      "IDE, cdrom.iso, vgabios/vgabios.bin"})
  void grubAnswersCommands(Drive.Attachment attachment, String image, String videoBios) {
    Operator o = new Operator(config(videoBios).withDrive(Drive.of(attachment, image, FetchedGuests.file("grub-rescue/" + image))));
    o.untilScreen("for a command-line", MOST);
    assertTrue(o.screen().contains("│*GNU/Linux"), o::screen);
    o.typeKeys("c");
    o.untilScreen("grub>", MOST);
    o.typeKeys("echo Trap-$feature_chainloader_bpb-line\n");
    o.untilScreen("\nTrap-y-line\ngrub>", MOST);
    o.typeSerial("echo $root\r");
    o.untilScreen("grub> echo $root\n" + switch (attachment) {
      case FLOPPY -> "fd0";
      case CDROM -> "hd96"; // as SeaBIOS numbers the drive it has started: E0h
      default -> "hd0";
    }, MOST);
    assertEquals(0, o.machine().ports().unknown().stream().filter(u -> AbsentDevices.at(u.port()).isEmpty()).count(), "ports unexplained");
  }

  /** What SeaBIOS says to port 402h, as on QEMU. */
  @Test
  void theFirmwareTellsTheDebugConsoleWhatItFinds() {
    Operator o = new Operator(config("seabios/vgabios-stdvga.bin"));
    StringBuilder log = new StringBuilder();
    o.machine().debugConsole(b -> log.append((char) b));
    o.untilScreen("No bootable device", MOST);
    for (String line : new String[] {"SeaBIOS (version", "Found QEMU fw_cfg", "Using pmtimer, ioport 0x608", "Found 1 cpu(s)",
        "ACPI: parse DSDT", "VBE DISPI: lfb_addr=", "PS2 keyboard initialized", "All threads complete."}) {
      assertTrue(log.indexOf(line) >= 0, () -> line + " is not in\n" + log);
    }
  }

  /** Firmware, GRUB from one hard disk, a kernel and its initramfs from the other: Linux goes to its end and switches the machine off. */
  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void grubStartsLinuxFromAHardDisk() {
    byte[] grub = FetchedGuests.file("grub-rescue/cdrom.iso");
    byte[] files = Tar.of(Map.of("linux", FetchedGuests.file("debian-686/linux"), "initrd", FetchedGuests.file("busybox-i386.cpio.gz")));
    Operator o = new Operator(config("seabios/vgabios-stdvga.bin").withMemory(128 << 20)
        .withDrive(Drive.of(Drive.Attachment.IDE, "grub", grub)).withDrive(Drive.of(Drive.Attachment.IDE, "files", files)));
    o.untilScreen("for a command-line", MOST);
    o.typeKeys("c");
    o.untilScreen("grub>", MOST);
    o.typeKeys("linux (hd1)/linux console=ttyS0 cryptomgr.notests\n");
    // The BIOS keeps fifteen keys, and GRUB reads none while it loads.
    o.untilScreen("notests\ngrub>", MOST);
    o.typeKeys("initrd (hd1)/initrd\n");
    o.untilScreen("/initrd\ngrub>", MOST);
    o.typeKeys("boot\n");
    assertInstanceOf(Outcome.PowerOff.class, o.machine().run(LINUX), o::serial);
    assertTrue(o.serial().contains("TL-DONE"), o::serial);
  }
}
