package dev.trapline.shell;

import dev.trapline.shell.render.Json;
import dev.trapline.shell.script.Claim;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How a script ended.
 *
 * @param status the exit code
 * @param message what went wrong; null if nothing did
 * @param script its file, or the expression
 * @param checks what it claimed, in order
 * @param machines those it made, as they then stood
 */
public record ScriptReport(int status, String message, String script, List<String> arguments, List<Claim> checks,
    List<MachineReport> machines) {
  /**
   * A machine at the end.
   *
   * @param instructions executed
   * @param hash over its whole state
   */
  public record MachineReport(String image, long instructions, Stop stop, String hash) {}

  /** Writes it as JSON. */
  void json(Path file) {
    write(file, Json.of(this) + "\n", "--report");
  }

  /** Writes it as JUnit's XML: a test case for each check, and one for the script itself. */
  void junit(Path file) {
    long failures = checks.stream().filter(c -> !c.held()).count() + (broken() ? 1 : 0);
    double seconds = checks.stream().mapToInt(Claim::milliseconds).sum() / 1000.0;
    var out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + "<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"0\" time=\"%.3f\">%n"
        .formatted(escaped(script), checks.size() + 1, failures, seconds));
    checks.forEach(c -> testCase(out, c.name(), c.milliseconds(), c.error()));
    testCase(out, "runs to its end", 0, broken() ? message : null);
    write(file, out.append("</testsuite>\n").toString(), "--junit");
  }

  /** Whether something else than a check failed. */
  private boolean broken() {
    return status != 0 && checks.stream().allMatch(Claim::held);
  }

  private void testCase(StringBuilder out, String name, int milliseconds, String error) {
    out.append("  <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"".formatted(escaped(script), escaped(name), milliseconds / 1000.0));
    out.append(error == null ? "/>\n" : ">\n    <failure message=\"%s\">%s</failure>\n  </testcase>\n".formatted(
        escaped(error.lines().findFirst().orElse("")), escaped(error)));
  }

  /** Text in XML; characters XML cannot have become question marks. */
  private static String escaped(String text) {
    return text.replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]", "?").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static void write(Path file, String text, String option) {
    try {
      Files.writeString(file, text);
    } catch (IOException denied) {
      throw new BadInput(option + " " + file + ": cannot be written");
    }
  }
}
