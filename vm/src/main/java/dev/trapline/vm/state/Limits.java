package dev.trapline.vm.state;

import java.lang.reflect.RecordComponent;

/** What {@link Length} and {@link Range} say about one field. */
record Limits(int shortest, int longest, long least, long most) {
  static Limits of(RecordComponent c) {
    Length l = c.getAnnotation(Length.class);
    Range r = c.getAnnotation(Range.class);
    int shortest = l == null ? 0 : l.least() < 0 ? l.value() : l.least();
    return new Limits(shortest, l == null ? Integer.MAX_VALUE : l.value(), r == null ? Long.MIN_VALUE : r.least(),
        r == null ? Long.MAX_VALUE : r.most());
  }

  /** @throws StateException if the value is outside */
  void check(StateValue value, String path) {
    switch (value) {
      case StateValue.Number n -> number(n.value(), path);
      case StateValue.Word w -> number(w.value(), path);
      case StateValue.Bytes b -> length(b.value().length, path);
      case StateValue.Items i -> {
        length(i.values().size(), path);
        for (int k = 0; k < i.values().size(); k++) {
          if (i.values().get(k) instanceof StateValue.Number || i.values().get(k) instanceof StateValue.Word) {
            check(i.values().get(k), path + "[" + k + "]");
          }
        }
      }
      case StateValue.Flag f -> { }
      case StateValue.Text t -> { }
      case StateValue.Struct s -> { }
    }
  }

  private void number(long n, String path) {
    if (n < least || n > most) {
      throw new StateException(path + ": " + n + " is not between " + least + " and " + most);
    }
  }

  private void length(int n, String path) {
    if (n < shortest || n > longest) {
      throw new StateException(path + ": " + n + " elements, " + (shortest == longest ? "" : shortest + " to ") + longest + " expected");
    }
  }
}
