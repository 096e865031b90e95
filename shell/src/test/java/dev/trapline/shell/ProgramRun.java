package dev.trapline.shell;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs the program as a process sees it: arguments in, exit code and two streams out. */
final class ProgramRun {
  private int status;
  private String out;
  private String err;

  /** Runs it once. */
  static ProgramRun of(String... args) {
    var program = new ProgramRun();
    program.status = program.run(args);
    return program;
  }

  int run(String... args) {
    PrintStream oldOut = System.out;
    PrintStream oldErr = System.err;
    var newOut = new ByteArrayOutputStream();
    var newErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(newOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(newErr, true, StandardCharsets.UTF_8));
    try {
      return Main.run(args);
    } finally {
      System.setOut(oldOut);
      System.setErr(oldErr);
      out = newOut.toString(StandardCharsets.UTF_8);
      err = newErr.toString(StandardCharsets.UTF_8);
    }
  }

  /** The exit code of {@link #of}. */
  int status() {
    return status;
  }

  String out() {
    return out;
  }

  String err() {
    return err;
  }
}
