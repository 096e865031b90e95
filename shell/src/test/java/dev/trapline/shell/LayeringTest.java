package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may use whom in the shell. The edges below are the architecture: a change to this list is a change of design. */
class LayeringTest {
  /** Package (of the shell, or {@code vm}'s that the shell may use): the packages it may use. The empty name is the program's own. */
  private static final List<String> ALLOWED = List.of(
      "render: vm.debug vm.debug.view vm.debug.paging",
      "command: render vm.debug vm.debug.view vm.event vm.isa.disasm",
      "command.run: command vm.debug vm.debug.view vm.event",
      "command.points: command vm.debug vm.debug.view vm.event",
      "command.look: command render vm.debug vm.debug.board vm.debug.view vm.isa",
      "command.change: command render vm.debug vm.isa vm.isa.disasm",
      "command.meta: command vm.debug",
      "command.table: command render vm.debug vm.debug.paging",
      "script: command render vm.debug vm.debug.view",
      "console: command render vm.debug vm.debug.view vm.machine",
      "repl: command command.look command.change render vm.debug vm.event",
      ": command command.run command.points command.table command.look command.change command.meta console render repl script "
          + "vm.debug vm.debug.view vm.cpu vm.machine vm.device.disk");

  private static final Pattern IMPORT = Pattern.compile("dev\\.trapline\\.(shell|vm)((?:\\.[a-z0-9]+)*)\\.[A-Z]");

  @Test
  void everyPackageUsesOnlyWhatItMay() throws IOException {
    Map<String, Set<String>> allowed = new TreeMap<>();
    ALLOWED.forEach(line -> allowed.put(line.substring(0, line.indexOf(':')),
        Arrays.stream(line.substring(line.indexOf(':') + 1).trim().split(" ")).collect(Collectors.toSet())));
    Set<String> wrong = new TreeSet<>();
    Path sources = EmbeddedGuest.root().resolve("shell/src/main/java/dev/trapline/shell");
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        String from = sources.relativize(file.getParent()).toString().replace('/', '.');
        Matcher m = IMPORT.matcher(withoutComments(Files.readString(file)));
        while (m.find()) {
          String to = (m.group(1).equals("vm") ? "vm" : "") + m.group(2);
          to = to.startsWith(".") ? to.substring(1) : to;
          if (!to.equals(from) && !allowed.getOrDefault(from, Set.of()).contains(to)) {
            wrong.add("'" + from + "' uses '" + to + "' (" + file.getFileName() + ")");
          }
        }
      }
    }
    assertEquals(Set.of(), wrong);
  }

  private static String withoutComments(String source) {
    return source.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//.*", "");
  }
}
