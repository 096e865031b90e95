package dev.trapline.vm.state;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Takes state records apart into {@link StateValue}s and puts them together again; one form per record class, cached. */
public final class StateForm {
  private record Field(String name, Type type, MethodHandle accessor, Limits limits) {}

  private static final ClassValue<StateForm> FORMS = new ClassValue<>() {
    @Override
    protected StateForm computeValue(Class<?> type) {
      return new StateForm(type);
    }
  };

  private final Class<?> type;
  private final List<Field> fields = new ArrayList<>();
  private final MethodHandle constructor;

  private StateForm(Class<?> type) {
    if (!type.isRecord() || !StateRecord.class.isAssignableFrom(type)) {
      throw new IllegalArgumentException(type.getName() + ": not a state record");
    }
    this.type = type;
    try {
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        RecordComponent c = components[i];
        fields.add(new Field(c.getName(), c.getGenericType(), lookup.unreflect(c.getAccessor()), Limits.of(c)));
      }
      constructor = lookup.unreflectConstructor(type.getDeclaredConstructor(types));
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type.getName() + ": not readable as a state record", e);
    }
  }

  /** The record as a tree of values. */
  public static StateValue.Struct apart(StateRecord state) {
    return FORMS.get(state.getClass()).takeApart(state);
  }

  /**
   * A record from a tree of values.
   *
   * @param path what the tree is the state of, for messages
   * @throws StateException if a field is missing, unknown, of another type or outside its limits, or the version is another one
   */
  public static <S extends StateRecord> S together(Class<S> type, StateValue value, String path) {
    return type.cast(FORMS.get(type).putTogether(value, path));
  }

  private StateValue.Struct takeApart(StateRecord state) {
    SequencedMap<String, StateValue> values = new LinkedHashMap<>();
    for (Field f : fields) {
      values.put(f.name, value(get(f, state), type.getSimpleName() + "." + f.name));
    }
    return new StateValue.Struct(state.version(), values);
  }

  private static Object get(Field f, StateRecord state) {
    try {
      return f.accessor.invoke(state);
    } catch (Throwable e) {
      throw new IllegalStateException(state.getClass().getName() + "." + f.name + ": not readable", e);
    }
  }

  private static StateValue value(Object o, String path) {
    return switch (o) {
      case Boolean b -> new StateValue.Flag(b);
      case Long l -> new StateValue.Word(l);
      case Number n when n instanceof Integer || n instanceof Short || n instanceof Byte -> new StateValue.Number(n.intValue());
      case String s -> new StateValue.Text(s);
      case Enum<?> e -> new StateValue.Text(e.name());
      case byte[] b -> new StateValue.Bytes(b);
      case int[] a -> items(java.util.Arrays.stream(a).boxed().toList(), path);
      case long[] a -> items(java.util.Arrays.stream(a).boxed().toList(), path);
      case boolean[] a -> items(boxed(a), path);
      case StateRecord r -> apart(r);
      case List<?> l -> items(l, path);
      case null, default -> throw new IllegalArgumentException(path + ": not a kind of state: " + o);
    };
  }

  private static List<Boolean> boxed(boolean[] a) {
    List<Boolean> out = new ArrayList<>();
    for (boolean b : a) {
      out.add(b);
    }
    return out;
  }

  private static StateValue items(List<?> list, String path) {
    return new StateValue.Items(list.stream().map(o -> value(o, path)).toList());
  }

  private Object putTogether(StateValue value, String path) {
    if (!(value instanceof StateValue.Struct s)) {
      throw new StateException(path + ": a record expected, found " + kind(value));
    }
    List<Object> arguments = new ArrayList<>();
    for (Field f : fields) {
      StateValue v = s.fields().get(f.name);
      if (v == null) {
        throw new StateException(path + "." + f.name + ": missing");
      }
      f.limits.check(v, path + "." + f.name);
      arguments.add(object(f.type, v, path + "." + f.name));
    }
    for (String name : s.fields().keySet()) {
      if (fields.stream().noneMatch(f -> f.name.equals(name))) {
        throw new StateException(path + "." + name + ": no such field");
      }
    }
    return construct(arguments, s.version(), path);
  }

  private Object construct(List<Object> arguments, int version, String path) {
    StateRecord made;
    try {
      made = (StateRecord) constructor.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new StateException(path + ": refused: " + e.getMessage());
    }
    if (made.version() != version) {
      throw new StateException(path + ": version " + version + " saved, version " + made.version() + " expected");
    }
    return made;
  }

  private static Object object(Type type, StateValue value, String path) {
    if (type instanceof ParameterizedType list) {
      Type element = list.getActualTypeArguments()[0];
      return expect(StateValue.Items.class, value, path).values().stream().map(v -> object(element, v, path)).toList();
    }
    Class<?> c = (Class<?>) type;
    if (c.isArray()) {
      return array(c, value, path);
    }
    if (StateRecord.class.isAssignableFrom(c)) {
      return FORMS.get(c).putTogether(value, path);
    }
    return scalar(c, value, path);
  }

  private static Object scalar(Class<?> c, StateValue value, String path) {
    if (c == boolean.class) {
      return expect(StateValue.Flag.class, value, path).value();
    }
    if (c == long.class) {
      return expect(StateValue.Word.class, value, path).value();
    }
    if (c == String.class) {
      return expect(StateValue.Text.class, value, path).value();
    }
    if (c.isEnum()) {
      return constant(c, expect(StateValue.Text.class, value, path).value(), path);
    }
    int n = expect(StateValue.Number.class, value, path).value();
    if (c == byte.class && n == (byte) n) {
      return (byte) n;
    }
    if (c == short.class && n == (short) n) {
      return (short) n;
    }
    if (c != int.class) {
      throw new StateException(path + ": " + n + " does not fit a " + c.getSimpleName());
    }
    return n;
  }

  private static Object constant(Class<?> c, String name, String path) {
    for (Object e : c.getEnumConstants()) {
      if (((Enum<?>) e).name().equals(name)) {
        return e;
      }
    }
    throw new StateException(path + ": no " + c.getSimpleName() + " named " + name);
  }

  private static Object array(Class<?> c, StateValue value, String path) {
    if (c == byte[].class) {
      return expect(StateValue.Bytes.class, value, path).value().clone();
    }
    List<StateValue> values = expect(StateValue.Items.class, value, path).values();
    if (c == long[].class) {
      return values.stream().mapToLong(v -> expect(StateValue.Word.class, v, path).value()).toArray();
    }
    if (c == int[].class) {
      return values.stream().mapToInt(v -> expect(StateValue.Number.class, v, path).value()).toArray();
    }
    boolean[] out = new boolean[values.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = expect(StateValue.Flag.class, values.get(i), path).value();
    }
    return out;
  }

  private static <V extends StateValue> V expect(Class<V> kind, StateValue value, String path) {
    if (!kind.isInstance(value)) {
      throw new StateException(path + ": " + kind.getSimpleName().toLowerCase(java.util.Locale.ROOT) + " expected, found " + kind(value));
    }
    return kind.cast(value);
  }

  private static String kind(StateValue value) {
    return value.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }
}
