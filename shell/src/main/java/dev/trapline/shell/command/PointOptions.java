package dev.trapline.shell.command;

import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Breakpoints;
import dev.trapline.vm.debug.Breakpoints.Kind;
import dev.trapline.vm.debug.EventFilter;
import dev.trapline.vm.debug.EventHandler;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.HitRule;
import dev.trapline.vm.debug.Reaction;
import dev.trapline.vm.debug.Scope;
import dev.trapline.vm.debug.view.TaskView;
import dev.trapline.vm.event.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** What every event takes, whether it stops, is run until or is traced. */
public final class PointOptions {
  private static final Set<String> WAYS = Set.of("r", "w", "rw", "read", "write", "any");

  @Option(names = "--if", paramLabel = "EXPR", description = "only if this is not zero: registers, memory, and value, address, info1 ... of the event")
  private String condition;

  @Option(names = "--once", description = "remove it after the first hit that counts")
  private boolean once;

  @Option(names = "--ignore", paramLabel = "N", description = "let N hits pass first")
  private long ignore;

  @Option(names = "--hits", paramLabel = "RULE", description = "which hits count: '>=10', '%%100', '==3', '<5'")
  private String hits;

  @Option(names = "--cpu", paramLabel = "N", description = "only if processor N gets there")
  private int cpu = Breakpoints.Options.ANY_CPU;

  @Option(names = "--cpl", paramLabel = "N", description = "only at this privilege level")
  private int cpl = -1;

  @Option(names = "--cr3", paramLabel = "VALUE", description = "only in the address space of this page table")
  private String cr3;

  @Option(names = "--process", paramLabel = "NAME|PID", description = "only in the address space of a Linux process")
  private String process;

  @Option(names = "--log", paramLabel = "TEMPLATE", description = "print this at a hit: 'rip={rip:x} n={rcx:d}'")
  private String log;

  @Option(names = "--do", paramLabel = "CMD", description = "execute a command at a hit")
  private String command;

  @Option(names = "--silent", description = "print nothing at a hit")
  private boolean silent;

  @Option(names = "--group", paramLabel = "NAME", description = "switch it together with others: group on|off|push NAME")
  private String group;

  @Option(names = "--pre", description = "in the stage before the access is made")
  private boolean before;

  @Option(names = "--post", description = "when it has been made (the default)")
  private boolean after;

  @Option(names = "--name", paramLabel = "NAME", description = "a name to use in place of the number")
  private String name;

  @Option(names = "--space", paramLabel = "v|l|p", description = "space of an address that names none", hidden = true)
  private String space = "v";

  /** Code that is asked at a hit, and says whether the machine stops; null for none. */
  private EventHandler handler;

  /** The same with code to be asked. */
  public PointOptions asking(EventHandler who) {
    handler = who;
    return this;
  }

  /** Everything together. */
  public Breakpoints.Options options(Shell shell, Kind kind, int bytes, boolean stops) {
    if (before && after) {
      throw new BadInput("--pre and --post are one or the other");
    }
    HitRule rule = hits == null ? null : HitRule.parse(hits);
    var reaction = new Reaction(rule, log, command, silent, stops, before, group, handler);
    return new Breakpoints.Options(kind, bytes, once, ignore, condition, name, cpu, new Scope(scope(shell), cpl, addressSpace(shell)), reaction);
  }

  /** The points of the guest that is meant, with somebody who prints and executes for them. */
  public Breakpoints points(Shell shell) {
    Breakpoints points = shell.session().breakpoints();
    points.print(e -> shell.line(shell.text().of(e)));
    points.execute(shell::execute);
    return points;
  }

  /** Of several guests each has its own points: they say whose they are. */
  private static String scope(Shell shell) {
    return shell.session().guests().several() ? shell.session().guest() : null;
  }

  private long addressSpace(Shell shell) {
    if (process == null) {
      return cr3 == null ? -1 : Expr.evaluate(cr3, shell.session().names());
    }
    for (TaskView t : shell.session().inspect().tasks(false)) {
      if (t.cr3() != 0 && (t.command().equals(process) || Integer.toString(t.pid()).equals(process))) {
        return t.cr3();
      }
    }
    throw new BadInput("--process " + process + ": no such process with memory of its own; 'ps' lists them");
  }

  /** Whether words are an event and not an address. A symbol called int or cr is meant where nothing follows it. */
  public static boolean event(Shell shell, List<String> words) {
    EventKind kind = words.isEmpty() ? null : EventKind.of(words.getFirst());
    return kind != null && !(words.size() == 1 && shell.session().symbols().address(words.getFirst()).isPresent());
  }

  /** The filter of an event that is no address. */
  public static EventFilter filter(Shell shell, List<String> words) {
    return EventFilter.parse(EventKind.of(words.getFirst()), words.subList(1, words.size()), shell.session().names());
  }

  /** Sets a point: an address, {@code exec ADDRESS}, {@code mem ADDRESS rw}, {@code io 0x3f8 out}. */
  public Object add(Shell shell, List<String> words, boolean stops) {
    if (!event(shell, words)) {
      return address(shell, String.join(" ", words), Kind.EXEC, 0, stops);
    }
    List<String> rest = words.subList(1, words.size());
    return switch (EventKind.of(words.getFirst())) {
      case EXEC -> address(shell, String.join(" ", rest), Kind.EXEC, 0, stops);
      case MEM -> memory(shell, new ArrayList<>(rest), stops);
      default -> points(shell).add(filter(shell, words), options(shell, Kind.EVENT, 0, stops));
    };
  }

  /** {@code ADDRESS[/BYTES] [r|w|rw]}. */
  private Object memory(Shell shell, List<String> words, boolean stops) {
    String way = words.isEmpty() || !WAYS.contains(words.getLast()) ? "rw" : words.removeLast();
    String place = String.join(" ", words);
    int slash = place.lastIndexOf('/');
    long bytes = slash < 0 ? 4 : Expr.evaluate(place.substring(slash + 1), shell.session().names());
    Kind kind = way.equals("r") || way.equals("read") ? Kind.READ : way.equals("w") || way.equals("write") ? Kind.WRITE : Kind.ACCESS;
    return address(shell, slash < 0 ? place : place.substring(0, slash), kind, Math.clamp(bytes, 0, 1 << 30), stops);
  }

  public Object address(Shell shell, String address, Kind kind, int bytes, boolean stops) {
    if (address.isEmpty()) {
      throw new BadInput("an address is missing: for example bp 0x101000");
    }
    if (space.length() != 1) {
      throw new BadInput("--space takes v, l or p");
    }
    Address where = Address.parse(address, space.charAt(0), shell.session().names());
    return points(shell).add(where, options(shell, kind, bytes, stops));
  }
}
