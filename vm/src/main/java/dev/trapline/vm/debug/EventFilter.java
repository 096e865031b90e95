package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Msr;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which events are meant: a kind, a range of ports, addresses, registers or vectors, and a direction.
 *
 * @param first lowest number meant, unsigned
 * @param last highest number meant, unsigned
 */
public record EventFilter(Kind kind, long first, long last, Direction direction) {
  /** What happened. The names are the words of {@code bp} and {@code trace}. */
  public enum Kind {
    IO, MMIO, MSR, CR, EXC, IRQ, INT;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean directed() {
      return this == IO || this == MMIO || this == MSR;
    }
  }

  /** Reads (IN), writes (OUT), or both. */
  public enum Direction { READ, WRITE, ANY }

  private static final int VECTORS = 32;

  /** The kind of a word, or null. */
  public static Kind kind(String word) {
    for (Kind k : Kind.values()) {
      if (k.word().equals(word)) {
        return k;
      }
    }
    return null;
  }

  /**
   * Reads {@code [NUMBER|FROM-TO|all] [in|out|read|write|any]}; {@link BadInput} says what is wrong.
   *
   * <p>Exceptions have their names ({@code pf}), MSRs theirs ({@code efer}); other numbers are expressions without spaces.
   */
  public static EventFilter parse(Kind kind, List<String> words, Names names) {
    var rest = new ArrayList<>(words);
    Direction direction = rest.isEmpty() ? null : direction(rest.getLast());
    if (direction != null) {
      rest.removeLast();
      if (!kind.directed()) {
        throw new BadInput(kind.word() + " has no direction: '" + words.getLast() + "' does not go with it");
      }
    }
    if (rest.size() > 1) {
      throw new BadInput(kind.word() + ": one number or range expected, as in 0x3f8-0x3ff, not '" + String.join(" ", rest) + "'");
    }
    Direction d = direction == null ? Direction.ANY : direction;
    return rest.isEmpty() || rest.getFirst().equals("all") ? new EventFilter(kind, 0, -1, d) : range(kind, rest.getFirst(), d, names);
  }

  /** Words that can follow a kind, for completion. */
  public static List<String> words(Kind kind) {
    return switch (kind) {
      case IO -> List.of("all", "in", "out");
      case MMIO -> List.of("all", "read", "write");
      case MSR -> Stream.concat(Stream.of("all", "read", "write"), Msrs.table().stream().map(m -> m.name().toLowerCase(Locale.ROOT))).toList();
      case CR -> List.of("0", "2", "3", "4", "8", "all");
      case EXC -> IntStream.range(0, VECTORS).mapToObj(Fault::name).filter(n -> n.startsWith("#"))
          .map(n -> n.substring(1).toLowerCase(Locale.ROOT)).toList();
      case IRQ, INT -> List.of("all");
    };
  }

  private static Direction direction(String word) {
    return switch (word) {
      case "in", "read", "r" -> Direction.READ;
      case "out", "write", "w" -> Direction.WRITE;
      case "any", "rw" -> Direction.ANY;
      default -> null;
    };
  }

  private static EventFilter range(Kind kind, String text, Direction d, Names names) {
    int dash = text.indexOf('-', 1);
    long first = number(kind, dash < 0 ? text : text.substring(0, dash), names);
    long last = dash < 0 ? first : number(kind, text.substring(dash + 1), names);
    if (Long.compareUnsigned(first, last) > 0) {
      throw new BadInput(kind.word() + ": the range " + text + " is empty");
    }
    long most = switch (kind) {
      case IO -> 0xffff;
      case MMIO -> -1;
      case MSR -> 0xffffffffL;
      case CR -> 15;
      case EXC -> VECTORS - 1;
      case IRQ, INT -> 0xff;
    };
    if (Long.compareUnsigned(last, most) > 0) {
      throw new BadInput(kind.word() + ": " + text + " is too big: at most 0x" + Long.toHexString(most));
    }
    return new EventFilter(kind, first, last, d);
  }

