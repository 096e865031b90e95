package dev.trapline.vm.vmm;

import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps some of the host's memory free: when there is less, the guest that has most left is asked to give some up; when there is plenty,
 * guests are told that they may have again what they were asked for here. No guest is asked for more than half of its memory.
 */
final class Reserve {
  /** Asked for or given back at a time: a MiB. */
  private static final int STEP = 256;

  private final FrameTable frames;
  /** Bytes to be kept free; 0 for none. */
  private long least;
  /** Pages each guest was asked for here. */
  private final Map<Guest, Integer> asked = new HashMap<>();

  Reserve(FrameTable frames) {
    this.frames = frames;
  }

  void keep(long bytes) {
    least = bytes;
  }

  long least() {
    return least;
  }

  /** Looks whether there is too little or plenty. A guest that has not done yet what it was asked for is not asked for more. */
  void look(List<Guest> guests) {
    if (least == 0) {
      return;
    }
    long coming = frames.free() + guests.stream().mapToLong(Reserve::outstanding).sum();
    if (coming < least) {
      guests.stream().filter(g -> room(g) > 0).max(Comparator.comparingLong(Reserve::left)).ifPresent(g -> change(g, Math.min(STEP, room(g))));
    } else if (Math.min(coming, frames.free()) - least > 2L * STEP * PhysicalMemory.PAGE) {
      guests.stream().filter(g -> settled(g).isPresent() && asked.getOrDefault(g, 0) > 0).findFirst()
          .ifPresent(g -> change(g, -Math.min(STEP, asked.get(g))));
    }
  }

  private static Optional<VirtioBalloon> settled(Guest g) {
    return g.alive() ? g.balloon().filter(b -> (b.status() & VirtioBalloon.DRIVER_OK) != 0 && b.actual() == b.wanted()) : Optional.empty();
  }

  /** Pages a guest may still be asked for. */
  private static int room(Guest g) {
    int half = (int) (g.spec().machine().memory() / 2 / PhysicalMemory.PAGE);
    return settled(g).map(b -> half - b.wanted()).orElse(0);
  }

  /** Bytes a guest was asked for and has not given yet; negative if it may have some again. */
  private static long outstanding(Guest g) {
    return g.alive() ? g.balloon().map(b -> (long) (b.wanted() - b.actual()) * PhysicalMemory.PAGE).orElse(0L) : 0;
  }

  private static long left(Guest g) {
    return g.spec().machine().memory() - g.given();
  }

  private void change(Guest g, int pages) {
    asked.merge(g, pages, Integer::sum);
    VirtioBalloon b = g.balloon().orElseThrow();
    b.want(b.wanted() + pages);
  }
}
