package dev.trapline.vm.debug;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The types of a Linux kernel, as it carries them for BPF: a header, records of types numbered from 1, and strings
 * (Documentation/bpf/btf.rst). With them the places of fields need not be known for each kernel version.
 */
final class Btf implements Layout {
  private static final int MAGIC = 0xeb9f;
  private static final int MOST_BYTES = 64 << 20;
  private static final int INT = 1;
  private static final int PTR = 2;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int TYPEDEF = 8;
  private static final int RESTRICT = 11;
  private static final int FUNC_PROTO = 13;
  private static final int VAR = 14;
  private static final int DATASEC = 15;
  private static final int DECL_TAG = 17;
  private static final int TYPE_TAG = 18;
  private static final int ENUM64 = 19;

  /**
   * A member of a structure, those of nameless structures in it included.
   *
   * @param offset in bytes from the structure's beginning
   * @param bit lowest bit in those bytes of a bit field
   * @param bits width of a bit field, 0 for others
   */
  record Member(String name, int type, int offset, int bit, int bits) {}

  /** What kind of value a type has. */
  enum Kind { NUMBER, POINTER, TEXT, ENUM, STRUCT, OTHER }

  private final ByteBuffer data;
  private final int strings;
  private final List<Integer> types = new ArrayList<>(List.of(0));
  private final Map<String, Integer> structs = new HashMap<>();

  private Btf(ByteBuffer data, int types, int end, int strings) {
    this.data = data;
    this.strings = strings;
    for (int at = types; at < end; at += 12 + extra(at)) {
      this.types.add(at);
      int kind = tag(at);
      if (kind == STRUCT || kind == UNION) {
        structs.putIfAbsent(string(data.getInt(at)), this.types.size() - 1);
      }
    }
  }

