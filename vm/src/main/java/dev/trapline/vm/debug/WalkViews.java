package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.WalkStep;
import dev.trapline.vm.debug.view.WalkView;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.PageWalker;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import java.util.ArrayList;
import java.util.List;

/** Page walks, told step by step. */
final class WalkViews {
  private static final String[] LEVELS = {"", "PTE", "PDE", "PDPTE", "PML4E"};
  private final PageWalker walker;
  private final Paging paging;
  private final PhysicalMemory memory;

  /**
   * @param walker of the tables
   * @param memory that they are in, and lead to
   */
  WalkViews(PageWalker walker, Paging paging, PhysicalMemory memory) {
    this.walker = walker;
    this.paging = paging;
    this.memory = memory;
  }

  /** What a processor walks now. */
  static WalkViews of(Cpu cpu) {
    return new WalkViews(cpu.mem.walker(), cpu.mem.paging(), cpu.mem.physical());
  }

  private Walk walk(long linear, Access access, boolean user) {
    Walk walk = Walk.recording();
    walker.walk(paging, linear, access, user, true, false, walk);
    return walk;
  }

  WalkView walk(long linear) {
    Walk walk = walk(linear, Access.READ, false);
    boolean mapped = walk.fault < 0;
    PhysicalMemory.Region region = mapped ? memory.regionAt(walk.pa) : null;
    var steps = walk.steps().stream().map(s -> step(s, paging)).toList();
    return new WalkView(linear, format(paging), paging.root(), steps, mapped, mapped ? walk.pa : 0, mapped ? 1L << walk.pageShift : 0,
        mapped ? rights(walk) : "", faults(linear), region == null ? null : region.name());
  }

  private static String format(Paging paging) {
    return switch (paging.format()) {
      case NONE -> "off";
      case TWO_LEVEL -> "2-level";
      case PAE -> "PAE";
      case FOUR_LEVEL -> "4-level";
    };
  }

  private static String rights(Walk w) {
    return "r" + (w.writable ? "w" : "-") + (w.executable ? "x" : "-") + (w.user ? " user" : " supervisor") + (w.global ? " global" : "");
  }

  private static WalkStep step(Walk.Step s, Paging paging) {
    boolean two = paging.format() == Paging.Format.TWO_LEVEL && !s.nested();
    int index = (int) (s.entryAddress() & 0xfff) / (two ? 4 : 8);
    boolean leaf = s.level() == 1 || (s.entry() & 0x80) != 0 && s.level() < 4;
    long frame = s.entry() & 0x000ffffffffff000L;
    if (leaf && s.level() > 1) {
      frame &= -(1L << (s.level() == 3 ? 30 : two ? 22 : 21));
    }
    if (paging.format() == Paging.Format.PAE && !s.nested() && s.level() == 3) {
      index = (int) (s.entryAddress() >>> 3) & 3;
    }
    return new WalkStep((s.nested() ? "nested " : "") + LEVELS[s.level()], index, s.entryAddress(), s.entry(), frame, flags(s.entry(), s.level()));
  }

  private static String flags(long e, int level) {
    var out = new StringBuilder();
    String[] names = {"P", "RW", "US", "PWT", "PCD", "A", "D", level == 1 ? "PAT" : "PS", "G"};
    for (int i = 0; i < names.length; i++) {
      if ((e >>> i & 1) != 0) {
        out.append(out.isEmpty() ? "" : " ").append(names[i]);
      }
    }
    if (e < 0) {
      out.append(" NX");
    }
    return out.toString();
  }

  private List<String> faults(long linear) {
    var out = new ArrayList<String>();
    if (paging.format() == Paging.Format.NONE) {
      return out;
    }
    if (walk(linear, Access.READ, false).fault >= 0) {
      out.add("every access: #PF (" + causes(walk(linear, Access.READ, false).fault) + ")");
      return out;
    }
    for (boolean user : new boolean[] {false, true}) {
      for (Access access : Access.values()) {
        int code = walk(linear, access, user).fault;
        if (code >= 0) {
          out.add("%s %s: #PF error 0x%x (%s)".formatted(user ? "user" : "supervisor", access.name().toLowerCase(java.util.Locale.ROOT),
              code, causes(code)));
        }
      }
    }
    return out;
  }

  private static String causes(int code) {
    var out = new ArrayList<String>();
    out.add((code & Walk.PF_P) != 0 ? "rights" : "not present");
    if ((code & Walk.PF_RSVD) != 0) {
      out.add("reserved bit");
    }
    return String.join(", ", out);
  }
}
