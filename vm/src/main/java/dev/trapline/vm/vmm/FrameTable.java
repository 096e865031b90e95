package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Who owns each frame of host-physical memory. Frames are given out lowest first, so the same requests in the same order give the same
 * addresses. What is given out holds zeros.
 */
public final class FrameTable {
  /** Below it are the tables and the data of the host's firmware. */
  private static final long FIRST = 1L << 20;

  private final PhysicalMemory memory;
  private final Owner[] owners;
  private final Map<Long, byte[]> seals = new TreeMap<>();
  private int free;
  /** No frame below it is free. */
  private int lowest;

  /** All RAM of the host above the first megabyte is free. */
  FrameTable(PhysicalMemory memory) {
    this.memory = memory;
    this.owners = new Owner[(int) (memory.limit() >>> PhysicalMemory.PAGE_SHIFT)];
    for (int page = 0; page < owners.length; page++) {
      long pa = address(page);
      boolean ours = pa >= FIRST && memory.isRam(pa);
      owners[page] = ours ? Owner.FREE : Owner.RESERVED;
      free += ours ? 1 : 0;
    }
    lowest = (int) (FIRST >>> PhysicalMemory.PAGE_SHIFT);
  }

  private static long address(int page) {
    return (long) page << PhysicalMemory.PAGE_SHIFT;
  }

  /** Host-physical memory. */
  PhysicalMemory memory() {
    return memory;
  }

  /** Bytes that are free. */
  public long free() {
    return (long) free << PhysicalMemory.PAGE_SHIFT;
  }

  /** The owner of the frame at a host-physical address. */
  public Owner owner(long pa) {
    long page = pa >>> PhysicalMemory.PAGE_SHIFT;
    return page < owners.length ? owners[(int) page] : Owner.RESERVED;
  }

  /** Whether a frame belongs to a guest. */
  boolean ownedBy(long pa, int guest) {
    return owner(pa) instanceof Owner.OfGuest g && g.id() == guest;
  }

  /** One frame; its host-physical address. @throws MonitorException if there is none */
  long take(Owner owner) {
    return take(owner, 1);
  }

  /**
   * Frames one after another.
   *
   * @return host-physical address of the first
   * @throws MonitorException if there are not as many in a row
   */
  long take(Owner owner, int frames) {
    int run = 0;
    for (int page = lowest; page < owners.length; page++) {
      run = owners[page] == Owner.FREE ? run + 1 : 0;
      if (run == frames) {
        return give(page - frames + 1, frames, owner);
      }
    }
    throw MonitorException.of("%s: %d frames in a row wanted, %d of the host's are free: give the machine more memory, or its guests less",
        owner, frames, free);
  }

  /**
   * Frames for which it is no matter where they are: one after another as long as there is such a range.
   *
   * @return host-physical addresses
   * @throws MonitorException if there are not as many
   */
  long[] takeSeveral(Owner owner, int frames) {
    if (frames > free) {
      throw MonitorException.of("%s: %d KiB wanted, %d KiB of the host's memory are free: give the machine more, or its guests less (balloon)",
          owner, frames * 4L, free * 4L);
    }
    int run = longest();
    long first = run >= frames ? take(owner, frames) : 0;
    return LongStream.range(0, frames).map(i -> run >= frames ? first + (i << PhysicalMemory.PAGE_SHIFT) : take(owner)).toArray();
  }

  /** Free frames of the longest range without others between. */
  private int longest() {
    int most = 0;
    int run = 0;
    for (int page = lowest; page < owners.length; page++) {
      run = owners[page] == Owner.FREE ? run + 1 : 0;
      most = Math.max(most, run);
    }
    return most;
  }

  private long give(int first, int frames, Owner owner) {
    Arrays.fill(owners, first, first + frames, owner);
    free -= frames;
    if (first == lowest) {
      lowest = first + frames;
    }
    return address(first);
  }

  /** What a frame holds now it has to hold for ever; {@link #sealBroken} tells. Again for a frame that was to change. */
  void seal(long pa, int count) {
    for (long at = pa; at < pa + (long) count * PhysicalMemory.PAGE; at += PhysicalMemory.PAGE) {
      seals.put(at, memory.readableFrame(at).clone());
    }
  }

  /** Whether a sealed frame holds something else by now, one line. */
  Optional<String> sealBroken() {
    for (var seal : seals.entrySet()) {
      int at = Arrays.mismatch(seal.getValue(), memory.readableFrame(seal.getKey()));
      if (at >= 0) {
        return Optional.of(String.format("%s: the byte at %x was changed", owner(seal.getKey()), seal.getKey() + at));
      }
    }
    return Optional.empty();
  }

  /** Takes a frame back and clears it. */
  void release(long pa) {
    int page = (int) (pa >>> PhysicalMemory.PAGE_SHIFT);
    if (owners[page] == Owner.FREE || owners[page] == Owner.RESERVED) {
      throw new IllegalStateException(String.format("frame %x was given to nobody", pa));
    }
    memory.poke(pa, new byte[PhysicalMemory.PAGE], 0, PhysicalMemory.PAGE);
    owners[page] = Owner.FREE;
    free++;
    lowest = Math.min(lowest, page);
  }

  /** Bytes by owner, in the order of their text. */
  public Map<String, Long> byOwner() {
    Map<String, Long> sum = new TreeMap<>();
    for (Owner o : owners) {
      sum.merge(o.toString(), (long) PhysicalMemory.PAGE, Long::sum);
    }
    return sum;
  }
}
