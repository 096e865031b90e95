package dev.trapline.vm.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * States as JSON: numbers as numbers, 64-bit words as {@code "0x..."} strings (JSON readers lose bits beyond 53), byte arrays as
 * {@code "hex:..."}, text as {@code "text"} with a leading {@code =} where it could be mistaken, records as objects whose first
 * member is {@code "$version"}.
 */
public final class StateJson {
  private static final String VERSION = "$version";

  private StateJson() {}

  /** One line of JSON. */
  public static String write(StateValue value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(StateValue value, StringBuilder out) {
    switch (value) {
      case StateValue.Flag f -> out.append(f.value());
      case StateValue.Number n -> out.append(n.value());
      case StateValue.Word w -> out.append("\"0x").append(Long.toHexString(w.value())).append('"');
      case StateValue.Text t -> quote(ambiguous(t.value()) ? "=" + t.value() : t.value(), out);
      case StateValue.Bytes b -> out.append("\"hex:").append(b.hex()).append('"');
      case StateValue.Items l -> {
        out.append('[');
        String comma = "";
        for (StateValue v : l.values()) {
          out.append(comma);
          write(v, out);
          comma = ",";
        }
        out.append(']');
      }
      case StateValue.Struct s -> {
        out.append("{\"").append(VERSION).append("\":").append(s.version());
        s.fields().forEach((k, v) -> {
          out.append(',');
          quote(k, out);
          out.append(':');
          write(v, out);
        });
        out.append('}');
      }
    }
  }

  private static boolean ambiguous(String s) {
    return s.startsWith("0x") || s.startsWith("hex:") || s.startsWith("=");
  }

  private static void quote(String s, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /**
   * Reads what {@link #write} wrote; white space between tokens is allowed.
   *
   * @throws StateException with the position if it is not such JSON
   */
  public static StateValue read(String json) {
    Reader r = new Reader(json);
    StateValue v = r.value();
    r.blank();
    if (r.at < json.length()) {
      throw r.error("end of text");
    }
    return v;
  }

  /** A recursive-descent reader over the text. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    StateException error(String expected) {
      String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
      return new StateException("state JSON, position " + at + ": " + expected + " expected, found " + found);
    }

    void blank() {
      while (at < text.length() && text.charAt(at) <= ' ') {
        at++;
      }
    }

    private boolean take(String token) {
      blank();
      if (text.startsWith(token, at)) {
        at += token.length();
        return true;
      }
      return false;
    }

    private void require(String token) {
      if (!take(token)) {
        throw error(token);
      }
    }

    StateValue value() {
      if (take("true")) {
        return new StateValue.Flag(true);
      }
      if (take("false")) {
        return new StateValue.Flag(false);
      }
      if (take("[")) {
        return items();
      }
      if (take("{")) {
        return struct();
      }
      return at < text.length() && text.charAt(at) == '"' ? tagged(string()) : new StateValue.Number(number());
    }

    private StateValue tagged(String s) {
      try {
        if (s.startsWith("0x")) {
          return new StateValue.Word(Long.parseUnsignedLong(s.substring(2), 16));
        }
        if (s.startsWith("hex:")) {
          return new StateValue.Bytes(java.util.HexFormat.of().parseHex(s.substring(4)));
        }
      } catch (IllegalArgumentException e) {
        throw error("hexadecimal digits in the string before");
      }
      return new StateValue.Text(s.startsWith("=") ? s.substring(1) : s);
    }

    private int number() {
      blank();
      int start = at;
      while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '-')) {
        at++;
      }
      try {
        return Integer.parseInt(text, start, at, 10);
      } catch (NumberFormatException e) {
        at = start;
        throw error("a value");
      }
    }

    private StateValue items() {
      List<StateValue> out = new ArrayList<>();
      if (!take("]")) {
        do {
          out.add(value());
        } while (take(","));
        require("]");
      }
      return new StateValue.Items(List.copyOf(out));
    }

    private StateValue struct() {
      require("\"" + VERSION + "\"");
      require(":");
      int version = number();
      SequencedMap<String, StateValue> fields = new LinkedHashMap<>();
      while (take(",")) {
        blank();
        String name = string();
        require(":");
        fields.put(name, value());
      }
      require("}");
      return new StateValue.Struct(version, fields);
    }

    private String string() {
      require("\"");
      StringBuilder out = new StringBuilder();
      while (at < text.length() && text.charAt(at) != '"') {
        out.append(character());
      }
      require("\"");
      return out.toString();
    }

    private char character() {
      char c = text.charAt(at++);
      if (c != '\\') {
        return c;
      }
      if (text.startsWith("u", at) && at + 5 <= text.length()) {
        int code = Integer.parseInt(text, at + 1, at + 5, 16);
        at += 5;
        return (char) code;
      }
      if (at < text.length()) {
        return text.charAt(at++);
      }
      throw error("a character after \\");
    }
  }
}
