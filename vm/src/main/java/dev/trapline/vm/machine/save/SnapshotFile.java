package dev.trapline.vm.machine.save;

import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.Input;
import dev.trapline.vm.machine.Journal;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Snapshot;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.StateValue;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A machine in a file: its configuration with kernel, RAM disk and ROMs, the state of every component, memory, what has come in, and names
 * of addresses. Only disk images stay in their own files. A new process makes the same machine of it.
 */
public final class SnapshotFile {
  /** Of the files written now. Another layout of the file is another version; components have versions of their own. */
  static final int VERSION = 1;
  /** The most bytes of all parts but memory: a damaged file must not exhaust the heap. */
  private static final long MOST = (1L << 31) - 1024;
  private static final int FRAMES = 256;
  private static final int PAGE = 4096;

  /**
   * What stands first.
   *
   * @param hash of the machine's state, to be found again after loading
   * @param position see {@link Journal.Entry#at}
   * @param time instructions of virtual time
   * @param entries inputs so far, and those awaited
   * @param done how many of them have come
   */
  record Head(long hash, long position, long time, @Length(value = MachineConfig.MOST_PROCESSORS, least = 1) long[] idle,
      @Range(most = 1000) int interrupts, List<FileMark> files, List<Came> entries, @Range(most = Integer.MAX_VALUE) int done) implements StateRecord {}

  /** An input that has come, or is awaited. */
  record Came(long at, int interrupts, long processors, Input.Kind kind, String target, long value, byte[] data) implements StateRecord {}

  /**
   * What a file holds.
   *
   * @param hash of the machine's state
   * @param position of the machine, see {@link Journal.Entry#at}
   * @param time instructions of virtual time
   * @param names bytes that the debugger saved along
   */
  public record Saved(MachineConfig config, Snapshot snapshot, Journal journal, long hash, long position, long time, byte[] names) {
    /**
     * Builds the machine.
     *
     * @throws StateException if it cannot be what was saved
     */
    public Machine machine() {
      Machine machine;
      try {
        machine = new Machine(config);
      } catch (BootException wrong) {
        throw new StateException(wrong.getMessage());
      }
      machine.restore(snapshot);
      if (machine.stateHash() != hash) {
        throw new StateException("its state does not have the hash it was saved with");
      }
      machine.inputs().journal(journal);
      return machine;
    }
  }

  private SnapshotFile() {}

  // ---- writing

