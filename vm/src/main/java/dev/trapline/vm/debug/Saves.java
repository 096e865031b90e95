package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.DifferenceView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Journal;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.ReplayException;
import dev.trapline.vm.machine.Snapshot;
import dev.trapline.vm.machine.save.JournalFile;
import dev.trapline.vm.machine.save.JournalWriter;
import dev.trapline.vm.machine.save.SnapshotFile;
import dev.trapline.vm.state.StateException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;

/** What a session keeps in files: snapshots and journals. What cannot be used is a {@link BadInput} of one line. */
public final class Saves {
  /** Who is told how far a save or load has come. */
  @FunctionalInterface
  public interface Progress {
    void at(long done, long all);
  }

  /** A snapshot and the names in it. */
  record Opened(Machine machine, Image image, MachineConfig config) {}

  private final MachineSession session;
  private JournalWriter writer;
  private Path journal;

  Saves(MachineSession session) {
    this.session = session;
  }

  /** A guest is more than its machine: tables, scheduler and accounts of the monitor are in no file yet. */
  private void requireBare(String what) {
    if (!session.guest().isEmpty()) {
      throw new BadInput(what + " is of the bare machine: start with --bare, guests of the monitor cannot be saved yet");
    }
  }

  // ---- snapshots

  /** Writes the whole machine to a file and gives its size in bytes. */
  public long save(Path file, Progress progress) {
    requireBare("a snapshot");
    byte[] names = names(session.image().symbols());
    return userError(() -> SnapshotFile.write(file, session.machine(), names, progress::at));
  }

  /** Replaces the machine by the one in a file; breakpoints stay. */
  public Stop load(Path file, Progress progress) {
    requireBare("a snapshot");
    return session.install(open(file, progress));
  }

  static Opened open(Path file, Progress progress) {
    return userError(() -> {
      SnapshotFile.Saved saved = SnapshotFile.read(file, progress::at);
      try {
        Machine machine = saved.machine();
        BootImage boot = saved.config().image().orElseThrow(() -> new StateException("it is of a machine without an image"));
        return new Opened(machine, new Image(boot, symbols(saved.names())), saved.config());
      } catch (StateException wrong) {
        throw new StateException("snapshot " + file + ": " + wrong.getMessage());
      }
    });
  }

  /** Whether a file is a snapshot, damaged or not. */
  public static boolean isSnapshot(Path file) {
    return SnapshotFile.is(file);
  }

  /** What a file holds. */
  public static FieldsView info(Path file) {
    SnapshotFile.Saved s = userError(() -> SnapshotFile.read(file, (done, all) -> {}));
    var fields = new ArrayList<Field>();
    fields.add(new Field("time", "#" + s.time(), ""));
    fields.add(new Field("hash", String.format("0x%016x", s.hash()), ""));
    fields.add(new Field("memory", (s.config().memory() >> 20) + " MiB", s.snapshot().frames().size() * 4L / 1024 + " MiB in use"));
    fields.add(new Field("processors", Integer.toString(s.config().processors()), ""));
    s.config().image().ifPresent(i -> fields.add(new Field("image", i.name(), i.commandLine())));
    s.config().drives().forEach(d -> fields.add(new Field("drive", d.name(), d.attachment().name().toLowerCase(java.util.Locale.ROOT))));
    fields.add(new Field("inputs", Integer.toString(s.journal().done()), s.journal().done() == s.journal().entries().size() ? ""
        : s.journal().entries().size() - s.journal().done() + " more of a journal to come"));
    return new FieldsView(file.toString(), List.copyOf(fields));
  }

  /**
   * What differs between two snapshots.
   *
   * @param second null for the machine as it is
   */
  public List<DifferenceView> diff(Path first, Path second) {
    if (second == null) {
      requireBare("a snapshot");
    }
    Snapshot a = userError(() -> SnapshotFile.read(first, (done, all) -> {}).snapshot());
    Snapshot b = second == null ? session.machine().snapshot() : userError(() -> SnapshotFile.read(second, (done, all) -> {}).snapshot());
    return a.diff(b).stream().map(d -> new DifferenceView(d.path(), d.before(), d.after())).toList();
  }

  private static byte[] names(Symbols symbols) {
    var out = new StringBuilder();
    symbols.names().forEach(n -> out.append(Long.toHexString(symbols.address(n).orElseThrow())).append(' ').append(n).append('\n'));
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Symbols symbols(byte[] names) {
    var all = new HashMap<String, Long>();
    for (String line : new String(names, StandardCharsets.UTF_8).lines().toList()) {
      if (!line.matches("[0-9a-f]{1,16} .+")) {
        throw new StateException("damaged (names of addresses)");
      }
      int blank = line.indexOf(' ');
      all.put(line.substring(blank + 1), Long.parseUnsignedLong(line.substring(0, blank), 16));
    }
    return new Symbols(all);
  }

  // ---- journals

  /** Begins to write every input to a file, with those that have come already. */
  public void record(Path file) {
    requireBare("a journal");
    stopRecording();
    writer = userError(() -> new JournalWriter(file, session.machine()));
    journal = file;
  }

  /** Ends the journal; without one nothing happens. */
  public void stopRecording() {
    JournalWriter ended = writer;
    writer = null;
    journal = null;
    if (ended != null) {
      userError(() -> {
        ended.close();
        return null;
      });
    }
  }

  /** The file inputs are written to, or null. */
  public Path recording() {
    return journal;
  }

  /** Whether a journal is repeated: nothing else can come in until its end. */
  public boolean replaying() {
    return session.machine().inputs().awaits();
  }

  /** Starts the image again, to repeat the run of a journal; {@link BadInput} if it is of another machine. */
  public Stop replay(Path file) {
    requireBare("a journal");
    JournalFile read = journal(file);
    MachineConfig config = session.machine().config();
    try {
      read.require(read.start().map(config::withStart).orElse(config));
    } catch (ReplayException other) {
      throw new BadInput(file + ": " + other.getMessage());
    }
    read.start().ifPresent(session::start);
    Stop stop = session.reset();
    session.machine().inputs().journal(read.journal());
    return stop;
  }

  /** Gives up what is still to come of a journal. */
  public void forget() {
    session.machine().inputs().forget();
  }

  /** How many inputs have come, and how many of a journal are to come. */
  public FieldsView journal() {
    Journal j = session.machine().inputs().journal();
    return new FieldsView("journal", List.of(new Field("inputs", Integer.toString(j.done()), ""),
        new Field("to come", Integer.toString(j.entries().size() - j.done()), ""),
        new Field("written to", journal == null ? "(no file)" : journal.toString(), "")));
  }

  private static JournalFile journal(Path file) {
    return userError(() -> JournalFile.read(file));
  }

  /** Whether a journal's recording was ended, and not broken off with its program. */
  public static boolean complete(Path file) {
    return journal(file).complete();
  }

  private static <T> T userError(Supplier<T> work) {
    try {
      return work.get();
    } catch (StateException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }
}
