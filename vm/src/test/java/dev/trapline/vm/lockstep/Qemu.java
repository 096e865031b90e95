package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpuid;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * QEMU's TCG on its PC board, stopped at the reset vector and driven over its gdb port. Its RAM is a file mapped here too, so looking
 * at it costs nothing. Single steps take no interrupts and no timers (QEMU's {@code sstep} flags).
 */
final class Qemu implements AutoCloseable {
  static final String PROGRAM = "qemu-system-x86_64";
  private static final int PAGE = 4096;
  private static final int SOFT_START = 200;
  /** Bytes in one M packet. */
  private static final int MOST_WRITTEN = 1024;
  /** Linux's names of features that QEMU spells otherwise. */
  private static final Map<String, String> SPELLED = Map.of("sse3", "pni", "sse4_1", "sse4.1", "sse4_2", "sse4.2", "tsc_deadline_timer",
      "tsc-deadline", "lahf_lm", "lahf-lm", "constant_tsc", "invtsc", "pausefilter", "pause-filter");

  private final Path folder;
  private final Process process;
  private final GdbRemote gdb;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment ram;
  private final long ramSize;

  /**
   * @param frames pages of RAM at the start, zeros elsewhere
   * @param rom firmware, which ends at 4 GiB and, its last 128 KiB, at 1 MiB
   */
  Qemu(long ramSize, SortedMap<Integer, byte[]> frames, byte[] rom, Cpuid cpuid) throws IOException {
    this.ramSize = ramSize;
    this.folder = Files.createTempDirectory("trapline-lockstep");
    Path file = folder.resolve("ram");
    fill(file, frames);
    Files.write(folder.resolve("rom"), rom);
    this.process = new ProcessBuilder(command(file, cpuid)).redirectErrorStream(true).redirectOutput(log()).start();
    this.gdb = connect();
    try (FileChannel c = FileChannel.open(file, StandardOpenOption.READ)) {
      this.ram = c.map(FileChannel.MapMode.READ_ONLY, 0, ramSize, arena);
    }
    gdb.command("qXfer:features:read:target.xml:0,ffb"); // the stub lets only those write registers who have asked for their names
    gdb.order("Qqemu.sstep=7");
  }

  /** Whether there is a QEMU to ask. */
  static boolean installed() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(d -> Files.isExecutable(Path.of(d, PROGRAM)));
  }

  private File log() {
    return folder.resolve("log").toFile();
  }

  private void fill(Path file, SortedMap<Integer, byte[]> frames) throws IOException {
    try (FileChannel c = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      c.write(ByteBuffer.allocate(1), ramSize - 1);
      for (var e : frames.entrySet()) {
        if ((long) e.getKey() * PAGE < ramSize) {
          c.write(ByteBuffer.wrap(e.getValue()), (long) e.getKey() * PAGE);
        }
      }
    }
  }

  private List<String> command(Path file, Cpuid cpuid) {
    var c = new ArrayList<>(List.of(PROGRAM, "-no-user-config", "-nodefaults", "-display", "none", "-S"));
    c.addAll(List.of("-machine", "pc,memory-backend=ram", "-m", (ramSize >> 20) + "M"));
    c.addAll(List.of("-object", "memory-backend-file,id=ram,size=" + ramSize + ",mem-path=" + file + ",share=on"));
    c.addAll(List.of("-cpu", model(cpuid), "-bios", folder.resolve("rom").toString()));
    c.addAll(List.of("-gdb", "unix:" + folder.resolve("gdb") + ",server=on,wait=off"));
    return c;
  }

  /** A processor with the features of ours and no others. */
  private static String model(Cpuid cpuid) {
    return "base,vendor=AuthenticAMD,family=15,model=107,stepping=1,phys-bits=40,min-level=13,min-xlevel=0x8000000a,"
        + cpuid.bits().stream().map(b -> SPELLED.getOrDefault(b.name(), b.name()) + "=on").distinct().collect(Collectors.joining(","));
  }

  private GdbRemote connect() throws IOException {
    for (int i = 0; i < SOFT_START; i++) {
      if (Files.exists(folder.resolve("gdb"))) {
        try {
          return new GdbRemote(folder.resolve("gdb"));
        } catch (java.net.ConnectException notYet) {
          // bound, but not listening
        }
      }
      if (exited()) {
        break;
      }
    }
    throw new IOException("QEMU does not start: " + Files.readString(log().toPath()));
  }

  private boolean exited() throws IOException {
    try {
      return process.waitFor(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  // ---- running

  /** Begins a step; {@link #stepped} waits for its end. */
  void step() throws IOException {
    gdb.send("s");
  }

  void stepped() throws IOException {
    expectStop(gdb.receive());
  }

  /** Runs to a linear address. */
  void runTo(long linear) throws IOException {
    gdb.order("Z0," + Long.toHexString(linear) + ",1");
    expectStop(gdb.command("c"));
    gdb.order("z0," + Long.toHexString(linear) + ",1");
  }

  private static void expectStop(String answer) throws IOException {
    if (!answer.startsWith("T05")) {
      throw new IOException("QEMU stops with " + answer);
    }
  }

  // ---- registers

  Registers registers() throws IOException {
    return Registers.parse(gdb.command("g"));
  }

  /** Gives a register the value it has in {@code from}. */
  void set(int register, Registers from) throws IOException {
    gdb.order("P" + Integer.toHexString(register) + "=" + from.packet(register));
  }

  void set(int register, long value) throws IOException {
    var one = new Registers(new long[Registers.ALL.size()], new long[Registers.ALL.size()]);
    one.low()[register] = value;
    set(register, one);
  }

  /** What {@code info registers} prints: hidden parts of segments, tables, debug registers. */
  String monitorRegisters() throws IOException {
    return gdb.monitor("info registers");
  }

  // ---- memory

  /** Bytes of RAM. */
  long ramSize() {
    return ramSize;
  }

  MemorySegment ram() {
    return ram;
  }

  /** Stores bytes at a linear address as a debugger does: rights do not count. */
  void poke(long linear, byte[] bytes) throws IOException {
    for (int at = 0; at < bytes.length; at += MOST_WRITTEN) {
      int n = Math.min(MOST_WRITTEN, bytes.length - at);
      gdb.order("M" + Long.toHexString(linear + at) + "," + Integer.toHexString(n) + ":" + HexFormat.of().formatHex(bytes, at, at + n));
    }
  }

  /** Stores bytes at a physical address. */
  void pokePhysical(long physical, byte[] bytes) throws IOException {
    gdb.order("Qqemu.PhyMemMode:1");
    poke(physical, bytes);
    gdb.order("Qqemu.PhyMemMode:0");
  }

  byte[] peek(long linear, int n) throws IOException {
    return HexFormat.of().parseHex(gdb.command("m" + Long.toHexString(linear) + "," + Integer.toHexString(n)));
  }

  @Override
  public void close() throws IOException {
    gdb.close();
    process.destroyForcibly();
    exited();
    arena.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }
}
