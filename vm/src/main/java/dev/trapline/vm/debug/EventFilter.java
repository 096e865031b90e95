package dev.trapline.vm.debug;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which events are meant: a kind, a range of ports, addresses, registers, vectors or reasons, a direction, a text.
 *
 * @param first lowest number meant, unsigned
 * @param last highest number meant, unsigned
 * @param text what a console line contains, the mode that is entered, the instruction's mnemonic; null for any
 */
public record EventFilter(EventKind kind, long first, long last, Direction direction, String text) {
  /** Reads (IN), writes (OUT), or both. */
  public enum Direction { READ, WRITE, ANY }

  /** A word that can follow a kind, for completion. */
  public record Word(String word, String about) {}

  private static final List<String> MODES = List.of("real16", "real32", "v86", "prot16", "prot32", "compat16", "compat32", "long64");

  /** Reads {@code io 0x3f8 out}, {@code exit npf}, {@code console login:}; {@link BadInput} says what is wrong. */
  public static EventFilter parse(String text, Names names) {
    List<String> words = List.of(text.strip().split("\\s+"));
    EventKind kind = EventKind.of(words.getFirst());
    if (kind == null) {
      throw new BadInput("no events of kind '" + words.getFirst() + "': there is " + String.join(" ", kinds()));
    }
    return parse(kind, words.subList(1, words.size()), names);
  }

  private static List<String> kinds() {
    return Stream.of(EventKind.values()).map(EventKind::word).toList();
  }

  /** Everything of a kind. */
  public static EventFilter all(EventKind kind) {
    return new EventFilter(kind, 0, -1, Direction.ANY, null);
  }

  /**
   * Reads {@code [NUMBER|FROM-TO|NAME|all] [in|out|read|write|any]}; {@link BadInput} says what is wrong.
   *
   * <p>Numbers that have names are known by them ({@code pf}, {@code efer}, {@code npf}, {@code save}); others are expressions without
   * spaces.
   */
  public static EventFilter parse(EventKind kind, List<String> words, Names names) {
    if (kind == EventKind.CONSOLE || kind == EventKind.MODE || kind == EventKind.INSN) {
      return textual(kind, String.join(" ", words));
    }
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
    boolean all = rest.isEmpty() || rest.getFirst().equals("all");
    return all ? new EventFilter(kind, 0, -1, d, null) : range(kind, rest.getFirst(), d, names);
  }

  private static EventFilter textual(EventKind kind, String text) {
    if (kind == EventKind.MODE && !text.isEmpty() && !text.equals("all") && !MODES.contains(text)) {
      throw new BadInput("no mode '" + text + "': one of " + String.join(" ", MODES));
    }
    if (kind == EventKind.INSN && text.isEmpty()) {
      throw new BadInput("insn: the name of an instruction is missing, as in insn cpuid");
    }
    return new EventFilter(kind, 0, -1, Direction.ANY, text.isEmpty() || text.equals("all") ? null : text);
  }

  /** Words that can follow a kind, for completion. */
  public static List<Word> words(EventKind kind) {
    Stream<Word> named = EventNumbers.of(kind).stream().map(n -> new Word(n.word(), n.about()));
    Stream<Word> ways = !kind.directed() ? Stream.empty() : kind == EventKind.IO ? Stream.of(new Word("in", "reads"), new Word("out", "writes"))
        : Stream.of(new Word("read", "reads only"), new Word("write", "writes only"));
    Stream<Word> modes = kind == EventKind.MODE ? MODES.stream().map(m -> new Word(m, "this mode is entered")) : Stream.empty();
    return Stream.of(Stream.of(new Word("all", "every one")), ways, named, modes).flatMap(s -> s).toList();
  }

  private static Direction direction(String word) {
    return switch (word) {
      case "in", "read", "r" -> Direction.READ;
      case "out", "write", "w" -> Direction.WRITE;
      case "any", "rw" -> Direction.ANY;
      default -> null;
    };
  }

  private static EventFilter range(EventKind kind, String text, Direction d, Names names) {
    boolean every = kind == EventKind.COUNT && text.startsWith("%");
    String plain = every ? text.substring(1) : text;
    int dash = EventNumbers.number(kind, plain) == null ? plain.indexOf('-', 1) : -1;
    long first = number(kind, dash < 0 ? plain : plain.substring(0, dash), names);
    long last = dash < 0 ? first : number(kind, plain.substring(dash + 1), names);
    if (Long.compareUnsigned(first, last) > 0 || kind == EventKind.COUNT && first <= 0) {
      throw new BadInput(kind.word() + ": the range " + text + " is empty");
    }
    if (Long.compareUnsigned(last, EventNumbers.most(kind)) > 0) {
      throw new BadInput(kind.word() + ": " + text + " is too big: at most 0x" + Long.toHexString(EventNumbers.most(kind)));
    }
    return new EventFilter(kind, first, last, d, every ? "every" : null);
  }

  private static long number(EventKind kind, String text, Names names) {
    Long named = EventNumbers.number(kind, text);
    return named != null ? named : Expr.evaluate(text, names);
  }

  /** Whether an event is one of those meant. */
  public boolean matches(Event e) {
    return switch (e) {
      case Event.Port p -> directed(EventKind.IO, p.write()) && overlaps(p.port(), p.bytes());
      case Event.Mmio m -> directed(EventKind.MMIO, m.write()) && overlaps(m.address(), m.bytes());
      case Event.Msr m -> directed(EventKind.MSR, m.write()) && overlaps(m.number() & 0xffffffffL, 1);
      case Event.Control c -> kind == EventKind.CR3 ? c.number() == 3 && overlaps(c.value(), 1) : is(EventKind.CR, c.number());
      case Event.Debug d -> directed(EventKind.DR, d.write()) && overlaps(d.number(), 1);
      case Event.Dma d -> directed(EventKind.DMA, d.write()) && overlaps(d.address(), Math.max(1, d.bytes()));
      case Event.Mode m -> kind == EventKind.MODE && (text == null || text.equals(m.to()));
      case Event.Line l -> kind == EventKind.CONSOLE && (text == null || l.text().contains(text));
      default -> is(e.kind(), EventValues.number(e));
    };
  }

  private boolean is(EventKind of, long number) {
    return kind == of && overlaps(number, 1);
  }

  private boolean directed(EventKind of, boolean write) {
    return kind == of && (direction == Direction.ANY || direction == (write ? Direction.WRITE : Direction.READ));
  }

  private boolean overlaps(long number, int count) {
    return Long.compareUnsigned(number, last) <= 0 && Long.compareUnsigned(number + count - 1, first) >= 0;
  }

  /** Numbers and direction as they can be typed again. */
  public String where() {
    boolean every = first == 0 && last == -1;
    String numbers = every ? text == null ? "all" : text : (kind == EventKind.COUNT && text != null ? "%" : "") + one(first)
        + (last == first ? "" : "-" + one(last));
    String way = switch (direction) {
      case ANY -> "";
      case READ -> kind == EventKind.IO ? " in" : " read";
      case WRITE -> kind == EventKind.IO ? " out" : " write";
    };
    return numbers + way;
  }

  private String one(long n) {
    return EventNumbers.text(kind, n);
  }

  @Override
  public String toString() {
    return kind.word() + " " + where();
  }
}
