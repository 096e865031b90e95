package dev.trapline.shell.script;

import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import java.util.List;

/**
 * Memory: {@code mem[0x1000]}, {@code mem[0x1000..0x100f]}, {@code mem.u32('p:0x1000')}, {@code mem.write('p:0x1000', [1, 2])}. A number is
 * a virtual address; text may be {@code v: l: p:} and any expression.
 */
public final class Memory {
  private final Session session;

  Memory(Session session) {
    this.session = session;
  }

  Address address(Object where) {
    return switch (where) {
      case Address a -> a;
      case Number n -> new Address.Virtual(Address.Virtual.NO_SELECTOR, n.longValue());
      default -> Address.parse(where.toString(), session.names());
    };
  }

  /** A byte. */
  public long getAt(Object where) {
    return value(where, 1);
  }

  /** Some bytes. */
  public List<Integer> getAt(groovy.lang.IntRange range) {
    return session.inspect().memory(address(range.getFrom()), range.size()).cells();
  }

  /** A byte. */
  public long u8(Object where) {
    return value(where, 1);
  }

  /** Two bytes, the lowest first; likewise the next. */
  public long u16(Object where) {
    return value(where, 2);
  }

  /** Four bytes. */
  public long u32(Object where) {
    return value(where, 4);
  }

  /** Eight bytes. */
  public long u64(Object where) {
    return value(where, 8);
  }

  /** Bytes from an address on; -1 for what cannot be read. */
  public List<Integer> bytes(Object where, int count) {
    return session.inspect().memory(address(where), count).cells();
  }

  /** A zero-terminated string of at most 4096 bytes. */
  public String text(Object where) {
    var out = new StringBuilder();
    for (int c : bytes(where, 4096)) {
      if (c <= 0) {
        break;
      }
      out.append((char) c);
    }
    return out.toString();
  }

  /** Writes bytes. */
  public void write(Object where, List<? extends Number> bytes) {
    byte[] b = new byte[bytes.size()];
    for (int i = 0; i < b.length; i++) {
      b[i] = bytes.get(i).byteValue();
    }
    session.write(address(where), b);
  }

  private long value(Object where, int bytes) {
    Address a = address(where);
    Long v = session.inspect().memory(a, bytes).value(0, bytes);
    if (v == null) {
      throw new BadInput("nothing can be read at " + a);
    }
    return v;
  }
}
