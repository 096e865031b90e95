package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.svm.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The names that numbers of events have: exit reasons, exceptions, registers, steps, causes. Generated from the tables that define them. */
public final class EventNumbers {
  /** A number and its word. */
  public record Named(String word, long number, String about) {}

  private static final int VECTORS = 32;

  private EventNumbers() {}

  /** The names of a kind's numbers; empty if they have none. */
  public static List<Named> of(EventKind kind) {
    return switch (kind) {
      case MSR -> Msrs.table().stream().map(m -> new Named(lower(m.name()), m.number() & 0xffffffffL, "MSR 0x%x".formatted(m.number()))).toList();
      case CR -> IntStream.of(0, 2, 3, 4, 8).mapToObj(n -> new Named("cr" + n, n, "control register " + n)).toList();
      case DR -> IntStream.of(0, 1, 2, 3, 6, 7).mapToObj(n -> new Named("dr" + n, n, "debug register " + n)).toList();
      case EXC, ENTRY -> exceptions(0);
      case EXIT -> exits();
      case SWITCH -> steps();
      case SHADOW -> causes();
      default -> List.of();
    };
  }

  private static List<Named> exceptions(long base) {
    return IntStream.range(0, VECTORS).filter(v -> Fault.name(v).startsWith("#"))
        .mapToObj(v -> new Named(lower(Fault.name(v).substring(1)), base + v, "exception " + v)).toList();
  }

  private static List<Named> exits() {
    var all = new ArrayList<Named>();
    ExitCode.all().forEach(e -> all.add(new Named(lower(e.name()), e.code(), e.meaning())));
    all.addAll(exceptions(ExitCode.EXCEPTION));
    return all;
  }

  private static List<Named> steps() {
    var all = new ArrayList<Named>();
    for (Event.Step s : Event.Step.values()) {
      all.add(new Named(lower(s.name()), s.ordinal(), s.about()));
    }
    return all;
  }

  private static List<Named> causes() {
    var all = new ArrayList<Named>();
    for (Event.Cause c : Event.Cause.values()) {
      all.add(new Named(lower(c.name()), c.ordinal(), c.about()));
    }
    return all;
  }

  private static String lower(String s) {
    return s.toLowerCase(Locale.ROOT);
  }

  /** The number of a word, with or without the number sign of exceptions; null if it is none. */
  static Long number(EventKind kind, String word) {
    String plain = lower(word.startsWith("#") ? word.substring(1) : word);
    for (Named n : of(kind)) {
      if (n.word().equals(plain)) {
        return n.number();
      }
    }
    return null;
  }

  /** How a number is printed, so that it can be typed again. */
  static String text(EventKind kind, long number) {
    return switch (kind) {
      case EXC -> Fault.name((int) number);
      case CR, DR -> Long.toString(number);
      case EXIT -> lower(ExitCode.name(number));
      case SWITCH -> lower(Event.Step.values()[(int) number].name());
      case SHADOW -> lower(Event.Cause.values()[(int) number].name());
      case COUNT -> Long.toString(number);
      default -> "0x" + Long.toHexString(number);
    };
  }

  /** The biggest number of a kind, unsigned. */
  static long most(EventKind kind) {
    return switch (kind) {
      case IO, TASK -> 0xffff;
      case MSR -> 0xffffffffL;
      case CR -> 15;
      case DR -> 7;
      case EXC -> VECTORS - 1;
      case IRQ, INT, ENTRY -> 0xff;
      case SWITCH -> Event.Step.values().length - 1;
      case SHADOW -> Event.Cause.values().length - 1;
      default -> -1;
    };
  }
}
