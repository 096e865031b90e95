package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.vmm.ShadowPage.Slot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The shadow pages of a guest: found by key, by the guest table they are made from, and by what they map; bounded in number, the one not
 * used for longest given up first.
 */
final class ShadowPool {
  private final FrameTable frames;
  private final Owner owner;
  private final Account account;
  private final ShadowCounters counters;
  private int most;
  private final Runnable flush;
  /** In the order of their last use. */
  private final Map<ShadowKey, ShadowPage> pages = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<Long, List<ShadowPage>> tables = new HashMap<>();
  private final ReverseMap reverse = new ReverseMap();
  private Set<Long> watched = Set.of();
  private final Set<ShadowBug> bugs = EnumSet.noneOf(ShadowBug.class);
  private final Set<ShadowPage> pinned = new HashSet<>();
  private final Set<ShadowPage> unsync = new java.util.LinkedHashSet<>();
  /** All translations were dropped, and no table was let out of synchrony since. */
  private boolean allSynced;

  /**
   * @param most shadow pages at once
   * @param flush drops the translations of all virtual processors before their next entry
   */
  ShadowPool(FrameTable frames, String guest, int most, Account account, ShadowCounters counters, Runnable flush) {
    this.frames = frames;
    this.owner = new Owner.Monitor("shadow tables of " + guest);
    this.most = most;
    this.account = account;
    this.counters = counters;
    this.flush = flush;
  }

  Collection<ShadowPage> pages() {
    return List.copyOf(pages.values());
  }

  /** Has a mistake; for tests. */
  void put(ShadowBug bug) {
    bugs.add(bug);
  }

  boolean has(ShadowBug bug) {
    return bugs.contains(bug);
  }

  /** Sets how many shadow pages there may be at once. */
  void bound(int pages) {
    most = pages;
  }

  /** Shadow pages there may be at once. */
  int most() {
    return most;
  }

  /** Shows every page. */
  void forEach(Consumer<ShadowPage> to) {
    pages.values().forEach(to);
  }

  /** Pages whose guest tables may be stored to unseen; not to be changed. */
  Set<ShadowPage> unsynchronised() {
    return unsync;
  }

  int size() {
    return pages.size();
  }

  ReverseMap reverse() {
    return reverse;
  }

  /** The shadow pages made from a guest table. */
  List<ShadowPage> tablesAt(long gfn) {
    return tables.getOrDefault(gfn, List.of());
  }

  /** Whether stores to a guest page must be seen. */
  boolean traced(long gfn) {
    if (watched.contains(gfn)) {
      return true;
    }
    for (ShadowPage p : tablesAt(gfn)) {
      if (!p.unsync) {
        return true;
      }
    }
    return false;
  }

  /** Stores to these guest pages must be seen too, whether or not they are tables. */
  void watch(Set<Long> gfns) {
    gfns.stream().filter(g -> !watched.contains(g)).forEach(this::protect);
    watched = Set.copyOf(gfns);
  }

  boolean watched(long gfn) {
    return watched.contains(gfn);
  }

  /** The page of a key, made if there is none; it is not given up before {@link #unpin}. */
  ShadowPage get(ShadowKey key) {
    ShadowPage p = pages.get(key);
    if (p == null) {
      p = make(key);
    }
    p.floods = 0;
    if (!has(ShadowBug.PATH_UNPINNED)) {
      pinned.add(p);
    }
    return p;
  }

  void unpin(Collection<ShadowPage> roots) {
    pinned.clear();
    if (!has(ShadowBug.ROOT_UNPINNED)) {
      pinned.addAll(roots);
    }
  }

  private ShadowPage make(ShadowKey key) {
    if (pages.size() >= most) {
      evict();
    }
    long frame = frames.take(owner);
    account.charge(Cost.TABLE, 1);
    ShadowPage p = new ShadowPage(key, frame, frames.memory().readableFrame(frame));
    pages.put(key, p);
    counters.pages++;
    if (!key.direct()) {
      tablesAt(key.gfn()).forEach(this::sync);
      tables.computeIfAbsent(key.gfn(), g -> new ArrayList<>()).add(p);
      protect(key.gfn());
    }
    return p;
  }

  private void evict() {
    for (ShadowPage p : pages.values()) {
      if (!pinned.contains(p)) {
        counters.evictions++;
        release(p);
        return;
      }
    }
    throw new IllegalStateException("all " + most + " shadow pages are in use at once");
  }

  /** Stores to a guest page fault from now on. */
  private void protect(long gfn) {
    boolean any = false;
    for (Slot s : reverse.of(gfn)) {
      if (s.page().writable(s.index())) {
        s.page().protect(s.index());
        any = true;
      }
    }
    if (any) {
      flush.run();
    }
  }

