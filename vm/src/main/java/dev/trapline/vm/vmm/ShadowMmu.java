package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Shadow paging: the hardware walks tables of the monitor's, made entry by entry from the guest's when it faults. They have the 4-level
 * format while the guest is in long mode, else the PAE format, whatever the guest's own; with the guest's paging off they map real memory
 * as it is.
 *
 * <p>Upper levels of the shadow allow everything; what the guest's upper levels forbid is in the key of the pages below, so a leaf holds
 * the rights of the whole path. A dirty bit the guest has not got yet, and a page that holds a guest table, take the right to store from
 * it. CR0.WP is on in hardware whatever the guest says; see {@link #rights}.
 */
final class ShadowMmu implements Mmu {
  /** Traced stores in a row after which a table is no longer taken for one. */
  private static final int FLOOD = 3;
  private static final int LEAST_PAGES = 32;
  private static final long PTE_P = 1;
  /** Present, writable, user. */
  private static final long ENTRY = 7;
  /** Bits of CR4 that mean the same at any privilege level. */
  private static final int PASSED = Control.DE | Control.OSFXSR | Control.OSXMMEXCPT | Control.UMIP | Control.FSGSBASE | Control.OSXSAVE;
  private static final Set<Integer> INTERCEPTS = Set.of(ExitCode.CR_READ, ExitCode.CR_READ + 3, ExitCode.CR_READ + 4, ExitCode.CR_WRITE,
      ExitCode.CR_WRITE + 3, ExitCode.CR_WRITE + 4, ExitCode.INVLPG, ExitCode.TASK_SWITCH, ExitCode.EXCEPTION + Fault.PF);

  private final Guest guest;
  private final FrameTable frames;
  private final ShadowCounters counters = new ShadowCounters();
  private final ShadowPool pool;
  private final Map<Vcpu, Root> roots = new HashMap<>();
  private final Walk walk = Walk.recording();
  private boolean ownStore;
  /** A table was linked in on the way to the present fault's page. */
  private boolean linked;
  /** Of a deprivileged guest, the entry that the monitor's own tables have in all of its; else 0. */
  private long monitor;
  private final Map<Vcpu, Watch> watches = new HashMap<>();
  /** Told of the address when the guest's tables were walked for a fault, before anything is done; for tests. */
  LongConsumer walked = linear -> { };

  private record Watch(Set<Long> gfns, Runnable written) {}

  /** The top of a virtual processor's tables, and the control registers it thinks it has. */
  static final class Root {
    /** The four-entry table of the PAE format. */
    long pae;
    ShadowPage top;
    final ShadowPage[] directories = new ShadowPage[4];
    long cr0;
    long cr3;
    long cr4;
    long efer;
    Paging regime;
    /** For a deprivileged guest without tables of the 4-level format: the top above {@link #pae}. */
    long outer;
    /** See {@link ShadowKey#LIFTED}. */
    boolean lifted;
    /** What the hardware was given in their place. */
    List<Owned.Field> given = List.of();

    int mode() {
      return ShadowKey.mode(regime, lifted);
    }
  }

  ShadowMmu(Guest guest, FrameTable frames) {
    this.guest = guest;
    this.frames = frames;
    int most = (int) Math.max(LEAST_PAGES, guest.spec().machine().memory() / PhysicalMemory.PAGE / 16);
    this.pool = new ShadowPool(frames, guest.name(), most, guest.account(), counters, this::flushHardware);
    pool.guest(guest.machine().memory());
  }

  @Override
  public String name() {
    return "shadow";
  }

  ShadowCounters counters() {
    return counters;
  }

  ShadowPool pool() {
    return pool;
  }

  /** The top of a virtual processor's tables. */
  Root root(Vcpu v) {
    return roots.get(v);
  }

  /** The entry of the top-level table that is the monitor's, 0 if none is. */
  long monitorEntry() {
    return monitor;
  }

  @Override
  public void audit(AuditPlan.Level level, Findings findings) {
    new ShadowAudit(this, guest, frames, findings).run(level == AuditPlan.Level.FULL);
  }

  @Override
  public void tops(Vcpu v, TopVisitor to) {
    Root r = roots.get(v);
    if (r.regime == null) {
      return;
    }
    if (r.top != null) {
      to.top(r.top.frame(), 4);
    } else if (monitor != 0) {
      to.top(r.outer, 4);
    } else {
      to.top(r.pae, 3);
    }
  }

  /** The entries a linear address is translated by, from the top down as far as there are any. */
  List<ShadowPage.Slot> path(Vcpu v, long linear) {
    var out = new ArrayList<ShadowPage.Slot>();
    Root r = roots.get(v);
    ShadowPage p = r.top == null ? r.directories[(int) (linear >>> 30 & 3)] : r.top;
    while (p != null) {
      int i = index(linear, p.key().level());
      out.add(new ShadowPage.Slot(p, i));
      p = p.key().level() == 1 ? null : p.child(i);
    }
    return out;
  }

  /**
   * The guest's code runs at lower privilege than it thinks, by 4-level tables all the time, and with the monitor in its address space.
   *
   * @param entry of the top-level table, for the monitor's tables
   */
  void deprivilege(Vcpu v, long entry) {
    monitor = entry;
    Root r = roots.get(v);
    r.outer = frames.take(new Owner.Monitor("shadow tables of " + guest.name()));
    frames.memory().write(r.outer, 8, r.pae | ENTRY);
    frames.memory().write(r.outer + 8 * MonitorArea.SLOT, 8, monitor);
  }

  /** Lets somebody hear of stores into real pages of the guest, in place of those a virtual processor had before. */
  void watch(Vcpu v, Set<Long> gfns, Runnable written) {
    watches.put(v, new Watch(gfns, written));
    pool.watch(watches.values().stream().flatMap(w -> w.gfns().stream()).collect(Collectors.toSet()));
  }

  @Override
  public void prepare(Vcpu v) {
    Root r = new Root();
    r.pae = frames.take(new Owner.Monitor("shadow tables of " + guest.name()));
    roots.put(v, r);
  }

  @Override
  public Owned owned(Vcpu v) {
    List<Owned.Field> fields = new ArrayList<>(roots.get(v).given);
    fields.add(Owned.Field.of(Vmcb.NESTED_CTL, 0));
    return new Owned(fields, INTERCEPTS);
  }

  private void flushHardware() {
    guest.vcpus().forEach(Vcpu::flush);
    guest.account().charge(Cost.FLUSH, 1);
  }

  // ---- control registers

  @Override
  public void fetched(Vcpu v) {
    Cpu c = v.shell();
    Root r = roots.get(v);
    c.cr0 = r.cr0;
    c.cr3 = r.cr3;
    c.cr4 = r.cr4;
    c.efer = r.efer;
    c.registersRestored();
  }

  @Override
  public void controls(Vcpu v) {
    Cpu c = v.shell();
    Root r = roots.get(v);
    boolean changed = r.regime == null || (r.cr3 != c.cr3 || !r.regime.equals(c.mem.paging())) && !overlooks(r, c);
    boolean lifted = monitor != 0 && c.longMode() && c.cpl != 3;
    boolean moved = r.lifted != lifted;
    r.lifted = lifted;
    r.cr0 = c.cr0;
    r.cr3 = c.cr3;
    r.cr4 = c.cr4;
    r.efer = c.efer;
    if (changed) {
      r.regime = c.mem.paging();
      dropTranslations(v);
    }
    if (changed || moved) {
      reroot(r);
    }
    fill(v.vmcb(), c, r);
  }

  private boolean overlooks(Root r, Cpu c) {
    return pool.has(ShadowBug.OLD_TABLES) && r.regime.format() == c.mem.paging().format();
  }

  private void fill(byte[] vmcb, Cpu c, Root r) {
    if (monitor != 0) {
      deprivileged(vmcb, c, r);
      return;
    }
    long forced = Control.PG & 0xffffffffL | Control.WP;
    long cr0 = c.cr0 & ~(long) (Control.CD | Control.NW) | forced;
    // With the guest's paging off its pages are user pages here, which SMEP and SMAP must not forbid.
    long masked = r.regime.format() == Paging.Format.NONE ? Control.SMEP | Control.SMAP : 0;
    long efer = c.longMode() ? c.efer : c.efer & ~(long) Control.LME;
    r.given = List.of(Owned.Field.of(Vmcb.CR0, cr0), Owned.Field.of(Vmcb.CR4, c.cr4 & ~masked | Control.PAE),
        Owned.Field.of(Vmcb.CR3, r.top == null ? r.pae : r.top.frame()), Owned.Field.of(Vmcb.EFER, efer | Control.NXE | Control.SVME));
    r.given.forEach(f -> f.field().set(vmcb, f.value()));
  }

  private void deprivileged(byte[] vmcb, Cpu c, Root r) {
    long forced = Control.PG & 0xffffffffL | Control.WP | Control.NE | Control.PE;
    Vmcb.CR0.set(vmcb, c.cr0 & ~(long) (Control.CD | Control.NW | (r.lifted ? Control.AM : 0)) | forced);
    boolean protects = r.regime.format() != Paging.Format.NONE && !c.longMode();
    Vmcb.CR4.set(vmcb, c.cr4 & (PASSED | (protects ? Control.SMEP | Control.SMAP : 0)) | Control.PAE | Control.TSD);
    Vmcb.CR3.set(vmcb, r.top == null ? r.outer : r.top.frame());
  }

  /** CR3 was loaded, or something else happened that drops all translations of a processor. */
  @Override
  public void dropTranslations(Vcpu v) {
    counters.flushes++;
    pool.syncAll();
    v.flush();
  }

  @Override
  public void invalidate(Vcpu v, long linear) {
    counters.invalidations++;
    List<ShadowPage.Slot> path = path(v, linear);
    boolean there = !path.isEmpty() && path.getLast().page().key().level() == 1;
    if (there && pool.zap(path.getLast().page(), path.getLast().index())) {
      // Others may remember it too, and what no entry stands for any more could not be taken from them later.
      flushHardware();
    }
    v.flush();
  }

  private void reroot(Root r) {
    java.util.Arrays.fill(r.directories, null);
    for (int i = 0; i < 4; i++) {
      frames.memory().write(r.pae + 8 * i, 8, 0);
    }
    r.top = r.regime.format() == Paging.Format.FOUR_LEVEL
        ? pool.get(new ShadowKey(r.regime.root() >>> 12, 4, false, 0, ShadowKey.ALL, r.mode())) : null;
    if (r.top != null && monitor != 0) {
      r.top.fix(MonitorArea.SLOT, monitor);
    }
    if (r.top != null && pool.has(ShadowBug.HOST_SLOT)) {
      r.top.fix(MonitorArea.SLOT, r.pae | ENTRY);
    }
    for (int i = 0; i < 4 && r.regime.format() == Paging.Format.PAE && pool.has(ShadowBug.ABSENT_DIRECTORY); i++) {
      directory(r, (long) i << 30);
    }
    pin();
  }

  private void pin() {
    var held = new ArrayList<ShadowPage>();
    for (Root r : roots.values()) {
      if (r.top != null) {
        held.add(r.top);
      }
      for (ShadowPage p : r.directories) {
        if (p != null) {
          held.add(p);
        }
      }
    }
    pool.unpin(held);
  }

  // ---- stores that are not the running guest's own

  @Override
  public void stored(long gpa, int length) {
    if (!ownStore) {
      pool.stored(gpa, length);
      if (pool.watched(gpa >>> 12) || pool.watched(gpa + length - 1 >>> 12)) {
        watches.values().forEach(w -> w.written().run());
      }
    }
  }

  @Override
  public void discarded(long gpa) {
    pool.unmap(gpa >>> 12);
  }

  @Override
  public void mapChanged() {
    if (pool.has(ShadowBug.MAP_KEPT)) {
      return;
    }
    roots.values().forEach(r -> {
      r.regime = null;
      r.top = null;
      java.util.Arrays.fill(r.directories, null);
    });
    pin();
    pool.releaseAll();
    flushHardware();
    guest.vcpus().forEach(Vcpu::fetch);
  }

  // ---- faults

  @Override
  public Answer fault(Vcpu v) {
    byte[] vmcb = v.vmcb();
    long linear = Vmcb.EXITINFO2.get(vmcb);
    int error = (int) Vmcb.EXITINFO1.get(vmcb);
    Access access = (error & Walk.PF_I) != 0 ? Access.FETCH : (error & Walk.PF_W) != 0 ? Access.WRITE : Access.READ;
    boolean user = (error & Walk.PF_U) != 0;
    walkGuest(v, linear, access, user);
    long hpa = guest.memory().host(walk.pa);
    walked.accept(linear);
    if (!stillTrue(roots.get(v)) && !pool.has(ShadowBug.NO_REVALIDATION) || walk.fault >= 0 && pool.has(ShadowBug.FAULT_RETRIED)) {
      return Answer.RETRY;
    }
    if (walk.fault >= 0) {
      counters.trueFaults++;
      MonitorEvents.shadow(v, Event.Cause.TRUE, linear, error);
      Vmcb.EXITINFO1.set(vmcb, walk.fault);
      return Answer.REFLECT;
    }
    long gfn = walk.pa >>> 12;
    boolean store = access == Access.WRITE;
    if (hpa < 0 || store && !guest.memory().writable(walk.pa)) {
      counters.deviceFaults++;
      MonitorEvents.shadow(v, Event.Cause.DEVICE, linear, error);
      return Answer.EMULATE;
    }
    if (store && traced(gfn)) {
      counters.traceFaults++;
      MonitorEvents.shadow(v, Event.Cause.TRACE, linear, error);
      if (!release(gfn)) {
        return Answer.EMULATE;
      }
    } else {
      counters.hiddenFaults++;
      MonitorEvents.shadow(v, Event.Cause.HIDDEN, linear, error);
    }
    return fill(v, linear, hpa, store && !user) ? Answer.RETRY : Answer.EMULATE;
  }

  /** Whether the guest's tables are still what was walked: another processor, or a device, may have stored there. */
  private boolean stillTrue(Root r) {
    if (r.regime == null) {
      return false;
    }
    int bytes = r.regime.format() == Paging.Format.TWO_LEVEL ? 4 : 8;
    for (Walk.Step s : walk.steps()) {
      boolean register = r.regime.format() == Paging.Format.PAE && s.level() == 3;
      long now = register ? s.entry() : guest.machine().memory().read(s.entryAddress(), bytes);
      if (((now ^ s.entry()) & ~(ShadowPage.A | ShadowPage.D)) != 0) {
        return false;
      }
    }
    return true;
  }

  /** What the guest's tables say of an access; accessed and dirty bits are set there as the processor would. */
  private void walkGuest(Vcpu v, long linear, Access access, boolean user) {
    byte[] vmcb = v.vmcb();
    Cpu c = v.shell();
    boolean explicit = Vmcb.CPL.get(vmcb) != 3;
    boolean ac = explicit && (Vmcb.RFLAGS.get(vmcb) & Cpu.AC) != 0;
    ownStore = true;
    c.mem.walker().walk(roots.get(v).regime, linear, access, user, ac, true, walk);
    ownStore = false;
    if (pool.has(ShadowBug.FRAME_TRUNCATED) && walk.pageShift > 12) {
      walk.pa &= 0xffffffffL;
    }
    guest.account().charge(Cost.WALK, 1);
  }

  /** A store into a table: whether it may be made directly, the table let out of synchrony or given up. */
  private boolean release(long gfn) {
    if (pool.letOut(gfn)) {
      return true;
    }
    for (ShadowPage p : List.copyOf(pool.tablesAt(gfn))) {
      if (++p.floods >= FLOOD && !inUse(p)) {
        counters.floods++;
        pool.release(p);
      }
    }
    return !pool.traced(gfn);
  }

  private boolean inUse(ShadowPage p) {
    for (Root r : roots.values()) {
      if (r.top == p || List.of(0, 1, 2, 3).stream().anyMatch(i -> r.directories[i] == p)) {
        return true;
      }
    }
    return false;
  }

  private static int index(long linear, int level) {
    return (int) (linear >>> 12 + 9 * (level - 1)) & ShadowPage.ENTRIES - 1;
  }

  /** Puts the translation just walked into the shadow tables; false if it cannot be expressed there. */
  private boolean fill(Vcpu v, long linear, long hpa, boolean supervisorStore) {
    Root r = roots.get(v);
    linked = false;
    ShadowPage p = r.top == null ? directory(r, linear) : r.top;
    int path = ShadowKey.ALL;
    while (p.key().level() > 1) {
      path &= above(r.regime, p.key().level());
      p = below(r.regime, p, linear, path);
    }
    int own = p.key().direct() ? p.key().rights() : path & own(walk.steps().getLast().entry(), r.regime);
    int rights = rights(r.regime, own, supervisorStore);
    boolean filled = rights >= 0;
    long before = p.entry(index(linear, 1));
    rights = filled && r.lifted ? lifted(r.regime, own, rights) : rights;
    if (filled) {
      boolean stores = (rights & ShadowKey.W) != 0 && walk.dirty && guest.memory().writable(walk.pa) && !traced(walk.pa >>> 12);
      long from = p.key().direct() ? 0 : walk.steps().getLast().entry();
      rights = stores ? rights : rights & ~ShadowKey.W;
      pool.map(p, index(linear, 1), hpa, rights, walk.pa >>> 12, marked(p, index(linear, 1), from));
    }
    pin();
    // An entry that was there already did not help: the processor refused for what tables cannot express, as SMAP at an implicit access.
    return filled && (linked || p.entry(index(linear, 1)) != before);
  }

  private boolean traced(long gfn) {
    boolean own = pool.has(ShadowBug.OWN_TABLES_WRITABLE) && walk.steps().stream().anyMatch(s -> s.entryAddress() >>> 12 == gfn);
    return !own && pool.traced(gfn);
  }

  /** The guest's entry after the walk has marked it. */
  private long marked(ShadowPage p, int index, long before) {
    return p.key().direct() ? before : pool.guestEntry(p, index);
  }

  /** Rights of one guest entry. */
  private static int own(long e, Paging regime) {
    return own(e, regime.format() != Paging.Format.TWO_LEVEL && regime.nx());
  }

  /** Rights of one guest entry, with or without execute-disable. */
  static int own(long e, boolean disables) {
    boolean nx = e < 0 && disables;
    return ((e & ShadowPage.RW) != 0 ? ShadowKey.W : 0) | ((e & ShadowPage.US) != 0 ? ShadowKey.U : 0) | (nx ? 0 : ShadowKey.X);
  }

  /** Rights of the guest's entry at a level of the shadow, all if it has none there. */
  private int above(Paging regime, int level) {
    if (regime.format() == Paging.Format.PAE && level == 3) {
      return ShadowKey.ALL;
    }
    for (Walk.Step s : walk.steps()) {
      if (s.level() == level) {
        return own(s.entry(), regime);
      }
    }
    return ShadowKey.ALL;
  }

  /**
   * The leaf's rights with CR0.WP clear (which hardware never has): a supervisor store to a read-only page makes it a supervisor page that
   * can be stored to, and not be executed under SMEP; the next user access turns that back. -1 if SMAP would tell the difference.
   */
  private static int rights(Paging regime, int own, boolean supervisorStore) {
    if (regime.wp() || !supervisorStore || (own & ShadowKey.W) != 0) {
      return own;
    }
    if ((own & ShadowKey.U) == 0) {
      return own | ShadowKey.W;
    }
    if (regime.smap()) {
      return -1;
    }
    return (own | ShadowKey.W) & ~ShadowKey.U & (regime.smep() ? ~ShadowKey.X : -1);
  }

  /** In virtual supervisor mode at CPL 3: all are user pages, and SMEP forbids to execute what the guest calls one. */
  private static int lifted(Paging regime, int own, int rights) {
    return (regime.smep() && (own & ShadowKey.U) != 0 ? rights & ~ShadowKey.X : rights) | ShadowKey.U;
  }

  // ---- going down

  /** The level-2 page of the PAE format for an address. */
  private ShadowPage directory(Root r, long linear) {
    int i = (int) (linear >>> 30 & 3);
    ShadowPage p = pool.get(directoryKey(r, linear));
    if (r.directories[i] != p) {
      r.directories[i] = p;
      linked = true;
      frames.memory().write(r.pae + 8 * i, 8, p.frame() | (monitor != 0 ? ENTRY : PTE_P));
    }
    return p;
  }

  private static ShadowKey directoryKey(Root r, long linear) {
    int i = (int) (linear >>> 30 & 3);
    int mode = r.mode();
    Paging regime = r.regime;
    return switch (regime.format()) {
      case NONE -> new ShadowKey((long) i << 18, 2, true, 0, ShadowKey.ALL, mode);
      case TWO_LEVEL -> new ShadowKey(regime.root() >>> 12, 2, false, i, ShadowKey.ALL, mode);
      default -> new ShadowKey((regime.pdptes().at(i) & ShadowPage.ADDRESS) >>> 12, 2, false, 0, ShadowKey.ALL, mode);
    };
  }

  /** The page one level below for an address, linked in. */
  private ShadowPage below(Paging regime, ShadowPage p, long linear, int path) {
    ShadowPage next = pool.get(belowKey(regime, p.key(), linear, path));
    int i = index(linear, p.key().level());
    if (p.child(i) != next) {
      if (pool.zap(p, i)) {
        flushHardware();
      }
      if (!pool.has(ShadowBug.LINK_UNSYNCED)) {
        pool.syncBelow(next);
      }
      linked = true;
      p.link(i, next, p.key().direct() ? 0 : pool.guestEntry(p, i));
      if (pool.has(ShadowBug.FEW_PARENTS) && next.parents.size() > 64) {
        next.parents.removeLast();
      }
      guest.account().charge(Cost.FILL, 1);
    }
    return next;
  }

  /** The rights in the key of a table inside a large page, of the way to it and with it. */
  private int large(ShadowKey above, int path) {
    if (pool.has(ShadowBug.LARGE_RIGHTS)) {
      return ShadowKey.U;
    }
    int rights = pool.has(ShadowBug.LARGE_RIGHTS_OF_PARENT) ? above.rights() : path;
    return walk.dirty ? rights : rights & ~ShadowKey.W | ShadowKey.CLEAN;
  }

  private ShadowKey belowKey(Paging regime, ShadowKey key, long linear, int path) {
    int level = key.level() - 1;
    Walk.Step leaf = walk.steps().isEmpty() ? null : walk.steps().getLast();
    boolean large = key.direct() || leaf.level() >= key.level();
    if (large) {
      long span = (1L << 9 * level) - 1;
      int rights = key.direct() ? key.rights() : large(key, path);
      return new ShadowKey(walk.pa >>> 12 & ~span, level, true, 0, rights, key.mode());
    }
    int rights = pool.has(ShadowBug.PARENT_RIGHTS) ? ShadowKey.ALL : path;
    for (Walk.Step s : walk.steps()) {
      if (s.level() == level) {
        int quadrant = regime.format() == Paging.Format.TWO_LEVEL ? (int) (linear >>> 21 & 1) : 0;
        return new ShadowKey(s.entryAddress() >>> 12, level, false, quadrant, rights, key.mode());
      }
    }
    throw new IllegalStateException("no step of level " + level + " on the way to " + Long.toHexString(linear));
  }
}