  private static long number(Kind kind, String text, Names names) {
    String plain = text.startsWith("#") ? text.substring(1) : text;
    if (kind == Kind.EXC) {
      for (int v = 0; v < VECTORS; v++) {
        if (Fault.name(v).replace("#", "").equalsIgnoreCase(plain)) {
          return v;
        }
      }
    }
    if (kind == Kind.MSR) {
      for (Msr m : Msrs.table()) {
        if (m.name().equalsIgnoreCase(plain)) {
          return m.number() & 0xffffffffL;
        }
      }
    }
    return Expr.evaluate(kind == Kind.CR && plain.matches("cr\\d+") ? plain.substring(2) : plain, names);
  }

  /** Whether an event is one of those meant. */
  public boolean matches(Event e) {
    return switch (e) {
      case Event.Port p -> directed(Kind.IO, p.write()) && overlaps(p.port(), p.bytes());
      case Event.Mmio m -> directed(Kind.MMIO, m.write()) && overlaps(m.address(), m.bytes());
      case Event.Msr m -> directed(Kind.MSR, m.write()) && overlaps(m.number() & 0xffffffffL, 1);
      case Event.Control c -> kind == Kind.CR && overlaps(c.number(), 1);
      case Event.Raised r -> kind == Kind.EXC && overlaps(r.vector(), 1);
      case Event.Interrupt i -> kind == (i.software() ? Kind.INT : Kind.IRQ) && overlaps(i.vector(), 1);
    };
  }

  private boolean directed(Kind of, boolean write) {
    return kind == of && (direction == Direction.ANY || direction == (write ? Direction.WRITE : Direction.READ));
  }

  private boolean overlaps(long number, int count) {
    return Long.compareUnsigned(number, last) <= 0 && Long.compareUnsigned(number + count - 1, first) >= 0;
  }

  /** Numbers and direction as they can be typed again. */
  public String where() {
    String numbers = first == 0 && last == -1 ? "all" : one(first) + (last == first ? "" : "-" + one(last));
    String way = switch (direction) {
      case ANY -> "";
      case READ -> kind == Kind.IO ? " in" : " read";
      case WRITE -> kind == Kind.IO ? " out" : " write";
    };
    return numbers + way;
  }

  private String one(long n) {
    return switch (kind) {
      case EXC -> Fault.name((int) n);
      case CR -> Long.toString(n);
      default -> "0x" + Long.toHexString(n);
    };
  }

  @Override
  public String toString() {
    return kind.word() + " " + where();
  }

  // ---- what happened, in words

  private static final String[] SIZES = {"", "byte", "word", "", "dword", "", "", "", "qword"};

  /** One event as the stop line and traces call it. */
  static String text(Event e) {
    return switch (e) {
      case Event.Port p -> "io:%s 0x%x %s 0x%x".formatted(p.write() ? "out" : "in", p.port(), SIZES[p.bytes()], p.value());
      case Event.Mmio m -> "mmio:%s 0x%x %s 0x%x".formatted(way(m.write()), m.address(), SIZES[m.bytes()], m.value());
      case Event.Msr m -> "msr:%s %s 0x%x".formatted(way(m.write()), msr(m.number()), m.value());
      case Event.Control c -> "cr:write %d 0x%x".formatted(c.number(), c.value());
      case Event.Raised r -> "exc:" + Fault.name(r.vector()) + (r.errorCode() < 0 ? "" : "(0x%x)".formatted(r.errorCode()))
          + (r.vector() == Fault.PF ? " at 0x%x".formatted(r.address()) : "");
      case Event.Interrupt i -> "%s:%s".formatted(i.software() ? "int" : "irq", i.vector() == Fault.NMI && !i.software() ? "NMI"
          : "0x%x".formatted(i.vector()));
    };
  }

  private static String way(boolean write) {
    return write ? "write" : "read";
  }

  private static String msr(int number) {
    Msr row = Msrs.row(number);
    return "0x%x".formatted(number) + (row == null ? "" : " " + row.name());
  }
}