  /** Gives up a page and every way to it. */
  void release(ShadowPage p) {
    p.gone = true;
    for (int i = 0; i < ShadowPage.ENTRIES; i++) {
      zap(p, i);
    }
    List.copyOf(p.parents).forEach(s -> s.page().clear(s.index()));
    pages.remove(p.key());
    counters.pages--;
    unsync.remove(p);
    pinned.remove(p);
    if (!p.key().direct()) {
      List<ShadowPage> same = tables.get(p.key().gfn());
      same.remove(p);
      if (same.isEmpty()) {
        tables.remove(p.key().gfn());
      }
    }
    frames.release(p.frame());
    flush.run();
  }

  void releaseAll() {
    pages().forEach(this::release);
  }

  /** Maps a page at an entry of level 1. */
  void map(ShadowPage p, int index, long hpa, int rights, long gfn, long from) {
    if (p.present(index)) {
      zap(p, index);
      flush.run();
    }
    p.map(index, hpa, rights, gfn, from);
    if (!has(ShadowBug.REVERSE_FORGETS) || reverse.of(gfn).size() < 256) {
      reverse.add(gfn, p, index);
    }
    account.charge(Cost.FILL, 1);
  }

  /** Empties an entry; whether it was in use. The caller flushes. */
  boolean zap(ShadowPage p, int index) {
    if (!p.present(index)) {
      return false;
    }
    if (p.target(index) >= 0) {
      reverse.remove(p.target(index), p, index);
    }
    p.clear(index);
    account.charge(Cost.ZAP, 1);
    return true;
  }

  /** Empties every entry that maps a guest page. */
  void unmap(long gfn) {
    List<Slot> all = reverse.of(gfn);
    all.forEach(s -> zap(s.page(), s.index()));
    if (!all.isEmpty()) {
      flush.run();
    }
  }

  // ---- out of synchrony

  /** Lets the guest store into its page unseen, if all that is made from it are tables of level 1. */
  boolean letOut(long gfn) {
    if (watched.contains(gfn)) {
      return false;
    }
    List<ShadowPage> of = tablesAt(gfn);
    for (ShadowPage p : of) {
      if (p.key().level() != 1) {
        return false;
      }
    }
    for (ShadowPage p : of) {
      if (!p.unsync) {
        p.unsync = true;
        allSynced = false;
        unsync.add(p);
        counters.unsyncs++;
      }
    }
    return true;
  }

  /** Brings every page back into synchrony: what the guest changed is emptied, and its stores are traced again. */
  void syncAll() {
    List.copyOf(unsync).forEach(this::sync);
    allSynced = true;
  }

  /** Whether no table may be out of synchrony now. */
  boolean allSynced() {
    return allSynced;
  }

  /**
   * Brings a page about to be linked in, and all below it, back into synchrony: what was changed while no way led there needs no
   * invalidation by the guest (SDM 3A 4.10.4.3, entries that were not present).
   */
  void syncBelow(ShadowPage top) {
    List.copyOf(unsync).stream().filter(p -> under(p, top)).forEach(this::sync);
  }

  private static boolean under(ShadowPage p, ShadowPage top) {
    return p == top || p.parents.stream().anyMatch(s -> under(s.page(), top));
  }

  private void sync(ShadowPage p) {
    if (!p.unsync) {
      return;
    }
    p.unsync = false;
    unsync.remove(p);
    counters.syncs++;
    if (!has(ShadowBug.SYNC_UNPROTECTED)) {
      protect(p.key().gfn());
    }
    boolean any = false;
    for (int i = 0; i < ShadowPage.ENTRIES; i++) {
      any |= p.present(i) && guestEntry(p, i) != p.source(i) && zap(p, i);
    }
    if (any) {
      flush.run();
    }
  }

  private PhysicalMemory guest;

  /** Whose tables are shadowed. */
  void guest(PhysicalMemory memory) {
    this.guest = memory;
  }

  /** The guest's entry behind an entry, as it is now. */
  long guestEntry(ShadowPage p, int index) {
    return guest.read(p.guestEntry(index), p.key().entryBytes());
  }

  /** The guest stored into a page: entries made from what changed are emptied. */
  void stored(long gpa, int length) {
    boolean any = false;
    for (ShadowPage p : List.copyOf(tablesAt(gpa >>> 12))) {
      for (int i = 0; i < ShadowPage.ENTRIES; i++) {
        long at = p.guestEntry(i);
        int seen = has(ShadowBug.ONE_ENTRY_STORED) ? 1 : length;
        boolean touched = at < gpa + seen && at + p.key().entryBytes() > gpa;
        any |= touched && p.present(i) && guestEntry(p, i) != p.source(i) && zap(p, i);
      }
    }
    if (any) {
      flush.run();
    }
  }
}