  /**
   * Writes a file; the old one of that name stays until the new one is complete.
   *
   * @param names bytes to save along
   * @return bytes of the file
   * @throws StateException if it cannot be written, or a disk image cannot be read
   */
  public static long write(Path file, Machine machine, byte[] names, Progress progress) {
    Path target = file.toAbsolutePath();
    try {
      // Not by createTempFile, whose files nobody else may read: the new file has the permissions of any other.
      Path temporary = target.resolveSibling("." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
      try {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
          write(out, machine, names, progress);
        }
        long size = Files.size(temporary);
        replace(temporary, target);
        return size;
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (FileSystemException e) {
      throw new StateException(file + ": cannot be written: " + why(e));
    } catch (IOException e) {
      throw new StateException(file + ": cannot be written: " + e.getMessage());
    }
  }

  private static String why(FileSystemException e) {
    return switch (e) {
      case NoSuchFileException none -> "no such folder";
      case AccessDeniedException denied -> "permission denied";
      default -> e.getReason() == null ? e.getMessage() : e.getReason();
    };
  }

  private static void replace(Path from, Path to) throws IOException {
    try (FileChannel c = FileChannel.open(from, StandardOpenOption.WRITE)) {
      c.force(true);
    }
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void write(OutputStream out, Machine machine, byte[] names, Progress progress) throws IOException {
    Snapshot s = machine.snapshot();
    BlockWriter w = new BlockWriter(out, VERSION);
    w.part("HEAD", StateBinary.write(StateForm.apart(head(machine, s))));
    w.part("CONF", StateBinary.write(ConfigForm.apart(machine.config())));
    w.part("MACH", StateBinary.write(s.components()));
    w.part("NAME", names);
    List<Map.Entry<Integer, byte[]>> frames = List.copyOf(s.frames().entrySet());
    for (int i = 0; i < frames.size(); i += FRAMES) {
      List<Map.Entry<Integer, byte[]>> part = frames.subList(i, Math.min(frames.size(), i + FRAMES));
      progress.at((long) i * PAGE, (long) frames.size() * PAGE);
      w.block("PAGE", () -> pages(part));
    }
    w.part("END ", ByteBuffer.allocate(Integer.BYTES).putInt(w.blocks()).array());
    w.flush();
    progress.at((long) frames.size() * PAGE, (long) frames.size() * PAGE);
  }

  private static byte[] pages(List<Map.Entry<Integer, byte[]>> frames) {
    ByteBuffer b = ByteBuffer.allocate(frames.size() * (Integer.BYTES + PAGE));
    frames.forEach(f -> b.putInt(f.getKey()));
    frames.forEach(f -> b.put(f.getValue()));
    return b.array();
  }

  private static Head head(Machine machine, Snapshot s) {
    List<FileMark> files = machine.config().drives().stream().map(Drive::file).flatMap(Optional::stream).distinct().map(FileMark::of).toList();
    Journal j = machine.inputs().journal();
    List<Came> entries = j.entries().stream().map(e -> new Came(e.at(), e.interrupts(), e.processors(), e.input().kind(),
        e.input().target(), e.input().value(), e.input().data())).toList();
    return new Head(machine.stateHash(), machine.inputs().position(), machine.cpu().time(), s.idle(), s.interrupts(), files, entries, j.done());
  }

  // ---- reading

  /**
   * Reads a file.
   *
   * @throws StateException in one line that begins with the file: what is wrong, and where
   */
  public static Saved read(Path file, Progress progress) {
    if (!Files.isRegularFile(file)) {
      throw new StateException(file + ": no such file");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return new Reading(file.toAbsolutePath().getParent(), in, Files.size(file), progress).saved();
    } catch (IOException e) {
      throw new StateException(file + ": cannot be read: " + e.getMessage());
    } catch (StateException wrong) {
      throw new StateException("snapshot " + file + ": " + wrong.getMessage());
    }
  }

  /** Whether a file begins like a snapshot. */
  public static boolean is(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] mark = in.readNBytes(BlockWriter.MARK.length);
      return java.util.Arrays.equals(mark, BlockWriter.MARK);
    } catch (IOException unreadable) {
      return false;
    }
  }

  /** One pass through a file. */
  private static final class Reading {
    private final Path folder;
    private final BlockReader in;
    private final long size;
    private final Progress progress;
    private final Map<String, ByteArrayOutputStream> parts = new HashMap<>();
    private final SortedMap<Integer, byte[]> frames = new TreeMap<>();
    private long bytes;

    Reading(Path folder, InputStream in, long size, Progress progress) throws IOException {
      this.folder = folder;
      this.in = new BlockReader(in, size, VERSION);
      this.size = size;
      this.progress = progress;
    }

    Saved saved() throws IOException {
      int blocks = 0;
      BlockReader.Block b = in.next();
      for (; !b.name().equals("END "); b = in.next()) {
        take(b);
        blocks++;
        progress.at(in.at(), size);
      }
      if (b.content().length != Integer.BYTES || ByteBuffer.wrap(b.content()).getInt() != blocks) {
        throw new StateException("damaged: it has " + blocks + " parts, its end counts others");
      }
      if (in.at() != size) {
        throw new StateException("damaged: " + (size - in.at()) + " bytes follow its end");
      }
      return assembled();
    }

    private void take(BlockReader.Block b) {
      switch (b.name()) {
        case "HEAD", "CONF", "MACH", "NAME" -> {
          bytes += b.content().length;
          if (bytes > MOST) {
            throw new StateException("damaged at byte " + b.at() + " (impossibly much state)");
          }
          parts.computeIfAbsent(b.name(), n -> new ByteArrayOutputStream()).writeBytes(b.content());
        }
        case "PAGE" -> pages(b);
        default -> throw new StateException("damaged at byte " + b.at() + " (a part of no known kind)");
      }
    }

    private void pages(BlockReader.Block b) {
      int n = b.content().length / (Integer.BYTES + PAGE);
      if (n * (Integer.BYTES + PAGE) != b.content().length) {
        throw new StateException("damaged at byte " + b.at() + " (a part of a page)");
      }
      ByteBuffer from = ByteBuffer.wrap(b.content());
      for (int i = 0; i < n; i++) {
        byte[] page = new byte[PAGE];
        from.get(n * Integer.BYTES + i * PAGE, page);
        if (frames.put(from.getInt(i * Integer.BYTES), page) != null) {
          throw new StateException("damaged at byte " + b.at() + " (a page twice)");
        }
      }
    }

    private StateValue value(String part) {
      ByteArrayOutputStream b = parts.get(part);
      if (b == null) {
        throw new StateException("damaged: its part " + part + " is missing");
      }
      return StateBinary.read(b.toByteArray());
    }

    private Saved assembled() {
      Head head = StateForm.together(Head.class, value("HEAD"), "head");
      MachineConfig config = located(ConfigForm.together(MachineConfig.class, value("CONF"), "configuration"), head.files());
      if (!(value("MACH") instanceof StateValue.Struct components)) {
        throw new StateException("damaged: no record of the machine's components");
      }
      List<Journal.Entry> entries = head.entries().stream().map(e -> new Journal.Entry(e.at(), e.interrupts(), e.processors(),
          new Input(e.kind(), e.target(), e.value(), e.data()))).toList();
      if (head.done() > entries.size()) {
        throw new StateException("head.done: " + head.done() + " of " + entries.size() + " inputs");
      }
      ByteArrayOutputStream names = parts.get("NAME");
      return new Saved(config, new Snapshot(components, frames, head.idle(), head.interrupts()), new Journal(entries, head.done()),
          head.hash(), head.position(), head.time(), names == null ? new byte[0] : names.toByteArray());
    }

    /** The configuration with its disk images where they are now, found unchanged. */
    private MachineConfig located(MachineConfig config, List<FileMark> marks) {
      Map<Path, Path> places = new HashMap<>();
      marks.forEach(m -> places.put(Path.of(m.path()), m.find(folder)));
      var drives = new ArrayList<Drive>();
      for (Drive d : config.drives()) {
        if (d.file().isPresent() && !places.containsKey(d.file().get())) {
          throw new StateException("damaged: nothing is known of the disk image " + d.file().get());
        }
        drives.add(d.withFile(d.file().map(places::get)));
      }
      return config.withDrives(drives);
    }
  }
}
