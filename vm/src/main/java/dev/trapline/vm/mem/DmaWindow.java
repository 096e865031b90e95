package dev.trapline.vm.mem;

import dev.trapline.vm.bus.DmaPort;
import java.util.Optional;

/** A bus master's way to memory: what it tries to reach where no memory is, or to store into ROM, is refused and counted. */
public final class DmaWindow implements DmaPort {
  private static final int PAGE = PhysicalMemory.PAGE;

  /**
   * What was refused.
   *
   * @param first address of the first page of it
   * @param reads pieces of pages that were to be read, all ones to the device
   * @param writes pieces of pages that were to be written
   */
  public record Refused(String device, long first, long reads, long writes) {}

  private final String device;
  private final PhysicalMemory memory;
  private long first = -1;
  private long reads;
  private long writes;

  /** @param device for listings */
  public DmaWindow(String device, PhysicalMemory memory) {
    this.device = device;
    this.memory = memory;
  }

  @Override
  public void read(long pa, byte[] to, int at, int n) {
    for (long page = pa & -PAGE; page < pa + n; page += PAGE) {
      boolean there = memory.isRam(page) || isRom(page);
      reads += there ? 0 : 1;
      note(page, there);
    }
    memory.read(pa, to, at, n);
  }

  @Override
  public void write(long pa, byte[] from, int at, int n) {
    for (long page = pa & -PAGE; page < pa + n; page += PAGE) {
      boolean there = memory.isRam(page);
      writes += there ? 0 : 1;
      note(page, there);
    }
    memory.write(pa, from, at, n);
  }

  private boolean isRom(long page) {
    PhysicalMemory.Region r = memory.regionAt(page);
    return r != null && r.device() == null;
  }

  private void note(long page, boolean there) {
    if (!there && first < 0) {
      first = page;
    }
  }

  /** What the device tried in vain since the machine was built; empty if nothing. */
  public Optional<Refused> refused() {
    return reads + writes == 0 ? Optional.empty() : Optional.of(new Refused(device, first, reads, writes));
  }
}
