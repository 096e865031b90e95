package dev.trapline.vm.machine.save;

import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateValue;
import dev.trapline.vm.util.Hash;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A machine's configuration as a tree of values, and back: records of numbers, texts, enums, byte arrays, dates, paths, options, lists
 * and sets of the same. What a configuration gains later is saved without a word here.
 */
final class ConfigForm {
  private ConfigForm() {}

  /** The configuration as a tree. */
  static StateValue apart(Object o) {
    return switch (o) {
      case Boolean b -> new StateValue.Flag(b);
      case Integer i -> new StateValue.Number(i);
      case Long l -> new StateValue.Word(l);
      case String s -> new StateValue.Text(s);
      case Enum<?> e -> new StateValue.Text(e.name());
      case Path p -> new StateValue.Text(p.toAbsolutePath().normalize().toString());
      case LocalDateTime t -> new StateValue.Text(t.toString());
      case byte[] b -> new StateValue.Bytes(b);
      case Optional<?> v -> new StateValue.Items(v.stream().map(ConfigForm::apart).toList());
      // A set's own order differs from process to process.
      case Set<?> s -> new StateValue.Items(s.stream().map(ConfigForm::apart).sorted(Comparator.comparing(Object::toString)).toList());
      case Collection<?> c -> new StateValue.Items(c.stream().map(ConfigForm::apart).toList());
      case Record r -> record(r);
      default -> throw new IllegalArgumentException(o.getClass() + ": not a kind of configuration");
    };
  }

  private static StateValue record(Record r) {
    SequencedMap<String, StateValue> fields = new LinkedHashMap<>();
    for (RecordComponent c : r.getClass().getRecordComponents()) {
      try {
        fields.put(c.getName(), apart(c.getAccessor().invoke(r)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalArgumentException(r.getClass().getName() + "." + c.getName() + ": not readable", e);
      }
    }
    return new StateValue.Struct(1, fields);
  }

  /**
   * A configuration from a tree.
   *
   * @throws StateException with the field if it is none
   */
  static <T> T together(Class<T> type, StateValue value, String path) {
    return type.cast(object(type, value, path));
  }

  private static Object object(Type type, StateValue value, String path) {
    if (type instanceof ParameterizedType p) {
      return several((Class<?>) p.getRawType(), p.getActualTypeArguments()[0], value, path);
    }
    Class<?> c = (Class<?>) type;
    return switch (value) {
      case StateValue.Flag f when c == boolean.class -> f.value();
      case StateValue.Number n when c == int.class -> n.value();
      case StateValue.Word w when c == long.class -> w.value();
      case StateValue.Bytes b when c == byte[].class -> b.value();
      case StateValue.Text t -> text(c, t.value(), path);
      case StateValue.Struct s when c.isRecord() -> record(c, s, path);
      default -> throw new StateException(path + ": a " + c.getSimpleName() + " expected");
    };
  }

  private static Object several(Class<?> kind, Type element, StateValue value, String path) {
    if (!(value instanceof StateValue.Items items)) {
      throw new StateException(path + ": several values expected");
    }
    var all = new ArrayList<>();
    for (int i = 0; i < items.values().size(); i++) {
      // An option's or a list's element may itself be an array.
      all.add(object(element, items.values().get(i), path + "[" + i + "]"));
    }
    if (kind == Optional.class) {
      if (all.size() > 1) {
        throw new StateException(path + ": at most one value expected");
      }
      return all.stream().findFirst();
    }
    return Set.class.isAssignableFrom(kind) ? new LinkedHashSet<>(all) : all;
  }

  private static Object text(Class<?> c, String text, String path) {
    try {
      if (c == String.class) {
        return text;
      }
      if (c == LocalDateTime.class) {
        return LocalDateTime.parse(text);
      }
      if (c == Path.class) {
        return Path.of(text);
      }
    } catch (DateTimeException | InvalidPathException wrong) {
      throw new StateException(path + ": '" + text + "' is no " + c.getSimpleName());
    }
    if (c.isEnum()) {
      for (Object e : c.getEnumConstants()) {
        if (((Enum<?>) e).name().equals(text)) {
          return e;
        }
      }
    }
    throw new StateException(path + ": no " + c.getSimpleName() + " named " + text);
  }

  private static Object record(Class<?> c, StateValue.Struct s, String path) {
    RecordComponent[] components = c.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      StateValue v = s.fields().get(name);
      if (v == null) {
        throw new StateException(path + "." + name + ": missing");
      }
      types[i] = components[i].getType();
      values[i] = object(components[i].getGenericType(), v, path + "." + name);
    }
    return make(c, types, values, path);
  }

  private static Object make(Class<?> c, Class<?>[] types, Object[] values, String path) {
    try {
      Constructor<?> canonical = c.getDeclaredConstructor(types);
      return canonical.newInstance(values);
    } catch (InvocationTargetException refused) {
      throw new StateException(path + ": " + refused.getCause().getMessage());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(c.getName() + ": not a configuration record", e);
    }
  }

  /**
   * A configuration field by field, for telling two apart: long bytes as their hash, and without names and places of files, which a guest
   * does not see.
   */
  static SequencedMap<String, String> fields(Object config) {
    SequencedMap<String, String> out = new LinkedHashMap<>();
    flatten("", apart(config), out);
    return out;
  }

  private static void flatten(String path, StateValue value, SequencedMap<String, String> out) {
    switch (value) {
      case StateValue.Struct s -> s.fields().forEach((name, v) -> {
        if (!name.equals("name") && !name.equals("file")) {
          flatten(path.isEmpty() ? name : path + "." + name, v, out);
        }
      });
      case StateValue.Items l -> {
        out.put(path, Integer.toString(l.values().size()));
        for (int i = 0; i < l.values().size(); i++) {
          flatten(path + "[" + i + "]", l.values().get(i), out);
        }
      }
      case StateValue.Bytes b -> out.put(path, String.format("%d bytes #%016x", b.value().length, Hash.of(b.value())));
      case StateValue.Flag f -> out.put(path, Boolean.toString(f.value()));
      case StateValue.Number n -> out.put(path, Integer.toString(n.value()));
      case StateValue.Word w -> out.put(path, Long.toString(w.value()));
      case StateValue.Text t -> out.put(path, t.value());
    }
  }

  /** What differs between two such lists, the first in words; null if nothing does. */
  static String difference(SequencedMap<String, String> there, SequencedMap<String, String> here) {
    var names = new LinkedHashSet<>(there.keySet());
    names.addAll(here.keySet());
    for (String n : names) {
      String a = there.getOrDefault(n, "(none)");
      String b = here.getOrDefault(n, "(none)");
      if (!a.equals(b)) {
        return n + " was " + a + ", is " + b;
      }
    }
    return null;
  }
}
