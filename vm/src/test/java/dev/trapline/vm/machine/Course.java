package dev.trapline.vm.machine;

import dev.trapline.vm.machine.save.Progress;
import dev.trapline.vm.machine.save.SnapshotFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** A machine on its way from one moment to its end: the hash of its state at each ten millionth instruction of virtual time, and then. */
final class Course {
  static final long STEP = 10_000_000;
  /** Far more than any guest of the tests needs. */
  private static final long MOST = 60_000_000_000L;
  private static final long PROCESS_MINUTES = 60;

  private final Machine machine;
  private final StringBuilder console = new StringBuilder();
  private final List<String> marks = new ArrayList<>();
  private Outcome end;
  private long hashing;

  Course(Machine machine) {
    this.machine = machine;
    machine.console(b -> console.append((char) b));
  }

  Machine machine() {
    return machine;
  }

  /** What the serial console has shown. */
  String console() {
    return console.toString();
  }

  /** Time and hash, a line each; the last is about the end. */
  List<String> marks() {
    return marks;
  }

  /** What one hash takes, for people. */
  String costs() {
    return String.format(Locale.ROOT, "%d hashes of %d MiB, %.1f ms each", marks.size(), machine.config().memory() >> 20,
        hashing / 1e6 / Math.max(1, marks.size()));
  }

  /** Runs to a time; gives what ended the machine's course before, or null. */
  Outcome to(long time) {
    while (end == null && machine.now() < time) {
      long mark = (machine.now() / STEP + 1) * STEP;
      Outcome o = machine.run(Math.min(time, mark) - machine.now());
      if (!(o instanceof Outcome.Limit)) {
        end = o;
        mark(o.toString());
      } else if (machine.now() >= mark) {
        mark("");
      }
    }
    return end;
  }

  /** Runs until the machine ends. */
  Outcome toEnd() {
    Assertions.assertNotNull(to(MOST), () -> "goes on for ever:\n" + console);
    return end;
  }

  /** Runs until the console has shown a text. */
  void toText(String text) {
    while (console.indexOf(text) < 0) {
      Assertions.assertNull(to(machine.now() + STEP / 5), () -> "'" + text + "' has not come:\n" + console);
    }
  }

  private void mark(String what) {
    long start = System.nanoTime();
    marks.add((machine.now() + " " + Long.toHexString(machine.stateHash()) + " " + what).strip());
    hashing += System.nanoTime() - start;
  }

  /** Saves the machine and lets another process continue it. */
  Elsewhere elsewhere(Path folder, String name) throws IOException {
    Path file = folder.resolve(name + ".snap");
    long start = System.nanoTime();
    long bytes = SnapshotFile.write(file, machine, new byte[0], Progress.NONE);
    System.err.printf(Locale.ROOT, "saved '%s' at %d: %d bytes, %.1f s%n", name, machine.now(), bytes, (System.nanoTime() - start) / 1e9);
    Path out = folder.resolve(name + ".out");
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process process = new ProcessBuilder(java, "-Xmx2g", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
        Course.class.getName(), file.toString()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    return new Elsewhere(name, process, out, marks.size());
  }

  /**
   * The machine in another process.
   *
   * @param before marks of the course up to the save
   */
  record Elsewhere(String name, Process process, Path out, int before) {
    /** What the other process has found must be what the course here has. */
    void compare(Course here) throws IOException, InterruptedException {
      try {
        Assertions.assertTrue(process.waitFor(PROCESS_MINUTES, TimeUnit.MINUTES), name);
      } finally {
        process.destroyForcibly();
      }
      List<String> there = Files.readAllLines(out);
      Assertions.assertEquals(0, process.exitValue(), () -> name + ": " + String.join("\n", there));
      Assertions.assertEquals(here.marks.subList(before, here.marks.size()), there, name);
      System.err.println("'" + name + "' went on in another process: " + there.size() + " equal hashes, the last at " + there.getLast());
    }
  }

  /** The other process. */
  public static void main(String[] arguments) {
    var course = new Course(SnapshotFile.read(Path.of(arguments[0]), Progress.NONE).machine());
    course.toEnd();
    course.marks.forEach(System.out::println);
  }
}
