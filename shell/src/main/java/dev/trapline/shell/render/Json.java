package dev.trapline.shell.render;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Records, lists, maps and simple values as JSON. A {@code long} becomes a {@code "0x..."} string: JSON readers lose bits beyond 53. */
public final class Json {
  private Json() {}

  public static String of(Object value) {
    return switch (value) {
      case null -> "null";
      case Long l -> "\"0x" + Long.toHexString(l) + "\"";
      case Number n -> n.toString();
      case Boolean b -> b.toString();
      case Record r -> record(r);
      case Collection<?> c -> c.stream().map(Json::of).collect(Collectors.joining(",", "[", "]"));
      case Map<?, ?> m -> m.entrySet().stream().map(e -> quote(e.getKey().toString()) + ":" + of(e.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
      default -> quote(value.toString());
    };
  }

  /** The components of a record by their names. */
  public static Map<String, Object> fields(Record r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (RecordComponent c : r.getClass().getRecordComponents()) {
      fields.put(c.getName(), get(r, c));
    }
    return fields;
  }

  private static String record(Record r) {
    var out = new StringBuilder("{\"type\":").append(quote(r.getClass().getSimpleName()));
    fields(r).forEach((name, value) -> out.append(',').append(quote(name)).append(':').append(of(value)));
    return out.append('}').toString();
  }

  private static Object get(Record r, RecordComponent c) {
    try {
      return c.getAccessor().invoke(r);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("view " + r.getClass().getName() + " is not readable", e);
    }
  }

  private static String quote(String s) {
    var out = new StringBuilder("\"");
    for (char c : s.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> out.append(c < 0x20 ? "\\u%04x".formatted((int) c) : Character.toString(c));
      }
    }
    return out.append('"').toString();
  }
}
