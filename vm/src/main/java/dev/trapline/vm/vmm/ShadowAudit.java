package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.vmm.ShadowPage.Slot;
import java.util.List;

/**
 * Checks the shadow tables of a guest: the bytes the hardware walks against the guest's own tables, the owners of frames and what the
 * monitor remembers. Changes nothing, so that a run with audits is the same run.
 */
final class ShadowAudit {
  private static final long PS = 0x80;
  private static final long UPPER = ShadowPage.P | ShadowPage.RW | ShadowPage.US | ShadowPage.A;
  private static final long LEAF = UPPER | ShadowPage.D | ShadowPage.NX | ShadowPage.ADDRESS;
  private static final long MARKED = ShadowPage.P | ShadowPage.A | ShadowPage.D;

  private final ShadowMmu mmu;
  private final ShadowPool pool;
  private final Guest guest;
  private final FrameTable frames;
  private final PhysicalMemory memory;
  private final Findings findings;
  private int mapped;

  ShadowAudit(ShadowMmu mmu, Guest guest, FrameTable frames, Findings findings) {
    this.mmu = mmu;
    this.pool = mmu.pool();
    this.guest = guest;
    this.frames = frames;
    this.memory = guest.machine().memory();
    this.findings = findings;
  }

  /**
   * Looks at the roots and at tables.
   *
   * @param all whether at those that did not change since the last time too
   */
  void run(boolean all) {
    guest.vcpus().forEach(this::root);
    pool();
    pool.forEach(p -> {
      if (all || p.changed()) {
        page(p, all);
        p.audited();
      }
    });
    findings.require(!all || mapped == pool.reverse().size(), Invariant.A2, "reverse map", "%d entries, %d are mapped",
        pool.reverse().size(), mapped);
  }

  // ---- the whole

  private void root(Vcpu v) {
    ShadowMmu.Root r = mmu.root(v);
    if (r.regime == null) {
      return;
    }
    findings.require(r.regime.root() == rootOf(r), Invariant.S2, v, "tables of %x are shadowed, and CR3 is %x", r.regime.root(), r.cr3);
    boolean four = r.regime.format() == Paging.Format.FOUR_LEVEL;
    findings.require(four == (r.top != null), Invariant.S2, v, "%s at the top with format %s", r.top, r.regime.format());
    if (r.top != null) {
      boolean right = !r.top.gone && r.top.key().gfn() == r.regime.root() >>> 12 && r.top.key().mode() == r.mode()
          && r.top.key().rights() == ShadowKey.ALL;
      findings.require(right, Invariant.S2, v, "the top table is %s, %s; CR3 is %x", r.top,
          r.top.gone ? "given up" : "in use", r.regime.root());
    }
    for (int i = 0; i < 4; i++) {
      ShadowPage d = r.directories[i];
      long e = frames.memory().read(r.pae + 8 * i, 8);
      boolean right = d == null ? e == 0 : (e & ShadowPage.ADDRESS) == d.frame() && !d.gone && d.key().mode() == r.mode();
      boolean absent = d != null && r.regime.format() == Paging.Format.PAE && (r.regime.pdptes().at(i) & ShadowPage.P) == 0;
      findings.require(!absent, Invariant.X1, v, "directory entry %d is %x, the PDPTE %x", i, e, r.regime.pdptes().at(i));
      findings.require(right, Invariant.S2, v, "directory entry %d is %x, its table %s", i, e, d);
    }
    if (v.entered()) {
      long top = r.top != null ? r.top.frame() : mmu.monitorEntry() != 0 ? r.outer : r.pae;
      findings.require(Vmcb.CR3.get(v.vmcb()) == top, Invariant.S2, v, "CR3 is %x, the tables are at %x", Vmcb.CR3.get(v.vmcb()), top);
    }
  }

  /** Where the guest's own tables begin, by the CR3 it has. */
  private static long rootOf(ShadowMmu.Root r) {
    return switch (r.regime.format()) {
      case NONE -> r.regime.root();
      case TWO_LEVEL -> r.cr3 & 0xfffff000L;
      case PAE -> r.cr3 & 0xffffffe0L;
      case FOUR_LEVEL -> r.cr3 & ShadowPage.ADDRESS;
    };
  }

