package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.PortMap;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The interface as its specification describes it. */
class FwCfgTest {
  private final byte[] ram = new byte[4096];
  private final PortMap ports = new PortMap();
  private final FwCfg cfg = new FwCfg(new DmaPort() {
    @Override
    public void read(long pa, byte[] to, int at, int n) {
      System.arraycopy(ram, (int) pa, to, at, n);
    }

    @Override
    public void write(long pa, byte[] from, int at, int n) {
      System.arraycopy(from, at, ram, (int) pa, n);
    }
  });

  @BeforeEach
  void build() {
    cfg.connect(ports);
    cfg.number(FwCfg.RAM_SIZE, 8, 0x12345678L);
    cfg.file("etc/b", new byte[] {4, 5, 6});
    cfg.file("etc/a", new byte[] {1, 2, 3, 7});
  }

  private byte[] read(int item, int n) {
    ports.out(0x510, 2, item);
    byte[] b = new byte[n];
    for (int i = 0; i < n; i++) {
      b[i] = (byte) ports.in(0x511, 1);
    }
    return b;
  }

  @Test
  void theSignatureAndFeaturesAreThere() {
    assertEquals("QEMU", new String(read(0, 4)));
    assertArrayEquals(new byte[] {3, 0, 0, 0, 0}, read(1, 5), "both interfaces; zeros behind the end");
    assertArrayEquals(new byte[] {0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0}, read(3, 8));
    assertArrayEquals(new byte[4], read(0x7777, 4), "no such item");
  }

  @Test
  void theDirectoryListsFilesByName() {
    ByteBuffer b = ByteBuffer.wrap(read(0x19, 4 + 2 * 64));
    assertEquals(2, b.getInt());
    assertEquals(4, b.getInt());
    assertEquals(0x20, b.getShort());
    b.getShort();
    byte[] name = new byte[56];
    b.get(name);
    assertEquals("etc/a", new String(name, 0, 5));
    assertEquals(0, name[5]);
    assertEquals(3, b.getInt());
    assertEquals(0x21, b.getShort());
    assertArrayEquals(new byte[] {1, 2, 3, 7}, read(0x20, 4));
    assertArrayEquals(new byte[] {4, 5, 6}, read(0x21, 3));
  }

  private int dma(int control, int length, int address) {
    ByteBuffer.wrap(ram).putInt(0x100, control).putInt(0x104, length).putLong(0x108, address);
    ports.out(0x514, 4, 0);
    ports.out(0x518, 4, Integer.reverseBytes(0x100));
    return ByteBuffer.wrap(ram).getInt(0x100);
  }

  @Test
  void dmaSelectsSkipsAndReads() {
    assertEquals(0x554d4551, ports.in(0x514, 4), "QEMU");
    assertEquals(0x47464320, ports.in(0x518, 4), " CFG");
    assertEquals(0, dma(0x20 << 16 | 8 | 4, 1, 0), "select and skip one");
    Arrays.fill(ram, 0x200, 0x210, (byte) 9);
    assertEquals(0, dma(2, 5, 0x200));
    assertArrayEquals(new byte[] {2, 3, 7, 0, 0, 9}, Arrays.copyOfRange(ram, 0x200, 0x206), "zeros behind the end");
    assertEquals(1, dma(0x20 << 16 | 8 | 16, 1, 0x200), "writes are refused");
  }

  @Test
  void aTransferMayBeInterruptedBySavingAndLoading() {
    read(0x20, 2);
    FwCfg.State saved = cfg.state();
    read(0, 4);
    cfg.state(saved);
    assertEquals(3, ports.in(0x511, 1));
  }
}
