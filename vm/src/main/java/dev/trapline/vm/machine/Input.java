package dev.trapline.vm.machine;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Something that comes into a machine from outside. With the configuration and the places of all inputs a run is decided.
 *
 * @param kind what it is
 * @param target the console, network card, balloon or component it goes to; empty where there is only one place
 * @param value a key's scan code, a number of pages or a physical address, else 0
 * @param data bytes typed, received, written or put in place
 */
public record Input(Kind kind, String target, long value, byte[] data) {
  /** Kinds of inputs. */
  public enum Kind {
    /** Bytes typed on a console; on the screen's keyboard the characters of a US keyboard. */
    TYPE,
    /** A key of the screen's keyboard, pressed and released, by its code: see {@link HostConsole#key}. */
    KEY,
    /** A frame for a network card. */
    FRAME,
    /** The power button. */
    POWER,
    /** How many pages a balloon is wanted to have. */
    BALLOON,
    /** Bytes put into memory by a debugger. */
    MEMORY,
    /** The state of a component, changed by a debugger: its binary form. */
    STATE,
    /** No input: the recording ended here, with this hash of the whole machine in eight bytes. */
    END
  }

  private static final byte[] NOTHING = {};

  /** Bytes typed on a console, {@code uart0}. */
  public static Input type(String console, byte... bytes) {
    return new Input(Kind.TYPE, console, 0, bytes);
  }

  static Input key(int code) {
    return new Input(Kind.KEY, HostConsole.SCREEN, code, NOTHING);
  }

  /** A frame for a card, {@code virtio-net0}. */
  public static Input frame(String card, byte[] frame) {
    return new Input(Kind.FRAME, card, 0, frame);
  }

  /** A wish for pages of 4 KiB of the machine's balloon. */
  public static Input balloon(int pages) {
    return new Input(Kind.BALLOON, VirtioBoard.BALLOON, pages, NOTHING);
  }

  static Input power() {
    return new Input(Kind.POWER, "", 0, NOTHING);
  }

  static Input memory(long address, byte[] bytes) {
    return new Input(Kind.MEMORY, "", address, bytes);
  }

  static Input state(String component, byte[] binary) {
    return new Input(Kind.STATE, component, 0, binary);
  }

  static Input end(long hash) {
    return new Input(Kind.END, "", 0, ByteBuffer.allocate(Long.BYTES).putLong(hash).array());
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Input i && kind == i.kind && target.equals(i.target) && value == i.value && Arrays.equals(data, i.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * kind.hashCode() + target.hashCode()) + Arrays.hashCode(data);
  }
}
