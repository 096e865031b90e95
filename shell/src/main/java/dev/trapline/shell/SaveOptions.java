package dev.trapline.shell;

import dev.trapline.shell.command.ProgressLine;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Saves;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Options that start from a snapshot, and that write or repeat a journal. */
final class SaveOptions {
  @Option(names = "--load", paramLabel = "FILE", description = "go on from this snapshot (snap save of the shell) instead of starting")
  private Path snapshot;

  @Option(names = "--journal", paramLabel = "FILE", description = "write all input with its instruction counts, for --replay")
  private Path journal;

  @Option(names = "--replay", paramLabel = "FILE", description = "repeat the run of a journal; the other options as they were then")
  private Path replay;

  /** Opens the session that the options ask for: on the bare machine unless they say otherwise. */
  Session open(MachineOptions machine) {
    return open(machine, machine::open);
  }

  /** Opens the session that the options ask for: of guests of the monitor unless they say otherwise. */
  Session openMonitored(MachineOptions machine) {
    boolean journalled = replay != null || journal != null;
    if (journalled && snapshot == null && !machine.bare()) {
      throw new BadInput((replay != null ? "--replay" : "--journal") + " is for the bare machine so far: add --bare");
    }
    return open(machine, machine::openMonitored);
  }

  private Session open(MachineOptions machine, Supplier<Session> start) {
    if (replay != null && journal != null && same(replay, journal)) {
      throw new BadInput("--replay and --journal name the same file");
    }
    if (replay != null && snapshot != null) {
      throw new BadInput("--replay starts at the beginning, --load later: one of them");
    }
    Session session = snapshot == null ? start.get() : load(machine);
    if (replay != null) {
      session.saves().replay(replay);
      if (!Saves.complete(replay)) {
        System.err.println("trapline: the journal " + replay + " was broken off: repeated as far as it goes");
      }
    }
    if (journal != null) {
      session.saves().record(journal);
    }
    return session;
  }

  private static boolean same(Path a, Path b) {
    return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize()) && Files.exists(a);
  }

  private Session load(MachineOptions machine) {
    if (machine.describesMachine()) {
      throw new BadInput("--load brings its machine along: no --kernel, --bios, --initrd, --machine or --technique beside it");
    }
    boolean person = System.console() != null && System.console().isTerminal();
    try (ProgressLine progress = new ProgressLine(person ? new PrintWriter(System.err) : null, "loading " + snapshot.getFileName())) {
      return Sessions.open(snapshot, progress);
    }
  }

  /** Whether a run is to be repeated. */
  boolean replays() {
    return replay != null;
  }
}