  private void pool() {
    int pages = pool.size();
    findings.require(pages == mmu.counters().pages() && pages <= pool.most(), Invariant.S3, "pool", "%d pages, counted %d, at most %d",
        pages, mmu.counters().pages(), pool.most());
    for (ShadowPage p : pool.unsynchronised()) {
      findings.require(!pool.allSynced(), Invariant.A5, p, "is out of synchrony");
      findings.require(p.key().level() == 1 && !p.key().direct(), Invariant.A4, p, "is out of synchrony");
      for (ShadowPage other : pool.tablesAt(p.key().gfn())) {
        findings.require(other.key().level() == 1, Invariant.X9, p, "is out of synchrony, and the guest's table is also %s", other);
      }
    }
  }

  // ---- one table

  private void page(ShadowPage p, boolean all) {
    findings.require(pool.unsynchronised().contains(p) == p.unsync, Invariant.A5, p, "is not counted among those out of synchrony");
    findings.require(frames.owner(p.frame()) instanceof Owner.Monitor, Invariant.O2, p, "at host %x, which belongs to %s", p.frame(),
        frames.owner(p.frame()));
    for (Slot s : p.parents) {
      findings.require(!s.page().gone && s.page().child(s.index()) == p, Invariant.S1, s, "does not lead to %s", p);
    }
    byte[] real = frames.memory().readableFrame(p.frame());
    int last = all ? ShadowPage.ENTRIES - 1 : p.lastChanged();
    for (int i = all ? 0 : p.firstChanged(); i <= last; i++) {
      long e = PhysicalMemory.get(real, 8 * i, 8);
      if (i == p.fixed()) {
        findings.require(e == mmu.monitorEntry(), Invariant.S2, new Slot(p, i), "is %x, the monitor's own is %x", e, mmu.monitorEntry());
      } else if ((e & ShadowPage.P) == 0) {
        findings.require(e == 0, Invariant.X10, new Slot(p, i), "is %x", e);
      } else if (p.key().level() == 1) {
        leaf(p, i, e);
      } else {
        link(p, i, e);
      }
    }
  }

  /** The guest's entry an entry must agree with: what it was made from while the guest may change its table unseen. */
  private long from(ShadowPage p, int index) {
    return p.unsync ? p.source(index) : pool.guestEntry(p, index);
  }

  private void present(ShadowPage p, int index, long e, long from) {
    findings.require((from & ShadowPage.P) != 0, Invariant.X1, new Slot(p, index), "is %x, the guest's entry %x", e, from);
    findings.require((from & ShadowPage.A) != 0, Invariant.X3, new Slot(p, index), "is %x, the guest's entry %x", e, from);
  }

  // ---- entries that lead to a table

  private void link(ShadowPage p, int index, long e) {
    var slot = new Slot(p, index);
    ShadowPage below = p.child(index);
    findings.require((e & PS) == 0, Invariant.X2, slot, "is %x", e);
    boolean linked = below != null && !below.gone && below.frame() == (e & ShadowPage.ADDRESS) && below.parents.contains(slot);
    findings.require(linked, Invariant.S1, slot, "is %x, the table below %s", e, below);
    findings.require((e & ~ShadowPage.ADDRESS) == UPPER, Invariant.X11, slot, "is %x", e);
    if (below == null) {
      return;
    }
    long from = p.key().direct() ? 0 : from(p, index);
    if (!p.key().direct()) {
      present(p, index, e, from);
    }
    ShadowKey key = p.key();
    List<ShadowKey> right = key.direct() ? List.of(inside(key, index, key.gfn(), key.rights())) : keys(key, index, from);
    findings.require(right.contains(below.key()), Invariant.K1, slot, "leads to %s, the guest's entry %x asks for %s", below.key(), from,
        right);
  }

  /** The key of a direct table at an entry of a large page that begins at a page. */
  private static ShadowKey inside(ShadowKey key, int index, long first, int rights) {
    int level = key.level() - 1;
    return new ShadowKey(first + ((long) index << 9 * level), level, true, 0, rights, key.mode());
  }

