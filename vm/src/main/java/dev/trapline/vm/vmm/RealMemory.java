package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The real memory of a guest (guest-physical memory): which host frame stands behind each of its pages. The guest's RAM is one range of
 * host frames taken when the guest is made: the page at guest-physical address g, below the hole for devices, is at {@code base + g}.
 * Of the 384 KiB where a PC has no RAM, the upper 256 are the shadow RAM. ROMs have frames beside the range.
 */
final class RealMemory implements PhysicalMemory.FrameSource {
  private static final int PAGE = PhysicalMemory.PAGE;
  private static final int SHIFT = PhysicalMemory.PAGE_SHIFT;
  /** Page numbers of the PC's memory map. */
  private static final int NO_RAM = 0xa0;
  private static final int SHADOW = 0xc0;
  private static final int HIGH = 0x100;
  private static final int HOLE = 0xc0000;
  private static final int ABOVE = 0x100000;

  private final FrameTable table;
  private final Owner owner;
  private final int pages;
  private final long base;
  private final Map<byte[], Long> hostAddress = new IdentityHashMap<>();
  private final List<Long> beside = new ArrayList<>();
  private PhysicalMemory view;

  /**
   * @param size bytes of RAM as the guest is told
   * @throws MonitorException if the host has not as much left
   */
  RealMemory(FrameTable table, int guest, long size) {
    this.table = table;
    this.owner = new Owner.OfGuest(guest);
    this.pages = (int) (size >>> SHIFT);
    this.base = table.take(owner, pages);
  }

  /** The guest's physical address space, which asks this one for its frames. */
  void view(PhysicalMemory memory) {
    this.view = memory;
  }

  PhysicalMemory view() {
    return view;
  }

  @Override
  public byte[] frame(int page) {
    boolean low = page < NO_RAM || page >= HIGH && page < Math.min(pages, HOLE);
    int above = page - ABOVE;
    if (low) {
      return known(base + ((long) page << SHIFT));
    }
    if (above >= 0 && above < pages - HOLE) {
      return known(base + ((long) HOLE + above << SHIFT));
    }
    long rom = table.take(owner);
    beside.add(rom);
    return known(rom);
  }

  @Override
  public byte[] shadowFrame(int index) {
    return known(base + ((long) SHADOW + index << SHIFT));
  }

  private byte[] known(long pa) {
    byte[] f = table.memory().readableFrame(pa);
    hostAddress.put(f, pa);
    return f;
  }

  /** Where a frame of the guest's is in host memory, or -1 if it is none of its. */
  long addressOf(byte[] frame) {
    Long pa = hostAddress.get(frame);
    return pa == null ? -1 : pa;
  }

  /** Where a guest-physical address is in host memory, or -1 if it is neither RAM nor ROM now. */
  long host(long gpa) {
    byte[] f = view.readableFrame(gpa);
    return f == null ? -1 : hostAddress.get(f) | gpa & PAGE - 1;
  }

  /** Whether guests may store there directly: RAM, not ROM. */
  boolean writable(long gpa) {
    return view.isRam(gpa);
  }

  /** Host-physical address of the RAM. */
  long base() {
    return base;
  }

  /** Gives everything back. */
  void release() {
    for (int i = 0; i < pages; i++) {
      table.release(base + ((long) i << SHIFT));
    }
    beside.forEach(table::release);
  }
}
