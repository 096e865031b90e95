package dev.trapline.vm.device.pci;

import dev.trapline.vm.bus.MessageSink;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;

/**
 * Interrupt messages by MSI-X (PCI 3.0, 6.8.2): a page with the table of vectors at 0 and the pending bits at {@link #PENDING}. The
 * function that owns it declares the capability and the base address register, and tells of its control bits.
 */
public final class Msix implements MmioDevice {
  /** Bytes of the page. */
  public static final int SIZE = 4096;
  /** Where the pending bits are. */
  public static final int PENDING = 0x800;
  /** Bits of the message control register. */
  public static final int ENABLE = 0x8000;
  public static final int MASK_ALL = 0x4000;
  private static final int ENTRY = 16;
  private static final int DATA = 8;
  private static final int CONTROL = 12;
  private static final int MASKED = 1;
  private static final int MOST = 64;

  /**
   * The table and a pending bit for each vector.
   *
   * @param control message control, as last told
   */
  public record State(byte[] table, long pending, int control) implements StateRecord {}

  private final int vectors;
  private final MessageSink sink;
  private final byte[] table;
  private long pending;
  private int control;

  /**
   * @param vectors 1 to 64
   * @param sink takes the messages
   */
  public Msix(int vectors, MessageSink sink) {
    if (vectors < 1 || vectors > MOST) {
      throw new IllegalArgumentException(vectors + " vectors: 1 to 64 expected");
    }
    this.vectors = vectors;
    this.sink = sink;
    this.table = new byte[ENTRY * vectors];
    reset();
  }

  /** Power-on: every vector is masked. */
  public void reset() {
    java.util.Arrays.fill(table, (byte) 0);
    for (int v = 0; v < vectors; v++) {
      table[ENTRY * v + CONTROL] = MASKED;
    }
    pending = 0;
    control = 0;
  }

  public int vectors() {
    return vectors;
  }

  /** Whether messages take the place of the interrupt pin. */
  public boolean isEnabled() {
    return (control & ENABLE) != 0;
  }

  /** The message control register was written: what waits may go. */
  public void control(int value) {
    control = value & (ENABLE | MASK_ALL);
    sendPending();
  }

  /** Sends a vector's message, or remembers to while it is masked; one that does not exist is nobody's. */
  public void raise(int vector) {
    if (isEnabled() && vector >= 0 && vector < vectors) {
      pending |= 1L << vector;
      sendPending();
    }
  }

  private void sendPending() {
    if ((control & (ENABLE | MASK_ALL)) != ENABLE) {
      return;
    }
    for (int v = 0; v < vectors; v++) {
      if ((pending >> v & 1) != 0 && (table[ENTRY * v + CONTROL] & MASKED) == 0) {
        pending &= ~(1L << v);
        sink.message(get(ENTRY * v, 8) & ~3L, (int) get(ENTRY * v + DATA, 4));
      }
    }
  }

  private long get(int at, int bytes) {
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= at + i < table.length ? (table[at + i] & 0xffL) << 8 * i : 0;
    }
    return v;
  }

  @Override
  public long load(long offset, int bytes) {
    int shift = 8 * ((int) offset - PENDING);
    long bits = offset < PENDING ? get((int) offset, bytes) : shift < Long.SIZE ? pending >>> shift : 0;
    return bytes == 8 ? bits : bits & (1L << 8 * bytes) - 1;
  }

  /** The pending bits and the reserved ones of vector control cannot be written. */
  @Override
  public void store(long offset, int bytes, long value) {
    for (int i = 0; i < bytes && offset + i < table.length; i++) {
      int at = (int) offset + i;
      int mask = at % ENTRY < CONTROL ? 0xff : at % ENTRY == CONTROL ? MASKED : 0;
      table[at] = (byte) (value >>> 8 * i & mask);
    }
    sendPending();
  }

  public State state() {
    return new State(table.clone(), pending, control);
  }

  /** @throws StateException if it has another number of vectors */
  public void state(State s) {
    if (s.table.length != table.length) {
      throw new StateException("msix: " + s.table.length / ENTRY + " vectors saved, this function has " + vectors);
    }
    System.arraycopy(s.table, 0, table, 0, table.length);
    pending = s.pending;
    control = s.control;
  }
}
