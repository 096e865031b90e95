package dev.trapline.vm.device;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The firmware configuration interface of QEMU (its specification {@code fw_cfg}): numbered items and named files that firmware and
 * guests read through a selector (510h), a data port (511h) or by DMA (514h). Items are fixed when the machine is built; writes are
 * refused.
 */
public final class FwCfg implements Stateful<FwCfg.State> {
  /** Item numbers. */
  public static final int RAM_SIZE = 3;
  public static final int PROCESSORS = 5;
  public static final int NO_GRAPHIC = 4;
  public static final int BOOT_MENU = 0x0e;
  public static final int MOST_PROCESSORS = 0x0f;
  public static final int UUID = 2;
  public static final int NUMA = 0x0d;
  private static final int SIGNATURE = 0;
  private static final int ID = 1;
  private static final int DIRECTORY = 0x19;
  private static final int FIRST_FILE = 0x20;

  private static final int SELECTOR_PORT = 0x510;
  private static final int DMA_PORT = 0x514;
  private static final int NAME = 56;
  /** The interface's features: the traditional ports, DMA. */
  private static final int FEATURES = 3;
  private static final byte[] DMA_SIGNATURE = "QEMU CFG".getBytes(StandardCharsets.US_ASCII);

  private static final int ERROR = 1;
  private static final int READ = 2;
  private static final int SKIP = 4;
  private static final int SELECT = 8;
  private static final int WRITE = 16;
  private static final int ACCESS_SIZE = 16;

  /**
   * @param selected the item selected
   * @param offset the next byte of it
   * @param dmaHigh the high half of the next DMA address
   */
  public record State(int selected, @Range(most = Integer.MAX_VALUE) int offset, int dmaHigh) implements StateRecord {}

  private final DmaPort memory;
  private final Map<Integer, byte[]> items = new TreeMap<>();
  private final SequencedMap<String, byte[]> files = new TreeMap<>();
  private int selected;
  private int offset;
  private int dmaHigh;

  /**
   * @param memory where DMA goes
   */
  public FwCfg(DmaPort memory) {
    this.memory = memory;
    item(SIGNATURE, "QEMU".getBytes(StandardCharsets.US_ASCII));
    number(ID, 4, FEATURES);
    directory();
  }

  /** Connects the ports. */
  public void connect(PortMap ports) {
    ports.add("fw-cfg", SELECTOR_PORT, 2, 2, new Ports());
    ports.add("fw-cfg.dma", DMA_PORT, 8, 4, new Dma());
  }

  /** Sets a numbered item. */
  public void item(int number, byte[] content) {
    items.put(number, content.clone());
  }

  /** Sets a numbered item that is a little-endian number. */
  public void number(int number, int bytes, long value) {
    byte[] b = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      b[i] = (byte) (value >>> 8 * i);
    }
    item(number, b);
  }

  /** Adds or replaces a file; names have at most 55 ASCII characters. Files are numbered in the order of their names. */
  public void file(String name, byte[] content) {
    if (name.length() >= NAME) {
      throw new IllegalArgumentException(name + ": a file name of at most 55 characters expected");
    }
    files.put(name, content.clone());
    directory();
  }

  /** Numbered items and files by name, for listings. */
  public SequencedMap<String, byte[]> files() {
    return new TreeMap<>(files);
  }

  private void directory() {
    ByteBuffer b = ByteBuffer.allocate(4 + files.size() * (8 + NAME));
    b.putInt(files.size());
    int number = FIRST_FILE;
    for (Map.Entry<String, byte[]> f : files.entrySet()) {
      items.put(number, f.getValue());
      int at = b.position();
      b.putInt(f.getValue().length).putShort((short) number++).putShort((short) 0).put(f.getKey().getBytes(StandardCharsets.US_ASCII));
      b.position(at + 8 + NAME);
    }
    items.put(DIRECTORY, b.array());
  }

  // ---- reading

  private void select(int item) {
    selected = item;
    offset = 0;
  }

  private int next() {
    byte[] content = items.get(selected);
    return content == null || offset >= content.length ? 0 : content[offset++] & 0xff;
  }

  private final class Ports implements PortDevice {
    /** The selector reads as nothing; data one byte at a time. */
    @Override
    public int in(int port, int bytes) {
      return port == 1 ? next() : 0;
    }

    @Override
    public void out(int port, int bytes, int value) {
      if (port == 0 && bytes == 2) {
        select(value);
      }
    }
  }

  // ---- DMA

  private final class Dma implements PortDevice {
    @Override
    public int in(int port, int bytes) {
      int v = 0;
      for (int i = 0; i < bytes; i++) {
        v |= DMA_SIGNATURE[port + i] << 8 * i;
      }
      return v;
    }

    /** The address is big-endian; its low half starts the transfer. */
    @Override
    public void out(int port, int bytes, int value) {
      if (bytes != 4) {
        return;
      }
      if (port == 0) {
        dmaHigh = Integer.reverseBytes(value);
      } else {
        transfer((long) dmaHigh << 32 | Integer.reverseBytes(value) & 0xffffffffL);
        dmaHigh = 0;
      }
    }
  }

  /** Serves the access structure at an address: control, length, address. */
  private void transfer(long at) {
    byte[] access = new byte[ACCESS_SIZE];
    memory.read(at, access, 0, ACCESS_SIZE);
    ByteBuffer b = ByteBuffer.wrap(access);
    int control = b.getInt(0);
    int length = b.getInt(4);
    long address = b.getLong(8);
    if ((control & SELECT) != 0) {
      select(control >>> 16);
    }
    boolean fails = length < 0 || (control & WRITE) != 0;
    if (!fails && (control & READ) != 0) {
      copy(address, length);
    } else if (!fails && (control & SKIP) != 0) {
      skip(length);
    }
    b.putInt(0, fails ? ERROR : 0);
    memory.write(at, access, 0, 4);
  }

  /** Past the end of an item there are zeros. */
  private void copy(long address, int length) {
    byte[] content = items.getOrDefault(selected, new byte[0]);
    byte[] chunk = new byte[Math.min(length, 1 << 16)];
    for (int done = 0; done < length; ) {
      int n = Math.min(chunk.length, length - done);
      int there = Math.max(0, Math.min(n, content.length - offset));
      System.arraycopy(content, Math.min(offset, content.length), chunk, 0, there);
      Arrays.fill(chunk, there, n, (byte) 0);
      memory.write(address + done, chunk, 0, n);
      offset += there;
      done += n;
    }
  }

  private void skip(int length) {
    byte[] content = items.getOrDefault(selected, new byte[0]);
    offset = (int) Math.min((long) offset + length, content.length);
  }

  /** Power-on. */
  public void reset() {
    select(SIGNATURE);
    dmaHigh = 0;
  }

  // ---- state

  @Override
  public String stateName() {
    return "fw-cfg";
  }

  @Override
  public State state() {
    return new State(selected, offset, dmaHigh);
  }

  @Override
  public void state(State s) {
    selected = s.selected;
    offset = s.offset;
    dmaHigh = s.dmaHigh;
  }
}
