package dev.trapline.vm.machine.tables;

/** Encodings of the ACPI machine language (ACPI 6.4, chapter 20) and of resource descriptors (6.4). Terms are byte arrays. */
final class Aml {
  static final byte[] ARG0 = {0x68};
  /** Flag of a method that only one thread may be in. */
  static final int SERIALIZED = 8;
  private static final int EXTENDED = 0x5b;
  private static final int END_TAG = 0x79;
  /** Region space of PCI configuration registers. */
  static final int PCI_CONFIG = 2;

  private Aml() {}

  static byte[] join(byte[]... parts) {
    return new Bytes().add(parts).toArray();
  }

  /** The length of a package with its own encoding counted: 20.2.4. */
  private static byte[] lengthOf(int content) {
    int bytes = 1;
    while (content + bytes >= (bytes == 1 ? 0x40 : 1 << 4 + 8 * (bytes - 1))) {
      bytes++;
    }
    return number(content + bytes, bytes);
  }

  private static byte[] number(int n, int bytes) {
    if (bytes == 1) {
      return new byte[] {(byte) n};
    }
    Bytes b = new Bytes().u8(bytes - 1 << 6 | n & 0xf);
    for (int i = 1; i < bytes; i++) {
      b.u8(n >> 4 + 8 * (i - 1));
    }
    return b.toArray();
  }

  private static byte[] packed(int[] opcode, byte[]... parts) {
    byte[] content = join(parts);
    return new Bytes().u8(opcode).add(lengthOf(content.length), content).toArray();
  }

  /** A name: segments of up to four characters between dots, a backslash first for the root. */
  static byte[] path(String name) {
    Bytes b = new Bytes();
    if (name.startsWith("\\")) {
      b.text("\\");
    }
    String[] segments = name.substring(name.startsWith("\\") ? 1 : 0).split("\\.");
    if (segments.length == 2) {
      b.u8(0x2e);
    } else if (segments.length > 2) {
      b.u8(0x2f, segments.length);
    }
    for (String s : segments) {
      b.text(s, 4, '_');
    }
    return b.toArray();
  }

  static byte[] integer(long v) {
    if (v == 0 || v == 1) {
      return new byte[] {(byte) v};
    }
    if (v >>> 8 == 0) {
      return new Bytes().u8(0x0a, (int) v).toArray();
    }
    if (v >>> 16 == 0) {
      return new Bytes().u8(0x0b).u16((int) v).toArray();
    }
    return v >>> 32 == 0 ? new Bytes().u8(0x0c).u32(v).toArray() : new Bytes().u8(0x0e).u64(v).toArray();
  }

  /** A compressed EISA identifier: {@code PNP0A03}. */
  static byte[] eisaId(String id) {
    int letters = (id.charAt(0) - '@') << 10 | (id.charAt(1) - '@') << 5 | id.charAt(2) - '@';
    int product = Integer.parseInt(id.substring(3), 16);
    return new Bytes().u8(0x0c, letters >> 8, letters, product >> 8, product).toArray();
  }

  // ---- objects

  static byte[] name(String name, byte[] value) {
    return join(new byte[] {8}, path(name), value);
  }

  static byte[] scope(String name, byte[]... terms) {
    return packed(new int[] {0x10}, path(name), join(terms));
  }

  static byte[] device(String name, byte[]... terms) {
    return packed(new int[] {EXTENDED, 0x82}, path(name), join(terms));
  }

  static byte[] processor(String name, int id) {
    return packed(new int[] {EXTENDED, 0x83}, path(name), new Bytes().u8(id).u32(0).u8(0).toArray());
  }

  /**
   * @param flags number of arguments, and {@link #SERIALIZED} for one that makes names
   */
  static byte[] method(String name, int flags, byte[]... terms) {
    return packed(new int[] {0x14}, path(name), new byte[] {(byte) flags}, join(terms));
  }

  static byte[] list(byte[]... elements) {
    return packed(new int[] {0x12}, new byte[] {(byte) elements.length}, join(elements));
  }

  static byte[] buffer(byte[] content) {
    return packed(new int[] {0x11}, integer(content.length), content);
  }

  static byte[] region(String name, int space, int offset, int length) {
    return join(new byte[] {EXTENDED, (byte) 0x80}, path(name), new byte[] {(byte) space}, integer(offset), integer(length));
  }

  /** Fields of eight bits each, one after the other, accessed by bytes. */
  static byte[] byteFields(String region, String... names) {
    Bytes b = new Bytes();
    for (String n : names) {
      b.add(path(n)).u8(8);
    }
    return packed(new int[] {EXTENDED, 0x81}, path(region), new byte[] {1}, b.toArray());
  }

  // ---- statements and expressions

  static byte[] store(byte[] value, byte[] target) {
    return join(new byte[] {0x70}, value, target);
  }

  static byte[] giveBack(byte[] value) {
    return join(new byte[] {(byte) 0xa4}, value);
  }

  static byte[] when(byte[] condition, byte[]... terms) {
    return packed(new int[] {0xa0}, condition, join(terms));
  }

  static byte[] less(byte[] a, byte[] b) {
    return join(new byte[] {(byte) 0x95}, a, b);
  }

  /** {@code a | b} to a target. */
  static byte[] or(byte[] a, byte[] b, byte[] target) {
    return join(new byte[] {0x7d}, a, b, target);
  }

  /** Names the 32-bit field at a byte offset of a buffer. */
  static byte[] wordField(byte[] buffer, int offset, String name) {
    return join(new byte[] {(byte) 0x8a}, buffer, integer(offset), path(name));
  }

  // ---- resources

  static byte[] resources(byte[]... descriptors) {
    return buffer(join(join(descriptors), new byte[] {END_TAG, 0}));
  }

  /** Ports with all 16 address bits decoded. */
  static byte[] ports(int first, int count) {
    return new Bytes().u8(0x47, 1).u16(first).u16(first).u8(1, count).toArray();
  }

  /** An edge-triggered ISA interrupt. */
  static byte[] irq(int n) {
    return new Bytes().u8(0x22).u16(1 << n).toArray();
  }

  /** Level-triggered, active-high, shared interrupts to choose from. */
  static byte[] interrupts(int... numbers) {
    Bytes b = new Bytes().u8(0x89).u16(2 + 4 * numbers.length).u8(9, numbers.length);
    for (int n : numbers) {
      b.u32(n);
    }
    return b.toArray();
  }

  static byte[] fixedMemory(long start, long length) {
    return new Bytes().u8(0x86).u16(9).u8(0).u32(start).u32(length).toArray();
  }

  static byte[] busNumbers(int first, int last) {
    return wordWindow(2, 0, first, last);
  }

  /** Ports that a bridge passes on. */
  static byte[] portWindow(int first, int last) {
    return wordWindow(1, 3, first, last);
  }

  private static byte[] wordWindow(int type, int flags, int first, int last) {
    return new Bytes().u8(0x88).u16(13).u8(type, 0x0c, flags).u16(0).u16(first).u16(last).u16(0).u16(last - first + 1).toArray();
  }

  /** Memory that a bridge passes on, read and write, not cacheable. */
  static byte[] memoryWindow(long first, long last) {
    return new Bytes().u8(0x87).u16(23).u8(0, 0x0c, 1).u32(0).u32(first).u32(last).u32(0).u32(last - first + 1).toArray();
  }
}
