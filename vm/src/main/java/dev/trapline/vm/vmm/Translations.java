package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.PageWalker;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.vmm.ShadowPage.Slot;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The translations of a virtual processor as the hardware has them, beside those its guest asks for: one look at shadow or nested tables,
 * the TLB, and what an audit says of them. Changes nothing.
 */
public final class Translations {
  /** How the hardware's translation of a page stands to the guest's. */
  public enum Standing {
    /** They agree. */
    SAME,
    /** They differ as they may: until the page is touched, or the guest drops its translations. */
    LAZY,
    /** They differ as they must not. */
    WRONG
  }

  /** @param why in words, empty for {@link Standing#SAME} */
  public record Verdict(Standing standing, String why) {
    static final Verdict SAME = new Verdict(Standing.SAME, "");

    static Verdict lazy(String why) {
      return new Verdict(Standing.LAZY, why);
    }
  }

  private final Guest guest;
  private final Vcpu vcpu;
  private final PhysicalMemory host;
  private final Paging hardware;
  private final Map<String, Violation> violations = new HashMap<>();
  private final Map<Long, Set<Access>> cached = new HashMap<>();

  /** Of a virtual processor as it is now. */
  public Translations(Monitor monitor, Vcpu vcpu) {
    this.guest = vcpu.guest();
    this.vcpu = vcpu;
    this.host = monitor.host().memory();
    this.hardware = hardware();
    monitor.audit(guest, AuditPlan.Level.FULL).forEach(v -> violations.putIfAbsent(v.place(), v));
    if (vcpu.technique().guestMode()) {
      monitor.host().cpu().mem.cached(vcpu.asid(), (linear, access, user, ac, frame, pa) ->
          cached.computeIfAbsent(linear, l -> EnumSet.noneOf(Access.class)).add(access));
    }
  }

  private Paging hardware() {
    var found = new ArrayList<Paging>();
    guest.mmu().tops(vcpu, (table, level) -> found.add(regime(table, level)));
    return found.isEmpty() ? Paging.OFF : found.getFirst();
  }

  private Paging regime(long table, int level) {
    if (guest.mmu() instanceof NestedMmu) {
      Paging nested = new Paging(Paging.Format.FOUR_LEVEL, table, true, false, true, false, false, Control.PHYSICAL_BITS);
      Paging g = vcpu.shell().mem.paging();
      return new Paging(g.format(), g.root(), g.wp(), g.pse(), g.nx(), g.smep(), g.smap(), g.maxPhysBits(), g.pdptes(), nested);
    }
    long cr4 = Vmcb.CR4.get(vcpu.vmcb());
    var pdptes = level == 4 ? Paging.Pdptes.NONE
        : new Paging.Pdptes(host.read(table, 8), host.read(table + 8, 8), host.read(table + 16, 8), host.read(table + 24, 8));
    return new Paging(level == 4 ? Paging.Format.FOUR_LEVEL : Paging.Format.PAE, table, true, false, true, (cr4 & Control.SMEP) != 0,
        (cr4 & Control.SMAP) != 0, Control.PHYSICAL_BITS, pdptes);
  }

  /** The regime the host's processor translates by while the guest runs; its tables are in host memory. */
  public Paging paging() {
    return hardware;
  }

  /** Walks tables in host memory. */
  public PageWalker walker() {
    return new PageWalker(host);
  }

  /** Host memory. */
  public PhysicalMemory memory() {
    return host;
  }

  /** Where a guest-physical address is in host memory, or -1. */
  public long host(long gpa) {
    return guest.memory().host(gpa);
  }

  /** Whether an address is in what the monitor keeps for itself in every address space of the guest. */
  public boolean isMonitors(long linear) {
    return !vcpu.technique().guestMode() && MonitorArea.holds(linear);
  }

  /** For which accesses the TLB has the page: letters {@code r w x}. */
  public String tlb(long linear) {
    Set<Access> kinds = cached.getOrDefault(linear & -PhysicalMemory.PAGE, Set.of());
    return (kinds.contains(Access.READ) ? "r" : "") + (kinds.contains(Access.WRITE) ? "w" : "") + (kinds.contains(Access.FETCH) ? "x" : "");
  }

  /**
   * How the hardware's translation stands to the guest's.
   *
   * @param asked what the guest's tables say: its page is there, can be stored to; null if they have none
   * @param had the same of the hardware's
   */
  public Verdict verdict(long linear, Side asked, Side had) {
    if (had == null) {
      return asked == null ? Verdict.SAME : Verdict.lazy(asked.host() < 0 ? "a device: each access is emulated" : "not touched since it was mapped");
    }
    List<Slot> path = guest.mmu() instanceof ShadowMmu s ? s.path(vcpu, linear) : List.of();
    for (Slot s : path) {
      Violation v = violations.get(s.toString());
      if (v != null) {
        return new Verdict(Standing.WRONG, v.invariant() + ": " + v.values());
      }
    }
    boolean behind = !path.isEmpty() && path.getLast().page().unsync;
    if (asked == null || asked.host() != had.host()) {
      return behind ? Verdict.lazy("the guest changed its entry: until INVLPG or a load of CR3") : new Verdict(Standing.WRONG,
          asked == null ? "the guest maps nothing here" : "the guest's page is elsewhere");
    }
    return asked.writable() && !had.writable() ? Verdict.lazy(reason(path, asked)) : Verdict.SAME;
  }

  private String reason(List<Slot> path, Side asked) {
    boolean traced = guest.mmu() instanceof ShadowMmu s && s.pool().traced(asked.guest() >>> PhysicalMemory.PAGE_SHIFT);
    return path.isEmpty() ? "ROM: stores are emulated" : traced ? "stores are traced: the page is a table"
        : "a store has to be seen first, for the dirty bit";
  }

  /**
   * One side of a translation.
   *
   * @param guest guest-physical address of the page
   * @param host host-physical address, or -1 if no memory stands there
   */
  public record Side(long guest, long host, boolean writable) {}
}