  /** The keys a table below may have, by the guest's entry above it: of a clean large page with and without the right to store. */
  private static List<ShadowKey> keys(ShadowKey key, int index, long from) {
    boolean two = key.format() == Paging.Format.TWO_LEVEL;
    int rights = key.rights() & ShadowMmu.own(from, key.executeDisable());
    boolean large = (from & PS) != 0 && (two ? key.pageSizes() : key.level() == 2 || key.level() == 3);
    if (!large) {
      return List.of(new ShadowKey((from & ShadowPage.ADDRESS) >>> 12, key.level() - 1, false, two ? index & 1 : 0, rights, key.mode()));
    }
    int shift = 9 * (key.level() - 1);
    long frame = two ? (from & 0xffc00000L | (from & 0x1fe000) << 19) >>> 12 : (from & ShadowPage.ADDRESS) >>> 12 >>> shift << shift;
    var clean = inside(key, two ? index & 1 : 0, frame, rights & ~ShadowKey.W | ShadowKey.CLEAN);
    return (from & ShadowPage.D) != 0 ? List.of(inside(key, two ? index & 1 : 0, frame, rights), clean) : List.of(clean);
  }

  // ---- entries that map a page

  private void leaf(ShadowPage p, int index, long e) {
    var slot = new Slot(p, index);
    long gfn = p.target(index);
    mapped++;
    findings.require((e & ~LEAF) == 0 && (e & MARKED) == MARKED, Invariant.X11, slot, "is %x", e);
    long host = gfn < 0 ? -1 : guest.memory().host(gfn << 12);
    findings.require(host == (e & ShadowPage.ADDRESS), Invariant.A1, slot, "is %x, the guest's page %x is at %x", e, gfn << 12, host);
    findings.require(frames.ownedBy(e & ShadowPage.ADDRESS, guest.id()), Invariant.O1, slot, "is %x, which belongs to %s", e,
        frames.owner(e & ShadowPage.ADDRESS));
    findings.require(pool.reverse().has(gfn, p, index), Invariant.A2, slot, "is not known to map page %x", gfn << 12);
    boolean stores = (e & ShadowPage.RW) != 0;
    findings.require(!stores || !pool.traced(gfn) && guest.memory().writable(gfn << 12), Invariant.A3, slot, "is %x, and page %x is %s", e,
        gfn << 12, pool.traced(gfn) ? "traced" : "no RAM");
    if (p.key().direct()) {
      findings.require(gfn == p.key().gfn() + index, Invariant.X8, slot, "maps page %x, not %x", gfn << 12, p.key().gfn() + index << 12);
      findings.require(!stores || !p.key().clean(), Invariant.X4, slot, "is %x, inside a large page that is not dirty", e);
      rights(p, slot, e, p.key().rights());
      return;
    }
    long from = from(p, index);
    present(p, index, e, from);
    findings.require((from & ShadowPage.ADDRESS) >>> 12 == gfn, Invariant.X8, slot, "maps page %x, the guest's entry is %x", gfn << 12,
        from);
    findings.require(!stores || (from & ShadowPage.D) != 0, Invariant.X4, slot, "is %x, the guest's entry %x", e, from);
    rights(p, slot, e, p.key().rights() & ShadowMmu.own(from, p.key().executeDisable()));
  }

  /** The rights of a leaf against what the guest's tables allow; with CR0.WP clear there are two forms of a read-only page. */
  private void rights(ShadowPage p, Slot slot, long e, int own) {
    ShadowKey key = p.key();
    boolean stores = (e & ShadowPage.RW) != 0;
    boolean raised = key.ignoresReadOnly() && stores && (own & ShadowKey.W) == 0;
    boolean user = key.lifted() || (own & ShadowKey.U) != 0 && !raised;
    boolean guarded = key.smep() && (own & ShadowKey.U) != 0 && (raised || key.lifted());
    boolean executes = (own & ShadowKey.X) != 0 && !guarded;
    findings.require(!stores || raised || (own & ShadowKey.W) != 0, Invariant.X7, slot, "is %x, the guest allows %s", e,
        ShadowKey.text(own));
    findings.require(((e & ShadowPage.US) != 0) == user, Invariant.X5, slot, "is %x, the guest allows %s", e, ShadowKey.text(own));
    findings.require(((e & ShadowPage.NX) == 0) == executes, Invariant.X6, slot, "is %x, the guest allows %s", e, ShadowKey.text(own));
  }
}
