package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Linux on the machine's own screen and keyboard instead of a serial console. */
@EnabledIfSystemProperty(named = "trapline.full", matches = "true")
class LinuxScreenTest {
  private static final long MOST = 12_000_000_000L;

  @Test
  void aShellOnTheTextScreenAnswersTheKeyboard() {
    BootImage image = BootImage.auto("debian-amd64", FetchedGuests.file("debian-amd64/linux"), "console=tty0 tl.shell cryptomgr.notests")
        .withInitrd(FetchedGuests.file("busybox-amd64.cpio.gz"));
    Operator o = new Operator(MachineConfig.standard().withImage(image));
    o.untilScreen("\n/ #", MOST);
    o.typeKeys("uname -a\n");
    o.untilScreen("x86_64 GNU/Linux", MOST);
    o.typeKeys("echo 'Hello, World' | tr a-z A-Z; stty size\n");
    o.untilScreen("HELLO, WORLD\n25 80\n/ #", MOST);
    o.typeKeys("poweroff -f\n");
    assertInstanceOf(Outcome.PowerOff.class, o.machine().run(MOST));
    assertTrue(o.screen().contains("reboot: Power down"), o::screen);
  }
}
