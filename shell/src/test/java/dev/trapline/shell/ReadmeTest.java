package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.Session;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;

/**
 * The README's tour, typed into the real shell: every line it shows must come out. Virtual time makes each run the same. When the
 * guest or the output changed on purpose, {@code mvn test -pl shell -am -Dtest=ReadmeTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dtrapline.readme=true} writes what is printed now into the README; read it before you commit it.
 */
class ReadmeTest {
  /** The names of the two guests. */
  private static final Pattern PROMPT = Pattern.compile("(hvm|trap)>(?: |$)");

  /** One command of the tour with the lines shown below it; a line of three dots stands for any lines. */
  private record Exchange(String prompt, String command, List<String> shown) {}

  @Test
  void theTourIsWhatTheShellPrints() throws IOException {
    List<Exchange> tour = tour();
    assertTrue(tour.size() > 15, "a tour of " + tour.size() + " commands");
    var prompts = new ArrayList<String>();
    List<List<String>> printed = type(tour.stream().skip(1).map(Exchange::command).toList(), prompts);
    if (Boolean.getBoolean("trapline.readme")) {
      rewrite(tour, printed, prompts);
      return;
    }
    for (int i = 0; i < tour.size(); i++) {
      compare(tour.get(i), printed.get(i));
    }
    assertEquals(tour.stream().skip(1).map(Exchange::prompt).toList(), prompts.subList(0, tour.size() - 1));
  }

  /** The exchanges in the README; the first is the start of the program. */
  private static List<Exchange> tour() throws IOException {
    var out = new ArrayList<Exchange>();
    boolean inside = false;
    for (String line : Files.readAllLines(EmbeddedGuest.root().resolve("README.md"))) {
      if (line.startsWith("```")) {
        inside = line.equals("```console");
      } else if (inside && PROMPT.matcher(line).lookingAt()) {
        Matcher m = PROMPT.matcher(line);
        m.lookingAt();
        out.add(new Exchange(m.group(1), line.substring(m.end()).strip(), new ArrayList<>()));
      } else if (inside && line.equals("$ shell/trapline")) {
        out.add(new Exchange("", "", new ArrayList<>()));
      } else if (inside && !out.isEmpty()) {
        out.getLast().shown.add(line.stripTrailing());
      }
    }
    return out;
  }

  /** What the shell prints at its start and after each command. */
  private static List<List<String>> type(List<String> commands, List<String> prompts) throws IOException {
    String input = String.join("\n", commands) + "\nquit\n";
    var output = new ByteArrayOutputStream();
    Session session = new MachineOptions().openMonitored();
    try (Terminal terminal = new DumbTerminal("test", Terminal.TYPE_DUMB, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
        output, StandardCharsets.UTF_8)) {
      InteractiveShell shell = new InteractiveShell(session, terminal, ColorMode.AUTO, false);
      shell.welcome();
      shell.run();
    }
    String text = output.toString(StandardCharsets.UTF_8).replaceAll("\u001b\\[[0-9;?]*[a-zA-Z]", "").replace("\r", "");
    var parts = new ArrayList<List<String>>();
    PROMPT.matcher(text).results().forEach(r -> prompts.add(r.group(1)));
    for (String part : PROMPT.split(text, -1)) {
      parts.add(part.lines().map(String::stripTrailing).toList());
    }
    return parts;
  }

  private static void rewrite(List<Exchange> tour, List<List<String>> printed, List<String> prompts) throws IOException {
    Path readme = EmbeddedGuest.root().resolve("README.md");
    var out = new ArrayList<String>();
    int next = 0;
    boolean inside = false;
    for (String line : Files.readAllLines(readme)) {
      boolean fence = line.startsWith("```");
      inside = fence ? line.equals("```console") : inside;
      boolean command = inside && (PROMPT.matcher(line).lookingAt() || line.equals("$ shell/trapline"));
      if (command) {
        out.add(next == 0 ? line : (prompts.get(next - 1) + "> " + tour.get(next).command).strip());
        out.addAll(refreshed(tour.get(next), printed.get(next)));
        next++;
      } else if (fence || !inside) {
        out.add(line);
      }
    }
    Files.write(readme, out);
  }

  /** What is printed now, shortened where the README had it shortened. */
  private static List<String> refreshed(Exchange old, List<String> printed) {
    List<String> now = withoutBlankEnds(withoutEcho(printed, old.command));
    int dots = old.shown.indexOf("...");
    int tail = old.shown.size() - dots - 1;
    if (dots < 0 || now.size() <= dots + tail) {
      return now;
    }
    var out = new ArrayList<>(now.subList(0, dots));
    out.add("...");
    out.addAll(now.subList(now.size() - tail, now.size()));
    return out;
  }

  private static void compare(Exchange expected, List<String> actual) {
    List<String> want = withoutBlankEnds(expected.shown);
    List<String> got = withoutBlankEnds(withoutEcho(actual, expected.command));
    int a = 0;
    for (int w = 0; w < want.size(); w++) {
      if (want.get(w).equals("...")) {
        String next = w + 1 < want.size() ? want.get(w + 1) : null;
        a = next == null ? got.size() : got.subList(a, got.size()).indexOf(next) + a;
        assertTrue(a >= 0, "after '" + expected.command + "' there is no line '" + next + "' in\n" + String.join("\n", got));
        continue;
      }
      assertEquals(want.get(w), a < got.size() ? got.get(a) : "(nothing)", "line " + (w + 1) + " after '" + expected.command + "', of\n"
          + String.join("\n", got));
      a++;
    }
    assertEquals(got.size(), a, "after '" + expected.command + "' more is printed:\n" + String.join("\n", got));
  }

  private static List<String> withoutEcho(List<String> lines, String command) {
    return !lines.isEmpty() && !command.isEmpty() && lines.getFirst().equals(command) ? lines.subList(1, lines.size()) : lines;
  }

  private static List<String> withoutBlankEnds(List<String> lines) {
    int from = 0;
    int to = lines.size();
    while (from < to && lines.get(from).isBlank()) {
      from++;
    }
    while (to > from && lines.get(to - 1).isBlank()) {
      to--;
    }
    return lines.subList(from, to);
  }
}
