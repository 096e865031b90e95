package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.console.PipeConsole;
import dev.trapline.vm.debug.BadInput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations with a guest: it prints 3, 2, 1 and ends with status 7. */
class ExpectTest {
  @TempDir
  Path folder;
  private ShellFixture f;

  @BeforeEach
  void load() {
    f = new ShellFixture(folder, false);
  }

  @Test
  void whatIsExpectedInOrderIsFoundInOrder() {
    assertTrue(f.run("expect 3").contains("until:text '3'"));
    f.run("expect 21");
    Failure over = assertThrows(Failure.class, () -> f.run("expect 3"));
    assertEquals(ExitCode.ASSERTION, over.code());
    assertEquals("expect: '3' has not appeared: the guest has ended with status 7; last on uart0: 321", over.getMessage());
  }

  @Test
  void aTimeOfTheGuestsBoundsTheWait() {
    Failure late = assertThrows(Failure.class, () -> f.run("expect 1 --timeout 0.00000005"));
    assertEquals(ExitCode.LIMIT, late.code());
    assertTrue(late.getMessage().contains("seconds are over"), late.getMessage());
    assertThrows(BadInput.class, () -> f.run("expect x --on uart9"));
    assertThrows(BadInput.class, () -> f.run("attach"), "nobody is there to attach");
  }

  @Test
  void aPipeIsAttachedUntilTheGuestEnds() {
    var out = new ByteArrayOutputStream();
    f.shell.attacher(new PipeConsole(new ByteArrayInputStream(new byte[] {'x'}), out));
    assertTrue(f.run("attach").contains("exit:0x3 status=7"));
    assertEquals("321", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aBatchReportsAsJson() throws IOException {
    Path report = folder.resolve("report.json");
    String guest = ShellFixture.guest(folder).toString();
    assertEquals(0, Main.run("--kernel", guest, "-e", "expect 32", "--report", report.toString()));
    String json = Files.readString(report);
    assertTrue(json.contains("\"status\":0") && json.contains("\"ran\":[\"expect 32\"]") && json.contains("\"Reached\""), json);
    assertEquals(1, Main.run("--kernel", guest, "-e", "assert 0", "--report", report.toString()));
    assertTrue(Files.readString(report).contains("assertion failed: 0"));
  }
}
