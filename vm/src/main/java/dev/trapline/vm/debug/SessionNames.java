package dev.trapline.vm.debug;

import dev.trapline.vm.isa.disasm.Syntax;
import dev.trapline.vm.machine.Pacing;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Names of a session: registers win over symbols; {@code count} is the instruction count. */
final class SessionNames implements Names {
  private final RegisterNames registers;
  private final Spaces spaces;
  private final Symbols symbols;
  private final Inspector inspector;
  private final Settings settings;

  /** What outlives a machine, and is the same for all guests of a monitor. */
  static final class Settings {
    int radix = 10;
    Syntax syntax = Syntax.INTEL;
    /** Bounds every run, in instructions. */
    long limit = Long.MAX_VALUE;
    boolean stopsAtReset;
    /** Null to let time fly while everybody waits. */
    Pacing pacing;
    private int lastId;

    /** The number of a new breakpoint. */
    int nextId() {
      return ++lastId;
    }
  }

  SessionNames(Inspector inspector, Symbols symbols, Settings settings) {
    this.inspector = inspector;
    this.registers = inspector.names();
    this.spaces = inspector.spaces();
    this.symbols = symbols;
    this.settings = settings;
  }

  @Override
  public OptionalLong value(String name) {
    if (registers.knows(name)) {
      return OptionalLong.of(registers.get(name));
    }
    if (name.equals("count")) {
      return OptionalLong.of(inspector.place().count());
    }
    OptionalLong address = symbols.address(name);
    if (address.isEmpty() && symbols.perCpu(name).isPresent()) {
      Long own = LinuxTasks.perCpu(spaces, symbols, inspector.place().cpu(), name);
      return own == null ? OptionalLong.empty() : OptionalLong.of(own);
    }
    return address;
  }

  @Override
  public LongSupplier getter(String name) {
    if (registers.knows(name)) {
      return registers.getter(name);
    }
    OptionalLong address = symbols.address(name);
    if (address.isPresent()) {
      long fixed = address.getAsLong();
      return () -> fixed;
    }
    return Names.super.getter(name);
  }

  @Override
  public long read(long linear, int bytes) {
    if (!spaces.fetch(linear, bytes)) {
      throw new BadInput("nothing can be read at 0x" + Long.toHexString(linear));
    }
    return spaces.fetched();
  }

  @Override
  public boolean knowsFile(String path) {
    return symbols.lines().knows(path);
  }

  @Override
  public long lineAddress(String path, int line) {
    return symbols.lines().address(path, line);
  }

  @Override
  public int pointerBytes() {
    return inspector.codeSize().bits / 8;
  }

  @Override
  public int radix() {
    return settings.radix;
  }

  @Override
  public String nearest(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String s : symbols.names()) {
      if (s.toLowerCase(Locale.ROOT).equals(lower)) {
        return s;
      }
    }
    return symbols.names().stream().filter(s -> s.startsWith(name) || close(s, name)).findFirst().orElse(null);
  }

  /** Whether one letter is wrong, missing or too many. */
  private static boolean close(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 1 || Math.min(a.length(), b.length()) < 3) {
      return false;
    }
    int i = 0;
    while (i < Math.min(a.length(), b.length()) && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    String restA = a.substring(Math.min(i + (a.length() >= b.length() ? 1 : 0), a.length()));
    String restB = b.substring(Math.min(i + (b.length() >= a.length() ? 1 : 0), b.length()));
    return restA.equals(restB);
  }
}
