package dev.trapline.shell;

import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.render.Json;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code --report} says of a batch, as JSON: how it ended and where the guest then stood.
 *
 * @param status the exit code
 * @param message what went wrong; null if nothing did
 * @param ran the commands and scripts that were begun, in order; the last one is the one that failed
 * @param instructions executed by the guest
 * @param stop why the machine stands still
 * @param hash over its whole state, as {@code hash} prints it
 */
public record Report(int status, String message, List<String> ran, long instructions, Stop stop, String hash) {
  /** Collects what a batch runs. */
  static final class Writer {
    private final Path file;
    private final List<String> ran = new ArrayList<>();

    /** @param file null for no report */
    Writer(Path file) {
      this.file = file;
    }

    void begin(String what) {
      ran.add(what);
    }

    /** Runs a batch and reports on it, whatever its end. */
    void around(Session session, Runnable batch) {
      try {
        batch.run();
        write(session, ExitCode.OK, null);
      } catch (BadInput wrong) {
        write(session, ExitCode.USAGE, wrong.getMessage());
        throw wrong;
      } catch (Failure failed) {
        write(session, failed.code(), failed.getMessage());
        throw failed;
      }
    }

    private void write(Session session, int status, String message) {
      if (file == null) {
        return;
      }
      Session now = session.guests().current();
      String hash = "0x%016x".formatted(now.stateHash());
      try {
        Files.writeString(file, Json.of(new Report(status, message, List.copyOf(ran), now.executed(), now.last(), hash)) + "\n");
      } catch (IOException denied) {
        throw new BadInput("--report " + file + ": cannot be written");
      }
    }
  }
}
