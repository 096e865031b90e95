package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.render.Text;
import dev.trapline.shell.script.MachineFile;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.GuestPlan;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine;

/** Boots the guests of a machine description and shows what each prints, line by line under its name. */
final class GroupBoot {
  /** Instructions between two looks at the clock. */
  private static final long TURN = 50_000_000;

  private final GuestGroup group;
  private final PrintStream out;

  /** @throws BadInput if the description or a guest in it cannot be used */
  GroupBoot(Path file, PrintStream out) {
    this.group = group(MachineFile.read(file, cache()));
    this.out = out;
    int width = group.names().stream().mapToInt(String::length).max().orElse(0);
    for (int i = 0; i < group.names().size(); i++) {
      String name = group.names().get(i);
      group.console(name, new GuestLines(name, width, i, out));
    }
  }

  /** The guests of a description. */
  static GuestGroup group(MachineFile.Description d) {
    long memory = d.memory().isEmpty() ? 0 : MachineOptions.bytes(d.memory());
    return new GuestGroup(memory, d.scheduler(), IntStream.range(0, d.guests().size()).mapToObj(i -> plan(d.guests().get(i), i)).toList());
  }

  /** Where fetched guests are. */
  static Path cache() {
    String folder = System.getenv("TRAPLINE_CACHE");
    Path root = folder == null || folder.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache", "trapline") : Path.of(folder);
    return root.resolve("guests");
  }

  /** What {@code boot} would make of the same options. */
  private static GuestPlan plan(MachineFile.GuestText guest, int number) {
    var options = new MachineOptions();
    options.guest(number);
    try {
      new CommandLine(options).parseArgs(guest.arguments().toArray(String[]::new));
      return new GuestPlan(guest.name(), options.config(), options.image(), options.asGuest(), guest.weight(), guest.cap());
    } catch (CommandLine.ParameterException | BadInput wrong) {
      throw new BadInput("guest " + guest.name() + ": " + wrong.getMessage());
    }
  }

  /**
   * Runs until all guests have ended.
   *
   * @param limit instructions of the host, 0 for none
   * @param seconds of the host's clock, 0 for none
   */
  int run(long limit, double seconds, boolean stats) {
    long begun = System.nanoTime();
    boolean alive = true;
    boolean over = false;
    while (alive && !over) {
      alive = group.run(limit == 0 ? TURN : Math.min(TURN, limit - group.time()));
      over = limit > 0 && group.time() >= limit || seconds > 0 && System.nanoTime() - begun > seconds * 1e9;
    }
    double took = (System.nanoTime() - begun) / 1e9;
    summary();
    if (stats) {
      System.err.printf("%d instructions, %d idle, %.3f seconds, %.1f MIPS%n", group.time(), group.idle(), took, group.time() / took / 1e6);
    }
    if (alive) {
      throw new Failure(ExitCode.LIMIT, "a limit came first");
    }
    return ended();
  }

  private void summary() {
    out.println();
    group.names().forEach(n -> out.println(n + ": " + (group.end(n).isEmpty() ? "still running" : group.end(n))));
    out.println(new Text(Style.PLAIN).of(group.views(group.names().getFirst()).guests()));
  }

  private int ended() {
    List<String> badly = group.names().stream().filter(n -> !group.endedWell(n)).toList();
    if (!badly.isEmpty()) {
      throw new Failure(ExitCode.GUEST_FAULT, String.join(", ", badly) + " did not end by itself");
    }
    return ExitCode.OK;
  }
}
