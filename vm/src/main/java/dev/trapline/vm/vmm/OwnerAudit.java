package dev.trapline.vm.vmm;

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
 * What a guest can reach through the tables the hardware walks for it, and through what the hardware remembers of them, told from the bytes
 * in host memory and the owners of frames alone: no structure of the monitor's is asked what it thinks.
 */
final class OwnerAudit {
  private static final long PS = 0x80;

  private final Guest guest;
  private final FrameTable frames;
  private final PhysicalMemory memory;
  private final LinearMemory host;
  private final Findings findings;

  OwnerAudit(Guest guest, FrameTable frames, LinearMemory host, Findings findings) {
    this.guest = guest;
    this.frames = frames;
    this.memory = frames.memory();
    this.host = host;
    this.findings = findings;
  }

  // ---- tables

  /** Every table and every page from the top down. */
  void reach() {
    for (Vcpu v : guest.vcpus()) {
      guest.mmu().tops(v, (table, level) -> {
        requireTable(table, v + "'s top table");
        Set<Long> seen = new HashSet<>();
        new Reach(memory).walk(table, level, (at, step, address, entry) -> step == 1 ? page(at, address, entry) : next(at, step, entry, seen));
      });
    }
  }

  private boolean page(long at, long address, long entry) {
    long to = entry & Reach.ADDRESS;
    findings.require(frames.ownedBy(to, guest.id()), Invariant.O1, String.format("entry at host %x of address %x", at, address),
        "is %x, and frame %x belongs to %s", entry, to, frames.owner(to));
    return false;
  }

  /** A table reached twice is looked at once. */
  private boolean next(long at, int level, long entry, Set<Long> seen) {
    if (isMonitorsOwn(entry)) {
      return false;
    }
    long to = entry & Reach.ADDRESS;
    String place = String.format("entry of level %d at host %x", level, at);
    findings.require((entry & PS) == 0, Invariant.X2, place, "is %x", entry);
    requireTable(to, place);
    return seen.add(to * 8 + level) && owned(to);
  }

  /** What a deprivileged guest has in its address space, and cannot touch: nothing below is a user page. */
  private boolean isMonitorsOwn(long entry) {
    boolean own = guest.mmu() instanceof ShadowMmu s && s.monitorEntry() == entry;
    return own && (entry & Reach.US) == 0;
  }

  private boolean owned(long table) {
    return frames.owner(table) instanceof Owner.Monitor m && m.purpose().endsWith("of " + guest.name());
  }

  private void requireTable(long table, String place) {
    findings.require(owned(table), Invariant.O2, place, "leads to %x, which belongs to %s", table, frames.owner(table));
  }

  // ---- the TLB

  /** Whether what the processor remembers is what the tables say; not while it is about to forget. */
  void tlb(Vcpu v) {
    boolean deprivileged = v.guest().spec().technique().equals("trap");
    int asid = deprivileged ? 0 : (int) Vmcb.ASID.get(v.vmcb());
    boolean flushed = Vmcb.TLB_CONTROL.get(v.vmcb()) != Vmcb.FLUSH_NOTHING;
    Paging regime = host.regime(asid);
    if (flushed || deprivileged && regime.root() != (Vmcb.CR3.get(v.vmcb()) & Reach.ADDRESS)) {
      return;
    }
    var walker = new PageWalker(memory);
    var walk = new Walk();
    host.cached(asid, (linear, access, user, ac, frame, pa) -> {
      walker.walk(regime, linear, access, user, ac, false, walk);
      boolean same = walk.fault < 0 && (access == Access.FETCH ? walk.pa >>> 12 == pa >>> 12 : memory.readableFrame(walk.pa) == frame);
      findings.require(same, Invariant.T1, String.format("TLB of %s, %x for %s%s", v, linear, access, user ? " by user" : ""),
          walk.fault < 0 ? "does not lead to %x as the tables do" : "the tables forbid it", walk.pa);
    });
  }
}
