package dev.trapline.vm.device.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The host's qemu-img, from Debian's qemu-utils. Without it a test is skipped; with {@code CI=true} it fails. */
public final class QemuImg {
  private static final Path PROGRAM = Path.of("/usr/bin/qemu-img");
  private static final boolean MUST = "true".equals(System.getProperty("CI", System.getenv("CI")));

  private QemuImg() {}

  /** Runs it; gives its lines. It has to end well. */
  public static List<String> run(Path folder, String... arguments) {
    assertEquals(0, status(folder, arguments), () -> String.join(" ", arguments) + "\n" + String.join("\n", lines(folder)));
    return lines(folder);
  }

  /** Runs it; gives its exit status. */
  public static int status(Path folder, String... arguments) {
    if (!Files.isExecutable(PROGRAM)) {
      String missing = "qemu-img is not installed (qemu-utils)";
      if (MUST) {
        Assertions.fail(missing);
      }
      Assumptions.abort(missing);
    }
    var command = new ArrayList<String>(List.of(PROGRAM.toString()));
    command.addAll(Arrays.asList(arguments));
    try {
      Process p = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
      assertTrue(p.waitFor(60, TimeUnit.SECONDS), () -> command.toString());
      return p.exitValue();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> lines(Path folder) {
    try {
      return Files.readAllLines(folder.resolve("log"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