  /** The types in some bytes; null if they are none. */
  static Btf of(byte[] bytes) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 24 || (b.getShort(0) & 0xffff) != MAGIC || b.get(2) != 1) {
      return null;
    }
    int header = b.getInt(4);
    long types = header + (b.getInt(8) & 0xffffffffL);
    long strings = header + (b.getInt(16) & 0xffffffffL);
    long end = types + (b.getInt(12) & 0xffffffffL);
    if (header < 24 || end > bytes.length || strings + (b.getInt(20) & 0xffffffffL) > bytes.length) {
      return null;
    }
    try {
      return new Btf(b, (int) types, (int) end, (int) strings);
    } catch (IndexOutOfBoundsException damaged) {
      return null;
    }
  }

  /** The types of the kernel that has these symbols; null if it has none, or they are not mapped now. */
  static Btf ofGuest(Spaces spaces, Symbols symbols) {
    long from = symbols.address("__start_BTF").orElse(0);
    long bytes = symbols.address("__stop_BTF").orElse(0) - from;
    if (from == 0 || bytes <= 0 || bytes > MOST_BYTES) {
      return null;
    }
    return of(spaces.read(new Address.Linear(from), (int) bytes, new boolean[(int) bytes]));
  }

  private int tag(int at) {
    return data.get(at + 7) & 31;
  }

  private int count(int at) {
    return data.getShort(at + 4) & 0xffff;
  }

  private int extra(int at) {
    int n = count(at);
    return switch (tag(at)) {
      case INT, VAR, DECL_TAG -> 4;
      case ARRAY -> 12;
      case STRUCT, UNION, DATASEC, ENUM64 -> 12 * n;
      case ENUM, FUNC_PROTO -> 8 * n;
      default -> 0;
    };
  }

  private String string(int offset) {
    int at = strings + offset;
    int end = at;
    while (data.get(end) != 0) {
      end++;
    }
    return new String(data.array(), at, end - at, StandardCharsets.ISO_8859_1);
  }

  /** Names of all structures and unions. */
  List<String> structNames() {
    return structs.keySet().stream().filter(n -> !n.isEmpty()).sorted().toList();
  }

  /** The number of a structure or union by its name; -1 if there is none. */
  int struct(String name) {
    return structs.getOrDefault(name, -1);
  }

  /** All members of a structure in order. */
  List<Member> members(int type) {
    var out = new ArrayList<Member>();
    members(type, 0, out);
    return out;
  }

  private void members(int type, int base, List<Member> out) {
    int at = types.get(type);
    boolean fields = data.get(at + 7) < 0;
    for (int i = 0; i < count(at); i++) {
      int m = at + 12 + 12 * i;
      int where = data.getInt(m + 8);
      int bits = fields ? where >>> 24 : 0;
      int offset = fields ? where & 0xffffff : where;
      String name = string(data.getInt(m));
      int plain = plain(data.getInt(m + 4));
      if (name.isEmpty() && kind(plain) == Kind.STRUCT) {
        members(plain, base + offset / 8, out);
      } else {
        out.add(new Member(name, plain, base + offset / 8, offset % 8, bits));
      }
    }
  }

  /** A member by its name; null if the structure has none. */
  Member member(int type, String name) {
    return members(type).stream().filter(m -> m.name().equals(name)).findFirst().orElse(null);
  }

  @Override
  public int offset(String struct, String path) {
    int type = struct(struct);
    int offset = 0;
    for (String name : path.split("\\.")) {
      Member m = type < 0 ? null : member(type, name);
      if (m == null) {
        return -1;
      }
      offset += m.offset();
      type = kind(m.type()) == Kind.STRUCT ? m.type() : -1;
    }
    return offset;
  }

  /** The type behind typedefs and qualifiers. */
  private int plain(int type) {
    int t = type;
    while (t > 0 && t < types.size()) {
      int k = tag(types.get(t));
      if (k != TYPE_TAG && (k < TYPEDEF || k > RESTRICT)) {
        return t;
      }
      t = data.getInt(types.get(t) + 8);
    }
    return 0;
  }

  /** What a member's type holds. */
  Kind kind(int type) {
    if (type == 0) {
      return Kind.OTHER;
    }
    int at = types.get(type);
    return switch (tag(at)) {
      case INT -> Kind.NUMBER;
      case PTR -> Kind.POINTER;
      case STRUCT, UNION -> Kind.STRUCT;
      case ENUM, ENUM64 -> Kind.ENUM;
      case ARRAY -> size(plain(data.getInt(at + 12))) == 1 ? Kind.TEXT : Kind.OTHER;
      default -> Kind.OTHER;
    };
  }

  private int kindOf(int type) {
    return tag(types.get(type));
  }

  /** Size in bytes; 0 for a pointer and what has none. */
  int size(int type) {
    if (type == 0) {
      return 0;
    }
    int at = types.get(type);
    return switch (kindOf(type)) {
      case INT, STRUCT, UNION, ENUM, ENUM64 -> data.getInt(at + 8);
      case ARRAY -> size(plain(data.getInt(at + 12))) * data.getInt(at + 20);
      default -> 0;
    };
  }

  /** The name of a type as C would write it, roughly. */
  String name(int type) {
    if (type == 0) {
      return "void";
    }
    int at = types.get(type);
    String name = string(data.getInt(at));
    return switch (kindOf(type)) {
      case PTR -> name(plain(data.getInt(at + 8))) + " *";
      case STRUCT -> "struct " + name;
      case UNION -> "union " + name;
      case ENUM, ENUM64 -> "enum " + name;
      case ARRAY -> name(plain(data.getInt(at + 12))) + "[" + data.getInt(at + 20) + "]";
      case FUNC_PROTO -> "function";
      default -> name.isEmpty() ? "?" : name;
    };
  }

  /** The name an enumeration has for a value, or null. */
  String constant(int type, long value) {
    int at = types.get(type);
    for (int i = 0; kindOf(type) == ENUM && i < count(at); i++) {
      if (data.getInt(at + 12 + 8 * i + 4) == (int) value) {
        return string(data.getInt(at + 12 + 8 * i));
      }
    }
    return null;
  }
}
