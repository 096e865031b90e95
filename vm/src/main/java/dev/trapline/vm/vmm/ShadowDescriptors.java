package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Walk;
import java.util.HashSet;
import java.util.Set;

/**
 * The shadow of a deprivileged guest's GDT, for the real one in the {@link MonitorArea}. What runs at virtual CPL 0 gets the segments of
 * ring 0 with the DPL it really runs at, and code segments of ring 3 that are not present, so that a return to user mode faults and the
 * monitor learns of it. What runs at virtual CPL 3 gets the descriptors as they are. System descriptors are left out: whoever uses one
 * faults. Stores into the guest's table are watched by {@link ShadowMmu#watch}.
 *
 * <p>While a guest is entered, every segment register is as its shadow descriptor says; {@link #expresses} tells where that is not so.
 */
final class ShadowDescriptors {
  private static final long DPL = 3L << 45;
  private static final long PRESENT = 1L << 47;
  private static final long ACCESSED = 1L << 40;
  private static final long LONG = 1L << 53;

  private final Vcpu vcpu;
  private final ShadowMmu mmu;
  private final long[] guest = new long[MonitorArea.FIRST_OWN / 8];
  private final long[] shadow = new long[MonitorArea.FIRST_OWN / 8];
  /** Entries that may be other than zero. */
  private int used;
  private boolean stale = true;
  private boolean kernel;
  private boolean longMode;
  private long base;
  private int limit;

  ShadowDescriptors(Vcpu vcpu, ShadowMmu mmu) {
    this.vcpu = vcpu;
    this.mmu = mmu;
  }

  /** The guest's table, or where it is mapped, changed. */
  void changed() {
    stale = true;
  }

  /** Makes the shadow what the guest's registers ask for; whether it was something else. */
  boolean follow() {
    Cpu c = vcpu.shell();
    boolean moved = c.gdtBase != base || c.gdtLimit != limit;
    if (stale || moved) {
      base = c.gdtBase;
      limit = c.gdtLimit;
      stale = false;
      read(c);
    } else if (kernel == (c.cpl == 0) && longMode == c.longMode()) {
      return false;
    }
    kernel = c.cpl == 0;
    longMode = c.longMode();
    for (int i = 1; i < used; i++) {
      shadow[i] = shadowed(guest[i]);
    }
    return true;
  }

  private void read(Cpu c) {
    int before = used;
    used = Math.min((limit & 0xffff) + 1 >>> 3, guest.length);
    Set<Long> pages = new HashSet<>();
    Walk walk = new Walk();
    for (int i = 1; i < Math.max(used, before); i++) {
      guest[i] = i < used ? entry(c, walk, c.gdtBase + 8L * i, pages) : 0;
      shadow[i] = 0;
    }
    mmu.watch(vcpu, pages, this::changed);
  }

  private static long entry(Cpu c, Walk walk, long linear, Set<Long> pages) {
    c.mem.walker().walk(c.mem.paging(), linear, Access.READ, false, false, false, walk);
    if (walk.fault >= 0) {
      return 0;
    }
    pages.add(walk.pa >>> 12);
    try {
      return c.mem.readSystem(linear, 8);
    } catch (Fault f) {
      return 0; // the second page of an entry across two
    }
  }

  /** The privilege level virtual supervisor code really runs at. */
  int kernelLevel() {
    return longMode ? 3 : 1;
  }

  /** The real CPL. */
  int level() {
    return kernel ? kernelLevel() : 3;
  }

  private long shadowed(long d) {
    boolean segment = (d >>> 44 & 1) != 0;
    if (!segment || (d & PRESENT) == 0) {
      return segment ? d : 0;
    }
    if ((d & ACCESSED) == 0) {
      return d & ~PRESENT; // the guest's first load faults, and the emulation marks the guest's own
    }
    int dpl = (int) (d >>> 45) & 3;
    boolean code = (d >>> 43 & 1) != 0;
    boolean conforming = code && (d >>> 42 & 1) != 0;
    long s = longMode ? d : d & ~LONG;
    if (!kernel || conforming) {
      return s;
    }
    if (code && dpl == 3) {
      return s & ~PRESENT;
    }
    return dpl < kernelLevel() ? s & ~DPL | (long) kernelLevel() << 45 : s;
  }

  /** Puts the shadow into a processor's real table. */
  void install(ProcessorArea area) {
    area.descriptors(shadow, used);
    area.nullStack(longMode);
  }

  /** The DPL in the guest's own descriptor. */
  int dpl(int selector) {
    return (int) (guest[selector >>> 3] >>> 45) & 3;
  }

  // ---- segment registers

  /** Whether loading a segment register from the shadow gives what the virtual one holds. */
  boolean expresses(Cpu c, int s) {
    Segment v = c.seg[s];
    if (v.selector <= 3) {
      return v.unusable || c.mode64() || s != Cpu.SS && s != Cpu.CS && !v.present();
    }
    int i = v.selector >>> 3;
    if ((v.selector & 4) != 0 || i >= used || v.unusable || s == Cpu.CS && !kernel && (v.selector & 3) != 3) {
      return false;
    }
    long d = guest[i];
    if ((shadow[i] & PRESENT) == 0) {
      return false; // the entry code could not load it
    }
    boolean flat = c.mode64();
    return ((access(d) ^ v.access) & ~1) == 0 && (flat || base(d) == v.base && limit(d) == v.limit);
  }

  /** Gives a segment register what the guest's descriptor says; one of the monitor's that a guest has found, what that says. */
  void load(Segment s, int selector) {
    int i = selector >>> 3;
    if (selector <= 3) {
      s.set(selector, 0, 0, 0);
      s.unusable = true;
    } else if (i >= guest.length) {
      long d = MonitorArea.NULL_STACK_DESCRIPTOR;
      s.set(selector, base(d), limit(d), access(d));
    } else {
      s.set(selector, base(guest[i]), limit(guest[i]), access(guest[i]) | 1);
    }
  }

  private static int access(long d) {
    return (int) (d >>> 40) & 0xf0ff;
  }

  private static long base(long d) {
    return d >>> 16 & 0xffffff | d >>> 32 & 0xff000000L;
  }

  private static long limit(long d) {
    long raw = d & 0xffff | d >>> 32 & 0xf0000;
    return (d >>> 55 & 1) != 0 ? raw << 12 | 0xfff : raw;
  }
}
