package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.device.AbsentDevices;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Debian's installer asks its questions on the serial console and takes the answers. */
@EnabledIfSystemProperty(named = "trapline.full", matches = "true")
class InstallerTest {
  private static final long MOST = 40_000_000_000L;
  private static final Pattern TROUBLE = Pattern.compile("\\b(BUG|WARNING|Oops|panic|Call Trace)\\b");
  private static final String DOWN = "\033[B";
  private static final String UP = "\033[A";

  @ParameterizedTest(name = "{0}")
  @CsvSource({"debian-amd64, 1024", "debian-i386, 640"})
  void asksForLanguageAndLocation(String guest, long mebibytes) {
    BootImage image = BootImage.auto(guest, FetchedGuests.file(guest + "/linux"), "console=ttyS0")
        .withInitrd(FetchedGuests.file(guest + "/initrd.gz"));
    Operator o = new Operator(MachineConfig.standard().withMemory(mebibytes << 20).withImage(image));
    int at = o.untilSerial("Select a language", 0, MOST);
    // The end of the dialog; the cursor waits on the line of the language chosen.
    at = o.untilSerial("activates buttons", at, MOST);
    // A serial terminal without UTF-8 is offered C and English alone; English is drawn again without and then with the bar.
    o.typeSerial(UP);
    at = o.untilSerial("English", at, MOST);
    o.typeSerial(DOWN);
    at = o.untilSerial("English", at, MOST);
    o.typeSerial("\r");
    o.untilSerial("Select your location", at, MOST);
    assertEquals("", o.serial().lines().filter(TROUBLE.asPredicate()).collect(Collectors.joining("\n")));
    assertEquals("", o.machine().ports().unknown().stream().filter(u -> AbsentDevices.at(u.port()).isEmpty()).map(Object::toString)
        .collect(Collectors.joining("\n")));
  }
}
