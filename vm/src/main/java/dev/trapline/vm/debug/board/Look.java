package dev.trapline.vm.debug.board;

import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.TableView;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateValue;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** What the views have in common: finding devices, words for bits, rows. */
final class Look {
  private Look() {}

  /** The components of a class, in order. */
  static <T> List<T> all(Machine machine, Class<T> type) {
    return machine.components().stream().filter(type::isInstance).map(type::cast).toList();
  }

  static <T> Optional<T> one(Machine machine, Class<T> type) {
    return all(machine, type).stream().findFirst();
  }

  /** Virtual time, in instructions. */
  static long now(Machine machine) {
    return machine.cpus().get(machine.currentCpu()).time();
  }

  /** A part of a component's state whose record is its package's own. */
  static StateValue part(Stateful<?> of, String... path) {
    return part(StateForm.apart(of.state()), path);
  }

  private static StateValue part(StateValue of, String... path) {
    StateValue v = of;
    for (String name : path) {
      v = ((StateValue.Struct) v).fields().get(name);
    }
    return v;
  }

  static long number(Stateful<?> of, String... path) {
    return number(StateForm.apart(of.state()), path);
  }

  static long number(StateValue of, String... path) {
    return switch (part(of, path)) {
      case StateValue.Number n -> n.value();
      case StateValue.Word w -> w.value();
      case StateValue.Flag f -> f.value() ? 1 : 0;
      default -> throw new IllegalArgumentException(Arrays.toString(path) + " is no number");
    };
  }

  static String text(Stateful<?> of, String... path) {
    return part(of, path) instanceof StateValue.Text t ? t.value() : "";
  }

  /** The names of bits that are set, from bit 0 on; an empty name is a bit of no interest. */
  static String bits(long value, String... names) {
    var out = new StringJoiner(" ");
    out.setEmptyValue("none");
    for (int i = 0; i < names.length; i++) {
      if ((value >>> i & 1) != 0 && !names[i].isEmpty()) {
        out.add(names[i]);
      }
    }
    return out.toString();
  }

  /** The numbers of bits that are set in words of 32, as in {@code 0x30 0x31}. */
  static String vectors(int[] words) {
    var out = new StringJoiner(" ");
    out.setEmptyValue("none");
    for (int v = 0; v < 32 * words.length; v++) {
      if ((words[v >> 5] >>> v & 1) != 0) {
        out.add("0x%02x".formatted(v));
      }
    }
    return out.toString();
  }

  static boolean set(long value, long mask) {
    return (value & mask) != 0;
  }

  static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  static Field field(String name, Object value) {
    return new Field(name, value.toString());
  }

  static Field hex(String name, long value, String note) {
    return Field.hex(name, value, note);
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** A table row by row. */
  static final class Rows {
    private final String title;
    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    Rows(String title, String... heads) {
      this.title = title;
      this.heads = List.of(heads);
    }

    Rows add(Object... cells) {
      rows.add(Arrays.stream(cells).map(c -> c == null ? "" : c.toString()).toList());
      return this;
    }

    TableView view() {
      return new TableView(title, heads, rows);
    }
  }
}
