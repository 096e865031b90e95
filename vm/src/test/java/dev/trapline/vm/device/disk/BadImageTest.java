package dev.trapline.vm.device.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Images the host cannot read or write: the drives report what they would about a bad medium, and the machine goes on. */
class BadImageTest {
  private static final class Broken implements DiskImage {
    private final List<String> asked = new ArrayList<>();
    private boolean works;

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public String format() {
      return "raw";
    }

    @Override
    public long size() {
      return 1_474_560;
    }

    @Override
    public boolean writable() {
      return true;
    }

    @Override
    public void read(long at, byte[] to, int from, int n) {
      fail("read");
    }

    @Override
    public void write(long at, byte[] bytes, int from, int n) {
      fail("write");
    }

    @Override
    public void flush() {
      fail("flush");
    }

    private void fail(String what) {
      asked.add(what);
      if (!works) {
        throw new ImageException("broken: " + what);
      }
    }
  }

  private final DiskBench b = new DiskBench();
  private final Broken image = new Broken();

  private void disk() {
    b.ide.attach(0, 0, new AtaDisk("hd0", new Medium("d", image, false), "TL1"));
  }

  private void ata(int command) {
    b.out(0x1f2, 1);
    b.out(0x1f3, 0);
    b.out(0x1f4, 0);
    b.out(0x1f5, 0);
    b.out(0x1f6, 0xe0);
    b.out(0x1f7, command);
    b.settle();
  }

  /** ATA/ATAPI-6 7.9: UNC. */
  @Test
  void aDiskHasAnUncorrectableError() {
    disk();
    for (int command : new int[] {0x20, 0xc4, 0xe7, 0xea}) {
      ata(command);
      assertEquals(0x51, b.in(0x1f7), "DRDY, DSC, ERR");
      assertEquals(0x40, b.in(0x1f1), "UNC");
    }
    ata(0xc8);
    b.out(DiskBench.BM, 9);
    b.settle();
    assertEquals(0x51, b.in(0x1f7));
    ata(0xec);
    assertEquals(0x58, b.in(0x1f7), "it still tells what it is");
  }

  @Test
  void aFlushReachesTheFile() {
    disk();
    image.works = true;
    ata(0xe7);
    assertEquals(0x50, b.in(0x1f7));
    assertEquals(List.of("flush"), image.asked);
  }

  /** 82077AA 6.2, 6.3: DE in ST1 and DD in ST2. */
  @Test
  void aDisketteHasADataError() {
    b.floppy.insert(0, new Medium("f", image, false));
    b.out(0x3f2, 0x1c);
    b.settle();
    b.out(0x0a, 2);
    b.out(0x0b, 0x46);
    b.out(4, 0);
    b.out(4, 0);
    b.out(0x81, 1);
    b.out(5, 0xff);
    b.out(5, 1);
    b.out(0x3f7, 0);
    for (int v : new int[] {0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}) {
      b.out(0x3f5, v);
    }
    b.settle();
    int[] result = new int[7];
    for (int i = 0; i < 7; i++) {
      result[i] = b.in(0x3f5);
    }
    assertEquals(List.of(0x40, 0x20, 0x20), List.of(result[0], result[1], result[2]));
  }
}
