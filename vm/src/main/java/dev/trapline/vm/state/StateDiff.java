package dev.trapline.vm.state;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What differs between two states, field by field. */
public final class StateDiff {
  /**
   * One difference.
   *
   * @param path the field, e.g. {@code pit.counters[0].mode}
   * @param before its value in the first state as JSON, or {@code (none)}
   * @param after its value in the second
   */
  public record Difference(String path, String before, String after) {
    @Override
    public String toString() {
      return path + ": " + before + " -> " + after;
    }
  }

  private StateDiff() {}

  /** Differences in order of declaration; empty if the states are equal. */
  public static List<Difference> of(String path, StateValue a, StateValue b) {
    List<Difference> out = new ArrayList<>();
    compare(path, a, b, out);
    return out;
  }

  private static void compare(String path, StateValue a, StateValue b, List<Difference> out) {
    if (a instanceof StateValue.Struct x && b instanceof StateValue.Struct y) {
      Set<String> names = new LinkedHashSet<>(x.fields().keySet());
      names.addAll(y.fields().keySet());
      names.forEach(n -> compare(path.isEmpty() ? n : path + "." + n, x.fields().get(n), y.fields().get(n), out));
    } else if (a instanceof StateValue.Items x && b instanceof StateValue.Items y) {
      int n = Math.max(x.values().size(), y.values().size());
      for (int i = 0; i < n; i++) {
        compare(path + "[" + i + "]", at(x, i), at(y, i), out);
      }
    } else if (!java.util.Objects.equals(a, b)) {
      out.add(new Difference(path, text(a), text(b)));
    }
  }

  private static StateValue at(StateValue.Items items, int i) {
    return i < items.values().size() ? items.values().get(i) : null;
  }

  private static String text(StateValue v) {
    return v == null ? "(none)" : StateJson.write(v);
  }
}
