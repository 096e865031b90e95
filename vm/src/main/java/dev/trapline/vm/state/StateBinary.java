package dev.trapline.vm.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The canonical binary form: equal states give equal bytes. Big-endian; each value is a tag byte and its content, a record its
 * version, field count and named fields. It describes itself, so a mismatch can be named on loading.
 */
public final class StateBinary {
  private static final int FALSE = 0;
  private static final int TRUE = 1;
  private static final int NUMBER = 2;
  private static final int WORD = 3;
  private static final int TEXT = 4;
  private static final int BYTES = 5;
  private static final int ITEMS = 6;
  private static final int STRUCT = 7;
  /** No machine nests its records deeper; a damaged state must not exhaust the stack. */
  private static final int DEEPEST = 32;

  private StateBinary() {}

  /** The bytes of a value. */
  public static byte[] write(StateValue value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(value, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Writes the bytes of a value to a stream. */
  public static void write(StateValue value, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    write(value, data);
    data.flush();
  }

  private static void write(StateValue value, DataOutputStream out) throws IOException {
    switch (value) {
      case StateValue.Flag f -> out.writeByte(f.value() ? TRUE : FALSE);
      case StateValue.Number n -> {
        out.writeByte(NUMBER);
        out.writeInt(n.value());
      }
      case StateValue.Word w -> {
        out.writeByte(WORD);
        out.writeLong(w.value());
      }
      case StateValue.Text t -> {
        out.writeByte(TEXT);
        out.writeUTF(t.value());
      }
      case StateValue.Bytes b -> writeBytes(b, out);
      case StateValue.Items l -> {
        out.writeByte(ITEMS);
        out.writeInt(l.values().size());
        for (StateValue v : l.values()) {
          write(v, out);
        }
      }
      case StateValue.Struct s -> writeStruct(s, out);
    }
  }

  private static void writeBytes(StateValue.Bytes b, DataOutputStream out) throws IOException {
    out.writeByte(BYTES);
    out.writeInt(b.value().length);
    out.write(b.value());
  }

  private static void writeStruct(StateValue.Struct s, DataOutputStream out) throws IOException {
    out.writeByte(STRUCT);
    out.writeShort(s.version());
    out.writeShort(s.fields().size());
    for (var e : s.fields().entrySet()) {
      out.writeUTF(e.getKey());
      write(e.getValue(), out);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws StateException if the bytes are cut short or no such form
   */
  public static StateValue read(byte[] bytes) {
    ByteArrayInputStream source = new ByteArrayInputStream(bytes);
    try {
      StateValue value = read(new DataInputStream(source), 0);
      if (source.available() > 0) {
        throw new StateException(source.available() + " bytes follow the end of the state");
      }
      return value;
    } catch (UTFDataFormatException e) {
      throw new StateException("a text in a state is not in UTF-8");
    } catch (IOException e) {
      throw new StateException("the state ends after " + bytes.length + " bytes, inside a value");
    }
  }

  private static StateValue read(DataInputStream in, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new StateException("records more than " + DEEPEST + " deep in a state");
    }
    int tag = in.readUnsignedByte();
    return switch (tag) {
      case FALSE -> new StateValue.Flag(false);
      case TRUE -> new StateValue.Flag(true);
      case NUMBER -> new StateValue.Number(in.readInt());
      case WORD -> new StateValue.Word(in.readLong());
      case TEXT -> new StateValue.Text(in.readUTF());
      case BYTES -> new StateValue.Bytes(in.readNBytes(length(in)));
      case ITEMS -> readItems(in, depth + 1);
      case STRUCT -> readStruct(in, depth + 1);
      default -> throw new StateException("unknown tag " + tag + " in a state");
    };
  }

  /** A length that the bytes at hand can hold: a corrupt one must not exhaust the heap. */
  private static int length(DataInputStream in) throws IOException {
    int n = in.readInt();
    if (n < 0 || n > in.available()) {
      throw new StateException("a length of " + n + " where " + in.available() + " bytes are left");
    }
    return n;
  }

  private static StateValue readItems(DataInputStream in, int depth) throws IOException {
    int n = length(in);
    List<StateValue> values = new ArrayList<>(Math.min(n, 1024));
    for (int i = 0; i < n; i++) {
      values.add(read(in, depth));
    }
    return new StateValue.Items(List.copyOf(values));
  }

  private static StateValue readStruct(DataInputStream in, int depth) throws IOException {
    int version = in.readUnsignedShort();
    int n = in.readUnsignedShort();
    SequencedMap<String, StateValue> fields = new LinkedHashMap<>();
    for (int i = 0; i < n; i++) {
      String name = in.readUTF();
      if (fields.put(name, read(in, depth)) != null) {
        throw new StateException("field " + name + " twice in a state");
      }
    }
    return new StateValue.Struct(version, fields);
  }
}
