package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import java.util.Locale;

/** Faults of a monitor, put in on purpose to see that {@link Isolation} finds them. */
public enum Leak {
  /** A page of the one guest's tables leads to a frame of the other's. */
  FRAME(Invariant.O1),
  /** A page of its tables leads to the other's VMCB. */
  MONITOR(Invariant.O1),
  /** A frame that its devices store to was given to the other. */
  DEVICE(Invariant.O4),
  /** The processor remembers a page that is no longer the guest's. */
  TRANSLATION(Invariant.O3),
  /** VMLOAD is not intercepted: it reads any host memory (CVE-2021-3656). */
  INTERCEPT(Invariant.O5),
  /** The permission map lets a port through. */
  PORT(Invariant.O6);

  private final Invariant breaks;

  Leak(Invariant breaks) {
    this.breaks = breaks;
  }

  /** What is violated then. */
  public Invariant breaks() {
    return breaks;
  }

  /** Puts it in, if the guest is as far as to have what is to be broken; whether it was. */
  public boolean put(Monitor monitor, Guest guest, Guest other) {
    Vcpu v = guest.vcpus().getFirst();
    PhysicalMemory memory = monitor.host().memory();
    return switch (this) {
      case FRAME -> map(memory, v, other.memory().base());
      case MONITOR -> map(memory, v, other.vcpus().getFirst().vmcbAddress());
      case DEVICE -> give(monitor.frames(), guest.memory().host(0), other);
      case TRANSLATION -> forget(monitor, v);
      case INTERCEPT -> {
        Vmcb.intercept(memory, v.vmcbAddress(), ExitCode.VMLOAD, false);
        yield v.technique().guestMode() && v.entered();
      }
      case PORT -> {
        memory.write(Vmcb.IOPM_BASE.get(v.vmcb()), 8, 0);
        yield v.technique().guestMode();
      }
    };
  }

  private static boolean map(PhysicalMemory memory, Vcpu v, long hpa) {
    long[] leaf = {-1};
    v.guest().mmu().tops(v, (table, level) -> new Reach(memory).walk(table, level, (at, step, address, entry) -> {
      boolean monitors = v.guest().mmu() instanceof ShadowMmu s && s.monitorEntry() == entry;
      leaf[0] = step == 1 && !monitors ? at : leaf[0];
      return !monitors;
    }));
    if (leaf[0] >= 0) {
      memory.write(leaf[0], 8, memory.read(leaf[0], 8) & ~Reach.ADDRESS | hpa);
    }
    return leaf[0] >= 0;
  }

  private static boolean give(FrameTable frames, long pa, Guest to) {
    frames.release(pa);
    return frames.take(new Owner.OfGuest(to.id())) == pa;
  }

  private static boolean forget(Monitor monitor, Vcpu v) {
    long[] any = {-1};
    monitor.host().cpu().mem.cached(v.asid(),
        (linear, access, user, ac, frame, pa) -> any[0] = frame == null ? pa : v.guest().memory().addressOf(frame));
    if (any[0] >= 0) {
      monitor.frames().release(any[0] & Reach.ADDRESS);
    }
    return any[0] >= 0;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
