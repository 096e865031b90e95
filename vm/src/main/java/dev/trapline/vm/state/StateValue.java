package dev.trapline.vm.state;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SequencedMap;

/** A state record taken apart: what the saved forms, hashes and diffs are made from. */
public sealed interface StateValue {
  /** Yes or no. */
  record Flag(boolean value) implements StateValue {}

  /** A {@code byte}, {@code short} or {@code int}. */
  record Number(int value) implements StateValue {}

  /** A {@code long}; hexadecimal in text. */
  record Word(long value) implements StateValue {}

  /** A string or the name of an enum constant. */
  record Text(String value) implements StateValue {}

  /** A byte array; it is not to be changed. */
  record Bytes(byte[] value) implements StateValue {
    /** Two hexadecimal digits a byte. */
    String hex() {
      return HexFormat.of().formatHex(value);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Bytes b && Arrays.equals(value, b.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
      return "Bytes[" + hex() + "]";
    }
  }

  /** An array or list. */
  record Items(List<StateValue> values) implements StateValue {}

  /** A record: fields in order of declaration. */
  record Struct(int version, SequencedMap<String, StateValue> fields) implements StateValue {}
}
