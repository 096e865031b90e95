package dev.trapline.vm.debug;

import java.util.OptionalLong;

/**
 * An address with its space, in the one grammar of the shell: {@code [v:|l:|p:|h:]address}, where a virtual address may be
 * {@code segment:offset} with a selector, a segment register or an expression on either side, or {@code FILE:LINE} of the source.
 */
public sealed interface Address {
  /**
   * A logical address. Without a selector it is linear as the current address space shows it.
   *
   * @param selector 0 to 0xffff, or {@link #NO_SELECTOR}
   */
  record Virtual(int selector, long offset) implements Address {
    public static final int NO_SELECTOR = -1;

    @Override
    public String toString() {
      return selector == NO_SELECTOR ? hex(offset) : "%04x:%s".formatted(selector, hex(offset));
    }
  }

  /** A linear address: after segmentation, before paging. */
  record Linear(long address) implements Address {
    @Override
    public String toString() {
      return "l:" + hex(address);
    }
  }

  /** A physical address. */
  record Physical(long address) implements Address {
    @Override
    public String toString() {
      return "p:" + hex(address);
    }
  }

  /** An address of the memory a monitor gives its guests pages of. */
  record Host(long address) implements Address {
    @Override
    public String toString() {
      return "h:" + hex(address);
    }
  }

  /** The number alone, whatever space it is in. */
  default long number() {
    return switch (this) {
      case Virtual v -> v.offset;
      case Linear l -> l.address;
      case Physical p -> p.address;
      case Host h -> h.address;
    };
  }

  /** Whether it is behind all paging of the guest's. */
  default boolean unpaged() {
    return this instanceof Physical || this instanceof Host;
  }

  /** The address moved on by some bytes, in the same space. */
  default Address plus(long bytes) {
    return switch (this) {
      case Virtual v -> new Virtual(v.selector, v.offset + bytes);
      case Linear l -> new Linear(l.address + bytes);
      case Physical p -> new Physical(p.address + bytes);
      case Host h -> new Host(h.address + bytes);
    };
  }

  private static String hex(long v) {
    return "0x" + Long.toHexString(v);
  }

  /** Reads the grammar above; {@link BadInput} says what is wrong. */
  static Address parse(String text, Names names) {
    return parse(text, 'v', names);
  }

  /**
   * Reads the grammar above.
   *
   * @param space {@code v}, {@code l} or {@code p}: the space of an address that names none
   */
  static Address parse(String text, char space, Names names) {
    String t = text.trim();
    char chosen = space;
    if (t.length() > 1 && t.charAt(1) == ':' && "vlph".indexOf(t.charAt(0)) >= 0) {
      chosen = t.charAt(0);
      t = t.substring(2);
    } else if (t.matches("g\\d+(\\.cpu\\d+)?:.*")) {
      throw new BadInput("no guest '" + t.substring(0, t.indexOf(':')) + "': this is a bare machine");
    }
    return switch (chosen) {
      case 'l' -> new Linear(Expr.evaluate(t, names));
      case 'p' -> new Physical(Expr.evaluate(t, names));
      case 'h' -> new Host(Expr.evaluate(t, names));
      default -> virtual(t, names);
    };
  }

  private static Address virtual(String t, Names names) {
    int colon = t.indexOf(':');
    if (colon < 0) {
      return new Virtual(Virtual.NO_SELECTOR, Expr.evaluate(t, names));
    }
    String line = t.substring(colon + 1);
    if (line.matches("[0-9]{1,7}") && names.knowsFile(t.substring(0, colon))) {
      return new Virtual(Virtual.NO_SELECTOR, names.lineAddress(t.substring(0, colon), Integer.parseInt(line)));
    }
    long selector = half(t.substring(0, colon), names);
    if (selector < 0 || selector > 0xffff) {
      throw new BadInput("segment '" + t.substring(0, colon) + "' is not a selector: 0 to 0xffff or a segment register");
    }
    return new Virtual((int) selector, half(t.substring(colon + 1), names));
  }

  /** Both halves of seg:off are hexadecimal without prefix when they cannot be anything else, as in 07c0:001a. */
  private static long half(String t, Names names) {
    OptionalLong hex = t.matches("[0-9a-fA-F]{4,8}") && !names.value(t).isPresent()
        ? Numbers.parse(t, 16) : OptionalLong.empty();
    return hex.isPresent() ? hex.getAsLong() : Expr.evaluate(t, names);
  }
}
