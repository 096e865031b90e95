package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code boot --machine}: the descriptions in scripts/machines, and what is wrong with others. */
class GroupBootTest {
  @TempDir
  private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private GroupBoot boot(String description) throws IOException {
    return new GroupBoot(Files.writeString(folder.resolve("m.groovy"), description), new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  private void refused(String why, String description) {
    BadInput wrong = assertThrows(BadInput.class, () -> boot(description));
    assertTrue(wrong.getMessage().contains(why) && wrong.getMessage().lines().count() == 1, wrong.getMessage());
  }

  @Test
  void twoGuestsEndAsOnTheBareMachineEachUnderItsName() {
    Path file = EmbeddedGuest.root().resolve("scripts/machines/two-guests.groovy");
    assertEquals(0, new GroupBoot(file, new PrintStream(out, true, StandardCharsets.UTF_8)).run(0, 0, false));
    String text = out.toString(StandardCharsets.UTF_8);
    for (String name : new String[] {"shadow", "nested"}) {
      assertEquals(4, text.lines().filter(l -> l.equals(name + " | sieve: 3512 primes below 32768, checksum 3990164474")).count());
      assertTrue(text.contains(name + " | ALL DONE"), text);
      assertTrue(text.contains(name + ": exit 33"), text);
    }
  }

  @Test
  void aLimitEndsIt() throws IOException {
    GroupBoot group = boot("machine { guest('a') { memory '32M' } }");
    assertEquals("a limit came first", assertThrows(Failure.class, () -> group.run(1_000_000, 0, false)).getMessage());
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("a: still running"));
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    refused("machine { ... guest('name') { ... } } expected", "");
    refused("machine { ... guest('name') { ... } } expected", "machine { memory '1G' }");
    refused("no Groovy", "machine { guest( }");
    refused("guest a: Unknown option", "machine { guest('a') { flavour 'sweet' } }");
    refused("guest a: --technique magic: one of", "machine { guest('a') { technique 'magic' } }");
    refused("frames in a row wanted", "machine { memory '16M'; guest('a') { memory '32M' } }");
    refused("there is a guest a already", "machine { guest('a') { memory '32M' }; guest('a') { memory '32M' } }");
    refused("lottery is no scheduling policy: round-robin, credit or bvt expected", "machine { scheduler 'lottery'; guest('a') {} }");
    refused("weight -1", "machine { guest('a') { weight(-1) } }");
  }
}
