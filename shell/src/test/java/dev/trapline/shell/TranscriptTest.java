package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A saved session types itself again, and notices every difference. */
class TranscriptTest {
  @TempDir
  Path folder;
  private Path file;

  @BeforeEach
  void record() {
    file = folder.resolve("saved.trap");
    var first = new ShellFixture(folder, false);
    first.run("session record");
    first.run("until print");
    first.run("r eax");
    first.run("set ebx 7");
    first.run("si 3");
    first.run("? 2 + 2");
    assertEquals(file + ": 5 lines", first.run("session save " + file));
  }

  @Test
  void verifiesOnAnotherMachine() {
    assertEquals(file + ": 5 lines, all as recorded", new ShellFixture(folder, false).run("session verify " + file));
  }

  @Test
  void beginsAgainByAReset() {
    var other = new ShellFixture(folder, false);
    other.run("si 5");
    assertTrue(other.run("session verify " + file).endsWith("all as recorded"));
    assertTrue(other.run("session verify " + file).endsWith("all as recorded"));
  }

  @Test
  void isAScriptToo() {
    var other = new ShellFixture(folder, false);
    other.run("source " + file);
    String sourced = other.run("hash");
    other.run("session replay " + file);
    assertEquals(sourced, other.run("hash"));
  }

  @Test
  void noticesWhatDiffers() throws IOException {
    String text = Files.readString(file);
    fails(text.replace("si 3", "si 2"), "line 4 'si 2'");
    fails(text.replace("set ebx 7", "set ebx 8"), "the machine stood at");
    fails(text.replace("#> 0x4 4", "#> 0x5 5"), "printed '0x5 5' then, '0x4 4' now");
  }

  private void fails(String changed, String says) throws IOException {
    Path wrong = Files.writeString(folder.resolve("changed.trap"), changed);
    var failure = assertThrows(Failure.class, () -> new ShellFixture(folder, false).run("session verify " + wrong));
    assertEquals(ExitCode.DIVERGED, failure.code());
    assertTrue(failure.getMessage().contains(says), failure.getMessage());
  }

  @Test
  void whatIsNoSavedSessionIsRefused() throws IOException {
    String text = Files.readString(file);
    refused(text.substring(0, text.lastIndexOf("#@")), "ends in the middle");
    refused("help\n", "is no saved session");
    refused(text.replaceFirst("#@ .*", "#@ x"), ":2: 'x': an instruction count and a hash are expected");
    refused(text.replaceFirst("0x[0-9a-f]{16}", "0x0000000000000000"), "start Trapline with the same guest");
    assertTrue(assertThrows(BadInput.class, () -> new ShellFixture(folder, false).run("session save x")).getMessage().contains("nothing was kept"));
  }

  private void refused(String text, String says) throws IOException {
    Path wrong = Files.writeString(folder.resolve("wrong.trap"), text);
    String message = assertThrows(BadInput.class, () -> new ShellFixture(folder, false).run("session verify " + wrong)).getMessage();
    assertTrue(message.contains(says), message);
  }
}
