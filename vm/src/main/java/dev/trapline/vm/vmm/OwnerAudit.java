package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.LinearMemory;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.PageWalker;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.svm.Vmcb;
import java.util.HashSet;
import java.util.Set;

/**
 * What a guest can reach through the tables the hardware walks for it, through what the hardware remembers of them, and by its devices, told
 * from the bytes in host memory and the owners of frames alone: no structure of the monitor's is asked what it thinks. Each frame so found
 * has to be the guest's own; since a frame has one owner, no two guests then reach the same one.
 */
final class OwnerAudit {
  private static final long PS = 0x80;
  /** Address space identifier of the host. */
  private static final int HOST_SPACE = 0;

  private final Guest guest;
  private final FrameTable frames;
  private final PhysicalMemory memory;
  private final Findings findings;
  /** Ways to a frame that were followed. */
  private long followed;

  OwnerAudit(Guest guest, FrameTable frames, Findings findings) {
    this.guest = guest;
    this.frames = frames;
    this.memory = frames.memory();
    this.findings = findings;
  }

  long followed() {
    return followed;
  }

  // ---- tables

  /** Every table and every page from the top down. */
  void reach() {
    for (Vcpu v : guest.vcpus()) {
      guest.mmu().tops(v, (table, level) -> {
        findings.require(owned(table), Invariant.O2, v, "has its top table at %x, which belongs to %s", table, frames.owner(table));
        Set<Long> seen = new HashSet<>();
        new Reach(memory).walk(table, level, (at, step, address, entry) ->
            step == 1 ? page(at, address, entry) : next(at, step, entry, seen));
      });
    }
  }

  private boolean page(long at, long address, long entry) {
    long to = entry & Reach.ADDRESS;
    followed++;
    if (!frames.ownedBy(to, guest.id())) {
      findings.require(false, Invariant.O1, String.format("entry at host %x of address %x", at, address),
          "is %x, and frame %x belongs to %s", entry, to, frames.owner(to));
    }
    return false;
  }

  /** A table reached twice is looked at once. */
  private boolean next(long at, int level, long entry, Set<Long> seen) {
    if (isMonitorsOwn(entry)) {
      return false;
    }
    followed++;
    long to = entry & Reach.ADDRESS;
    boolean right = (entry & PS) == 0 && owned(to);
    if (!right) {
      findings.add((entry & PS) != 0 ? Invariant.X2 : Invariant.O2, String.format("entry of level %d at host %x", level, at),
          "is %x, and %x belongs to %s", entry, to, frames.owner(to));
    }
    return right && seen.add(to * 8 + level);
  }

  /** What a deprivileged guest has in its address space, and cannot touch: nothing below is a user page. */
  private boolean isMonitorsOwn(long entry) {
    boolean own = guest.mmu() instanceof ShadowMmu s && s.monitorEntry() == entry;
    return own && (entry & Reach.US) == 0;
  }

  private boolean owned(long table) {
    return frames.owner(table) instanceof Owner.Monitor m && m.purpose().endsWith("of " + guest.name());
  }

  // ---- the TLB

  /** Whether what the processor remembers is what the tables say; not while it is about to forget. */
  void tlb(Vcpu v) {
    int asid = space(v);
    boolean flushed = Vmcb.TLB_CONTROL.get(v.vmcb()) != Vmcb.FLUSH_NOTHING;
    if (flushed || asid < 0) {
      return;
    }
    LinearMemory host = v.on().cpu().mem;
    Paging regime = host.regime(asid);
    var walker = new PageWalker(memory);
    var walk = new Walk();
    host.cached(asid, (linear, access, user, ac, frame, pa) -> {
      walker.walk(regime, linear, access, user, ac, false, walk);
      boolean same = walk.fault < 0 && (access == Access.FETCH ? walk.pa >>> 12 == pa >>> 12 : memory.readableFrame(walk.pa) == frame);
      if (!same) {
        findings.add(Invariant.T1, String.format("TLB of %s, %x for %s%s", v, linear, access, user ? " by user" : ""),
            walk.fault < 0 ? "does not lead to %x as the tables do" : "the tables forbid it", walk.pa);
      }
    });
  }

  /** The address space its translations are in: the host's for a deprivileged guest, -1 while another one has that. */
  private int space(Vcpu v) {
    if (v.technique().guestMode()) {
      return v.asid();
    }
    return v.on().cpu().mem.regime(HOST_SPACE).root() == (Vmcb.CR3.get(v.vmcb()) & Reach.ADDRESS) ? HOST_SPACE : -1;
  }

  /** Each way to a frame there is beside the tables, and what shuts the others. */
  void beside() {
    guest.vcpus().forEach(this::remembered);
    unremembered();
  }

  /** The same but for what the processor remembers. */
  void unremembered() {
    guest.vcpus().forEach(this::control);
    devices();
    frames.sealBroken().ifPresent(what -> findings.require(false, Invariant.O6, "monitor", "%s", what));
  }

  /** Whether what the processor remembers leads to the guest's own frames, the next entry's flush or not. */
  void remembered(Vcpu v) {
    int asid = space(v);
    if (asid < 0) {
      return;
    }
    Cpu on = v.on().cpu();
    LinearMemory.TlbVisitor each = (linear, access, user, ac, frame, pa) -> {
      boolean monitors = asid == HOST_SPACE && MonitorArea.holds(linear) && !user;
      if (!monitors) {
        translation(v, linear, frame, pa);
      }
    };
    on.mem.cached(asid, each);
    if (on.svm.guest && on.svm.asid == asid) {
      on.mem.cachedGlobals(each);
    }
  }

  private void translation(Vcpu v, long linear, byte[] frame, long pa) {
    followed++;
    long at = frame == null ? pa : guest.memory().addressOf(frame);
    if (at < 0 || !frames.ownedBy(at, guest.id())) {
      findings.require(false, Invariant.O3, String.format("TLB of %s, %x", v, linear), "leads to %s",
          at < 0 ? "a frame the guest never had" : String.format("%x, which belongs to %s", at, frames.owner(at)));
    }
  }

  // ---- the VMCB

  /** While the hardware has the registers; else the fields are made before it gets them. A guest that was stopped is not entered. */
  void control(Vcpu v) {
    if (guest.alive() && v.entered()) {
      v.technique().owned(v).difference(v.vmcb()).ifPresent(what -> findings.require(false, Invariant.O5, "VMCB of " + v, "%s", what));
    }
  }

  // ---- devices

  /** Devices store to the guest's physical address space, which is made of frames. */
  private void devices() {
    guest.machine().memory().eachFrame((page, frame) -> {
      followed++;
      long at = guest.memory().addressOf(frame);
      if (at < 0 || !frames.ownedBy(at, guest.id()) || memory.readableFrame(at) != frame) {
        findings.require(false, Invariant.O4, String.format("page %x", (long) page << PhysicalMemory.PAGE_SHIFT), "is %s",
            at < 0 ? "no memory of the host's" : String.format("frame %x, which belongs to %s", at, frames.owner(at)));
      }
    });
  }
}
