package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import dev.trapline.vm.debug.Virtual;
import dev.trapline.vm.machine.MachineConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The event grid as it is typed: break, run until, trace, groups, steps through exits, provenance, statistics. */
class EventCommandsTest {
  @TempDir
  Path folder;
  private final StringWriter written = new StringWriter();

  private Shell shell(String how) {
    MachineConfig config = MachineConfig.standard().withMemory(8 << 20).withPlatform(MachineConfig.Platform.PC);
    Image image = Image.assembled(ShellFixture.guest(folder), "");
    String[] parts = how.split("/");
    Session s = parts.length == 1 ? Sessions.open(config, image) : Sessions.open(config, image, new Virtual(parts[0], parts[1]));
    s.limit(1_000_000);
    return new Shell(Commands.ALL, s, new PrintWriter(written), Style.PLAIN, true);
  }

  private String run(Shell shell, String line) {
    written.getBuffer().setLength(0);
    shell.execute(line);
    return written.toString().stripTrailing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bare", "hvm/nested", "hvm/shadow", "trap/shadow"})
  void theStopLineIsAlwaysTheSame(String how) {
    Shell shell = shell(how);
    String cpu = how.equals("bare") ? "cpu0" : "guest\\.cpu0";
    String place = "prot32 cpl0 %s eip=0x[0-9a-f]+ <[a-z.]+(\\+0x[0-9a-f]+)?>%s(?s:.*)";
    String head = "#\\d+ \\d+\\.\\d{6}s " + cpu + " ";
    String out = run(shell, "until io 0x3f8 out --hits ==2");
    assertTrue(out.lines().anyMatch(l -> l.matches(head + place.formatted("io:out 0x3f8 byte 0x32 by 0x[0-9a-f]+", " \\(bp \\d+ hit 2\\)"))), out);
    assertTrue(run(shell, "next-ret").matches(head + place.formatted("step", "\\n(?s:.*)ret")), how);
    assertTrue(run(shell, "next-branch").contains("loop"), how);
    assertTrue(run(shell, "next-call").contains("call"), how);
    assertTrue(run(shell, "si --no-irq").matches(head + place.formatted("step", "")), how);
    assertEquals("none", run(shell, "bl"), "until leaves nothing behind");
  }

  @Test
  void aStepThroughAnExitTellsWhatTheMonitorDoes() {
    Shell shell = shell("hvm/shadow");
    run(shell, "bp insn out --once");
    run(shell, "c");
    String out = run(shell, "si --through-exits");
    for (String line : new String[] {"cause      0x", "out dx,al  <print+", "intercept  exit:IOIO out 0x3f8 byte",
        "the bit of the port in the I/O permission map", "handler    the instruction is carried out", "emulation  one instruction", "injection  nothing",
        "resume     0x", "+1 bytes", "cost       3,460 cycles  round trip 1900, dispatch 60, emulate 1500"}) {
      assertTrue(out.contains(line), line + " is not in " + out);
    }
    String why = run(shell, "why");
    assertTrue(out.contains(why.lines().skip(1).findFirst().orElseThrow()), why);
    assertTrue(run(shell, "why #1").startsWith("exit #1 of guest/0"), run(shell, "why #1"));
    assertTrue(run(shell, "why -1").startsWith("exit #"));
    assertTrue(assertThrows(BadInput.class, () -> shell.execute("why #99999")).getMessage().contains("no exit #99999"));
    assertTrue(run(shell, "why --json").contains("\"cost\""));
  }

  @Test
  void exitsAreCounted() {
    Shell shell = shell("hvm/nested");
    run(shell, "until io 0x3f8 out");
    String first = run(shell, "stat exits");
    assertTrue(first.lines().findFirst().orElseThrow().startsWith("exit  samples  samples%  time%"), first);
    run(shell, "stat exits --reset");
    assertEquals("none", run(shell, "stat exits"));
    run(shell, "until io 0x3f8 out --hits ==2");
    // The exit that the guest stands in is counted when it is entered again.
    String diff = run(shell, "stat exits --diff");
    assertTrue(diff.contains("IOIO  2 "), diff);
    String json = run(shell, "stat exits --json");
    assertTrue(json.contains("\"reason\":\"IOIO\",\"samples\":\"0x2\""), json);
    assertThrows(BadInput.class, () -> shell.execute("stat overheads --diff"));
  }

  @Test
  void tracesLogsCommandsAndGroupsAreTyped() {
    Shell shell = shell("bare");
    run(shell, "trace exec print --log 'ecx={ecx:d} at #{count:d}' --group calls/print");
    run(shell, "trace mem counter w --silent");
    run(shell, "bp print --if 'ecx == 2' --do 'echo here' --group calls");
    String out = run(shell, "c");
    assertTrue(out.contains("ecx=3 at #") && out.contains("ecx=2 at #") && out.contains("here") && !out.contains("ecx=1"), out);
    assertTrue(run(shell, "bl").contains("calls/print") && run(shell, "bp ls --json").contains("\"rule\":null"), run(shell, "bl"));
    run(shell, "group off calls");
    assertTrue(run(shell, "group").contains("calls: 1 points, off"), run(shell, "group"));
    assertFalse(run(shell, "c").contains("ecx=1"));
    assertEquals("2", run(shell, "bp ls | grep 'group off' | count"));
    run(shell, "trace off mem");
    assertFalse(run(shell, "bl").contains("write"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bp exit nonsense", "bp io 0x10000", "bp cr 3 read", "bp switch --pre", "bp io --pre --post", "bp io --hits x", "bp io --cpl 4",
      "bp io --if nosuchthing", "bp io --log '{eax'", "bp io --log '{eax:q}'", "bp io --process init", "bp mode long65", "bp insn", "bp count 0", "group pop",
      "group on", "trace off nonsense", "until exit nonsense", "why #1", "stat exits", "stat nonsense", "si --no-irq --all", "si --through-exits", "bp mem"})
  void mistakesAreOneClearLine(String line) {
    Shell shell = shell("bare");
    String message = assertThrows(BadInput.class, () -> shell.execute(line)).getMessage();
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.length() > 8 && !message.contains("Exception"), message);
  }
}
