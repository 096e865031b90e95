package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.paging.AddressSpace;
import dev.trapline.vm.debug.paging.Difference;
import dev.trapline.vm.debug.paging.Mapping;
import dev.trapline.vm.debug.view.AliasView;
import dev.trapline.vm.debug.view.BothView;
import dev.trapline.vm.debug.view.TaskView;
import dev.trapline.vm.debug.view.TranslationView;
import dev.trapline.vm.debug.view.WalkView;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.vmm.Translations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Address spaces as a whole, as one processor has them or as other tables of its guest would give them. Looking changes nothing. */
public final class PageTables {
  private static final long LEAST_USER_ROOT = 0x1000;
  private static final long PAGE = 4096;

  private final Supplier<Inspector> inspector;
  private final Supplier<Optional<Translations>> hardware;
  private final Map<String, List<Mapping>> saved = new HashMap<>();

  /** @param hardware what the hardware has for the selected processor; empty if that is no guest's */
  PageTables(Supplier<Inspector> inspector, Supplier<Optional<Translations>> hardware) {
    this.inspector = inspector;
    this.hardware = hardware;
  }

  private Cpu cpu() {
    return inspector.get().cpu();
  }

  /**
   * The address space of some tables.
   *
   * @param root value of CR3, or null for the one in use
   */
  public AddressSpace space(Long root) {
    Paging now = cpu().mem.paging();
    if (now.format() == Paging.Format.NONE) {
      throw new BadInput("paging is off: linear addresses are physical ones");
    }
    return new AddressSpace(cpu().mem.walker(), root == null ? now : with(now, root));
  }

  private Paging with(Paging p, long root) {
    if (root >>> p.maxPhysBits() != 0 || cpu().mem.physical().regionAt(root) == null) {
      throw new BadInput("0x" + Long.toHexString(root) + " is no value of CR3: no memory is there");
    }
    long mask = p.format() == Paging.Format.PAE ? ~31L : ~0xfffL;
    boolean pae = p.format() == Paging.Format.PAE;
    var pdptes = pae ? new Paging.Pdptes(entry(root & mask), entry((root & mask) + 8), entry((root & mask) + 16), entry((root & mask) + 24))
        : Paging.Pdptes.NONE;
    return new Paging(p.format(), root & mask, p.wp(), p.pse(), p.nx(), p.smep(), p.smap(), p.maxPhysBits(), pdptes, p.nested());
  }

  private long entry(long pa) {
    return inspector.get().spaces().read(new Address.Physical(pa), 8);
  }

  /** The value of CR3 of a process of a Linux guest; {@link BadInput} if there is none of the number. */
  public long root(int pid) {
    TaskView task = inspector.get().tasks(false).stream().filter(t -> t.pid() == pid).findFirst()
        .orElseThrow(() -> new BadInput("no process " + pid + ": 'ps' lists them"));
    if (task.cr3() == 0) {
      throw new BadInput("process " + pid + " is a kernel thread: it has no tables of its own");
    }
    return task.cr3();
  }

  /** A translation step by step in every table that takes part in it: the guest's, and under a monitor the hardware's. */
  public TranslationView walk(Address address) {
    long linear = inspector.get().linear(address);
    WalkView asked = inspector.get().walk(address);
    return hardware.get().map(now -> translation(now, linear, asked)).orElse(new TranslationView(asked, null, -1, "", "", ""));
  }

  private TranslationView translation(Translations now, long linear, WalkView asked) {
    WalkView had = new WalkViews(now.walker(), now.paging(), now.memory()).walk(linear);
    BothView both = this.both(linear & -PAGE, linear | PAGE - 1, false).stream().findFirst().orElse(null);
    long host = asked.mapped() ? now.host(asked.physical()) : -1;
    return new TranslationView(asked, had, host, now.tlb(linear), both == null ? "same" : both.standing(), both == null ? "" : both.why());
  }

  /** Every virtual address that leads to a physical one: in the tables in use, and in those of a Linux guest's processes if asked for. */
  public List<AliasView> aliases(long physical, boolean processes) {
    var out = new ArrayList<AliasView>();
    aliases(out, "in use", space(null), physical);
    if (processes) {
      for (TaskView t : inspector.get().tasks(false)) {
        if (Long.compareUnsigned(t.cr3(), LEAST_USER_ROOT) >= 0) {
          aliases(out, t.pid() + " " + t.command(), space(t.cr3()), physical);
        }
      }
    }
    return out;
  }

  private void aliases(List<AliasView> out, String whose, AddressSpace space, long physical) {
    Symbols symbols = inspector.get().symbolTable();
    for (Mapping m : space.pages(0, space.last(), m -> m.holds(physical))) {
      long linear = m.linear() + physical - m.physical();
      Symbols.Near near = symbols.near(linear);
      out.add(new AliasView(whose, linear, m.pageBytes(), m.rights().toString(), m.accessed(), m.dirty(), near == null ? "" : near.toString()));
    }
  }

  /**
   * The guest's translations beside the hardware's, neighbouring pages alike as one row.
   *
   * @param differing only where they differ
   * @throws BadInput if the machine is bare
   */
  public List<BothView> both(long from, Long last, boolean differing) {
    Translations now = hardware.get().orElseThrow(() -> new BadInput("pt both: there is one set of tables only, this is the bare machine"));
    boolean paged = cpu().mem.paging().format() != Paging.Format.NONE;
    AddressSpace asked = new AddressSpace(cpu().mem.walker(), cpu().mem.paging());
    AddressSpace had = new AddressSpace(now.walker(), now.paging());
    long end = last == null ? asked.last() : last;
    List<Mapping> guests = paged ? asked.pages(from, end) : List.of();
    List<Mapping> hosts = had.pages(from, end, m -> !now.isMonitors(m.linear()));
    return new SideBySide(now, asked, guests, hosts).rows(differing);
  }

  /** Keeps what is mapped now under a name; how many pages those are. */
  public int save(String name) {
    List<Mapping> pages = space(null).pages();
    saved.put(name, pages);
    return pages.size();
  }

  /** What changed since {@link #save}; {@link BadInput} if nothing has the name. */
  public List<Difference> since(String name) {
    List<Mapping> before = saved.get(name);
    if (before == null) {
      throw new BadInput(saved.isEmpty() ? "nothing is saved: 'pt save NAME' keeps what is mapped now"
          : "no listing '" + name + "': there is " + String.join(", ", saved.keySet().stream().sorted().toList()));
    }
    return Difference.between(before, space(null).pages());
  }

  /** Names that {@link #since} takes. */
  public List<String> saved() {
    return saved.keySet().stream().sorted().toList();
  }
}
