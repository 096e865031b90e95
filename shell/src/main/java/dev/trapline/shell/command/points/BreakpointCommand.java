package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.Breakpoints;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.view.BreakpointView;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bp}. */
@Command(name = "bp", description = "Set, list and switch breakpoints: bp ADDRESS, bp add|ls|rm|on|off|ignore",
    subcommands = {BreakpointCommand.Add.class, BreakpointCommand.Ls.class, BreakpointCommand.Rm.class, BreakpointCommand.On.class,
        BreakpointCommand.Off.class, BreakpointCommand.Ignore.class},
    footerHeading = "Examples:%n", footer = {
        "  bp 0x101000               stop before the instruction there (b and bp add do the same)",
        "  bp 0x8:0x1000             by selector and offset",
        "  bp main.c:12              where the code of a source line begins, if the image has lines (DWARF)",
        "  bp p:0x101000             by physical address, whatever maps it",
        "  bp main --if 'rax == 5'   only if the expression is not zero",
        "  bp io 0x3f8 out           after an OUT; a range: bp io 0x3f8-0x3ff; both ways without a word",
        "  bp mmio 0xfee00000        after a load or store that a device answers; read, write",
        "  bp msr efer write         after RDMSR or WRMSR, by name or number",
        "  bp cr 3                   after a control register was written",
        "  bp exc pf, bp irq 0x20    before a handler's first instruction; bp int 0x80 for INT n",
        "  bp mem 0x4000/8 w         after a store to eight bytes; r, rw",
        "  bp exit npf --if 'info2 < 0x1000'   after the monitor has handled an exit; bp entry, bp switch save, bp shadow true",
        "  bp cr3, bp mode long64, bp task, bp dr 7, bp dma write   what changes the processor's world",
        "  bp console login:         after a line with this text",
        "  bp insn cpuid             before every CPUID",
        "  bp count 1000000, bp count %%1000000     at an instruction count, at each multiple",
        "  bp io 0x60 in --pre       before the access is made",
        "  bp main --hits '>=10' --cpl 0 --log 'ecx={ecx:d}' --do 'bt'   from the tenth hit in the kernel on",
        "  bp main --group boot      switched with others: group off boot",
        "A hit is taken in this order: it is counted (--hits), the condition is evaluated (--if), --ignore used up, --log printed,",
        "--do executed, then the machine stops.",
        "  tb main                   once (bp exc gp --once)",
        "  bl, be 1, bd 1, bc 1      list, enable, disable, delete (bp ls, on, off, rm)"})
public final class BreakpointCommand extends PointSetting {
  @Parameters(arity = "0..*", paramLabel = "ADDRESS",
      description = "[v:|l:|p:]address, seg:off, a symbol, FILE:LINE, or a kind of event and which: io 0x3f8 out, exit npf")
  private List<String> address;

  @Override
  public Object run(Shell shell) {
    if (address == null) {
      return all(shell);
    }
    return options.add(shell, address, true);
  }

  /** {@code bp add}. */
  @Command(name = "add", description = "Set a breakpoint")
  public static final class Add extends PointSetting {
    @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "[v:|l:|p:]address, seg:off, or a symbol")
    private List<String> address;

    @Override
    public Object run(Shell shell) {
      return options.add(shell, address, true);
    }
  }

  /** {@code bp ls}. */
  @Command(name = "ls", description = "List breakpoints and watchpoints")
  public static final class Ls extends Listing {
    @Override
    public Object run(Shell shell) {
      return all(shell);
    }
  }

  /** Those of all guests, by number. */
  private static List<BreakpointView> all(Shell shell) {
    return shell.session().guests().sessions().stream().flatMap(s -> s.breakpoints().list().stream())
        .sorted(Comparator.comparingInt(BreakpointView::id)).toList();
  }

  /** The points of the guest that has one of this number or name; the current one's if none has. */
  private static Breakpoints having(Shell shell, String id) {
    return shell.session().guests().sessions().stream().map(Session::breakpoints)
        .filter(p -> p.list().stream().anyMatch(b -> id.equals(b.name()) || id.equals(Integer.toString(b.id())))).findFirst()
        .orElse(shell.session().breakpoints());
  }

  /** What is done to some of them. */
  abstract static class Some extends ShellCommand {
    @Parameters(arity = "0..*", paramLabel = "ID", description = "numbers or names; none for all")
    private List<String> ids;

    abstract void one(Breakpoints points, int id);

    @Override
    public final Object run(Shell shell) {
      if (ids == null) {
        for (Session s : shell.session().guests().sessions()) {
          s.breakpoints().list().forEach(b -> one(s.breakpoints(), b.id()));
        }
        return null;
      }
      ids.forEach(id -> having(shell, id).id(id));
      ids.forEach(id -> one(having(shell, id), having(shell, id).id(id)));
      return null;
    }
  }

  /** {@code bp rm}. */
  @Command(name = "rm", description = "Delete breakpoints; without an id, all")
  public static final class Rm extends Some {
    @Override
    void one(Breakpoints points, int id) {
      points.remove(id);
    }
  }

  /** {@code bp on}. */
  @Command(name = "on", description = "Enable breakpoints; without an id, all")
  public static final class On extends Some {
    @Override
    void one(Breakpoints points, int id) {
      points.enable(id, true);
    }
  }

  /** {@code bp off}. */
  @Command(name = "off", description = "Disable breakpoints; without an id, all")
  public static final class Off extends Some {
    @Override
    void one(Breakpoints points, int id) {
      points.enable(id, false);
    }
  }

  /** {@code bp ignore}. */
  @Command(name = "ignore", description = "Let the next N hits of a breakpoint pass")
  public static final class Ignore extends ShellCommand {
    @Parameters(index = "0", paramLabel = "ID", description = "number or name")
    private String id;

    @Parameters(index = "1", paramLabel = "N", description = "how many hits")
    private long hits;

    @Override
    public Object run(Shell shell) {
      having(shell, id).ignore(having(shell, id).id(id), hits);
      return null;
    }
  }
}
