package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The real memory of a guest (guest-physical memory): which host frame stands behind each of its pages. The guest's RAM is taken when the
 * guest is made, one range of host frames if there is one. Pages are counted without the hole for devices: that at guest-physical address
 * g below it is number g / 4096. Of the 384 KiB where a PC has no RAM, the upper 256 are the shadow RAM. ROMs have frames beside the RAM.
 *
 * <p>A page the guest gives up loses its frame, and gets another one when it is used again.
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
  /** In place of an address: the guest has given the page up. */
  private static final long GIVEN = -1;

  private final FrameTable table;
  private final Owner owner;
  /** Host-physical address of each page of RAM. */
  private final long[] frames;
  private int given;
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
    this.frames = table.takeSeveral(owner, (int) (size >>> SHIFT));
  }

  /** The guest's physical address space, which asks this one for its frames. */
  void view(PhysicalMemory memory) {
    this.view = memory;
  }

  PhysicalMemory view() {
    return view;
  }

  /** Number of a page within the RAM, or -1 if it is none of it. */
  private int number(int page) {
    if (page < NO_RAM || page >= HIGH && page < Math.min(frames.length, HOLE)) {
      return page;
    }
    int above = page - ABOVE;
    return above >= 0 && above < frames.length - HOLE ? HOLE + above : -1;
  }

  @Override
  public byte[] frame(int page) {
    int n = number(page);
    if (n < 0) {
      long rom = table.take(owner);
      beside.add(rom);
      return known(rom);
    }
    if (frames[n] == GIVEN) {
      if (table.free() == 0) {
        throw MonitorException.of("%s uses page %x, which it had given up, and none of the host's frames is free", owner, (long) page << SHIFT);
      }
      provide(n);
    }
    return known(frames[n]);
  }

  private void provide(int n) {
    frames[n] = table.take(owner);
    given--;
  }

  @Override
  public byte[] shadowFrame(int index) {
    return known(frames[SHADOW + index]);
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

  @Override
  public boolean takeBack(int page, byte[] frame) {
    int n = number(page);
    if (n < 0 || frames[n] == GIVEN) {
      return false;
    }
    hostAddress.remove(frame);
    table.release(frames[n]);
    frames[n] = GIVEN;
    given++;
    return true;
  }

  @Override
  public void wanted(int page) {
    int n = number(page);
    if (n >= 0 && frames[n] == GIVEN && table.free() > 0) {
      provide(n);
    }
  }

  /** Bytes the guest has given up. */
  long given() {
    return (long) given << SHIFT;
  }

  /** Where a guest-physical address is in host memory, or -1 if it is neither RAM nor ROM now. */
  long host(long gpa) {
    byte[] f = view.readableFrame(gpa);
    return f == null ? -1 : hostAddress.get(f) | gpa & PAGE - 1;
  }

  /** The guest-physical address whose memory is at a host-physical one, or -1: of what the guest has touched. */
  long real(long host) {
    long[] found = {-1};
    view.eachFrame((page, frame) -> {
      if (addressOf(frame) == (host & -PAGE)) {
        found[0] = ((long) page << SHIFT) + (host & PAGE - 1);
      }
    });
    return found[0];
  }

  /** Whether guests may store there directly: RAM, not ROM. */
  boolean writable(long gpa) {
    return view.isRam(gpa);
  }

  /** Host-physical address of the first page. */
  long base() {
    return frames[0];
  }

  /** Gives everything back. */
  void release() {
    for (long pa : frames) {
      if (pa != GIVEN) {
        table.release(pa);
      }
    }
    beside.forEach(table::release);
  }
}
