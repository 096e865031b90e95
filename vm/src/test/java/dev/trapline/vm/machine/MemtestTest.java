package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** memtest86+ finds no errors in our memory. */
class MemtestTest {
  private static final long SHORT = 2_000_000_000L;
  private static final long MOST = 120_000_000_000L;
  private static final Pattern ERRORS = Pattern.compile("Errors: +[1-9]");

  private static Operator start(String program, int processors) {
    BootImage image = BootImage.auto(program, FetchedGuests.file("memtest86+/" + program), "console=ttyS0,115200");
    return new Operator(MachineConfig.standard().withMemory(32 << 20).withProcessors(processors).withImage(image));
  }

  private static void noErrors(Operator o) {
    assertTrue(o.screen().contains("Errors: 0"), o::screen);
    assertFalse(ERRORS.matcher(o.serial()).find(), o::serial);
  }

  /** Its first tests, then its menu by the keyboard, and out of it by Escape, which resets the machine. */
  @Test
  void twoProcessorsTestAddressLinesAndTheMenuOpens() {
    Operator o = start("x64.bin", 2);
    o.untilScreen("Using: All Cores", SHORT);
    assertTrue(o.screen().contains("2S / 2C / 2T         SMP: 2T (PAR)"), o::screen);
    assertTrue(o.serial().contains("#0  [Address test, walking ones, no cache]"), o::serial);
    noErrors(o);
    o.typeKeys("1");
    o.untilScreen("<F10> Exit menu", SHORT);
    o.typeKeys("0");
    o.untilScreen("Using: All Cores", SHORT);
    o.typeKeys("\033");
    assertInstanceOf(Outcome.ResetRequested.class, o.machine().run(SHORT));
  }

  /** The same file is a boot diskette's contents: boot sector, setup in real mode, A20, the program read track by track. */
  @Test
  void itStartsFromADisketteUnderSeaBios() {
    byte[] diskette = Arrays.copyOf(FetchedGuests.file("memtest86+/x64.bin"), 1440 << 10);
    Operator o = new Operator(MachineConfig.standard().withMemory(32 << 20).withVideoBios(FetchedGuests.file("seabios/vgabios-stdvga.bin"))
        .withImage(BootImage.firmware("bios-256k.bin", FetchedGuests.file("seabios/bios-256k.bin")))
        .withDrive(Drive.of(Drive.Attachment.FLOPPY, "memtest86+", diskette)));
    o.untilScreen("#0  [Address test, walking ones, no cache]", SHORT);
    assertTrue(o.screen().contains("Memory  :   32MB"), o::screen);
    noErrors(o);
  }

  /** To the end of test 9; the first two tests of addresses are over between two refreshes of the screen. */
  @ParameterizedTest
  @ValueSource(strings = {"x64.bin", "ia32.bin"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void testsZeroToNineFindNoErrors(String program) {
    Operator o = start(program, 1);
    o.untilScreen("#10 [Bit fade test", MOST);
    assertTrue(o.screen().contains("Pass:  0        Errors: 0"), o::screen);
    for (int test : new int[] {0, 3, 4, 5, 6, 7, 8, 9}) {
      assertTrue(o.serial().contains("#" + test + "  ["), () -> "test " + test + "\n" + o.serial());
    }
    noErrors(o);
  }
}
