package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.console.PipeConsole;
import dev.trapline.shell.console.RealTime;
import dev.trapline.shell.console.TerminalConsole;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code boot}: a machine whose serial console is our standard input and output. */
@Command(name = "trapline boot", description = "Run a machine with its serial console on standard input and output.",
    usageHelpWidth = 100,
    footerHeading = "%nExit status: what the guest wrote to isa-debug-exit as (value << 1) | 1; 0 when --until appeared or"
        + "%nthe guest switched off; 3 after a triple fault; 4 when a limit came first; 5 when a --replay diverged; 6 when the guest halted"
        + "%nfor ever (HLT with interrupts off).%n", footer = {"Examples:",
        "  trapline boot --kernel guestbench.elf --append scale=1 --stats",
        "  trapline boot --kernel vmlinuz --mem 256M --until 'login:' --timeout 60",
        "  trapline boot --kernel ~/.cache/trapline/guests/debian-686/linux --mem 256M \\\\",
        "    --initrd ~/.cache/trapline/guests/busybox-i386.cpio.gz --append 'console=ttyS0 tl.shell'",
        "  trapline boot --technique hvm --paging nested --kernel vmlinuz --until 'login:'   (not by shadow tables)",
        "  trapline boot --bare --kernel vmlinuz --until 'login:'   (without a monitor)",
        "  trapline boot --machine scripts/machines/two-guests.groovy --stats",
        "  trapline boot ... --disk disk.qcow2,if=virtio,write --cdrom debian.iso --nic net --rng"})
final class BootProgram implements Program {
  @Mixin
  private final MachineOptions machine = new MachineOptions();

  @Mixin
  private final SaveOptions saves = new SaveOptions();

  @Option(names = "--until", paramLabel = "TEXT", description = "leave with 0 when the console or the screen has shown this;\nof several guests, when each of them has")
  private String until;

  @Option(names = "--timeout", paramLabel = "SECONDS", description = "leave with 4 after so much time of the host")
  private double timeout;

  @Option(names = "--limit", paramLabel = "N", description = "leave with 4 after so many instructions")
  private long limit;

  @Option(names = "--pace", description = "a waiting guest takes real time, as on a terminal without --until, --limit, --timeout")
  private boolean pace;

  @Option(names = "--no-reboot", description = "leave with 0 when the guest resets the machine, which otherwise starts again")
  private boolean noReboot;

  @Option(names = "--debugcon", paramLabel = "FILE|-", description = "what the guest writes to ports 0xe9 and 0x402: to a file, or here")
  private String debugConsole;

  @Option(names = "--stats", description = "end with a report on standard error: instructions, host seconds,\n"
      + "and of each guest its exits by reason and the monitor's overheads")
  private boolean stats;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this")
  private boolean help;

  private static final String CONSOLE = "uart0";
  /** Null for one guest or the bare machine. */
  private GroupBoot group;
  private volatile boolean timedOut;

  @Override
  public int run() {
    if (timeout < 0 || limit < 0) {
      throw new BadInput("--timeout and --limit take positive numbers");
    }
    Session session = saves.openMonitored(machine);
    session.limit(limit);
    session.stopAtReset(noReboot);
    group = session.guests().several() ? new GroupBoot(session.guests(), until) : null;
    if (group != null) {
      GroupBoot.refuse("--debugcon", debugConsole != null);
    }
    Statistics statistics = stats ? new Statistics(session) : null;
    try {
      return connected(session);
    } finally {
      session.saves().stopRecording();
      if (machine.showsScreen()) {
        System.out.println(session.inspect().screen().text());
      }
      if (stats) {
        // The guest's text may end in the middle of a line.
        System.err.println((until == null ? "" : System.lineSeparator()) + statistics.text());
      }
    }
  }

  /** Runs with the console connected and the clock watched. */
  private int connected(Session session) {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    try (DebugConsole debug = new DebugConsole(debugConsole)) {
      session.onDebugConsole(debug::accept);
      if (timeout > 0) {
        clock.schedule(() -> timeOut(session), (long) (timeout * 1e9), TimeUnit.NANOSECONDS);
      }
      Console console = System.console();
      return console != null && console.isTerminal() ? atTerminal(session, clock) : inPipe(session);
    } finally {
      clock.shutdownNow();
    }
  }

  private int inPipe(Session session) {
    session.pacing(pace ? new RealTime(session.perSecond()) : null);
    return status(new PipeConsole(saves.replays() ? InputStream.nullInputStream() : System.in, System.out)
        .run(session, CONSOLE, () -> go(session), () -> timedOut), session);
  }

  /** The serial console, and the shell after Ctrl-]. */
  private int atTerminal(Session session, ScheduledExecutorService clock) {
    boolean batch = until != null || timeout > 0 || limit > 0;
    session.pacing(pace || !batch ? new RealTime(session.perSecond()) : null);
    try (Terminal terminal = InteractiveShell.terminal()) {
      TerminalConsole console = new TerminalConsole(terminal);
      ColorMode color = ColorMode.AUTO;
      Style style = color.style(!terminal.getType().startsWith(Terminal.TYPE_DUMB), System.getenv("NO_COLOR"));
      if (group != null) {
        terminal.writer().println("(Ctrl-] and a digit chooses a guest for your keys, 0 shows all, Ctrl-] alone leads to the shell)");
        terminal.flush();
      }
      Stop stop = group == null ? console.raw(session, CONSOLE, () -> go(session), () -> timedOut, style)
          : console.group(session, () -> go(session), () -> timedOut, style, false);
      if (!console.left()) {
        console.end();
        return status(stop, session);
      }
      clock.shutdownNow();
      session.pacing(null);
      InteractiveShell shell = new InteractiveShell(session, terminal, color, true);
      shell.stopped();
      shell.run();
      return ExitCode.OK;
    } catch (IOException broken) {
      throw new BadInput("the terminal: " + broken.getMessage());
    }
  }

  private Stop go(Session session) {
    return group != null ? group.go() : until == null ? session.resume() : session.expect(until, null, Long.MAX_VALUE);
  }

  private void timeOut(Session session) {
    timedOut = true;
    session.guests().current().interrupt();
  }

  private int status(Stop stop, Session session) {
    if (group != null) {
      group.summary(System.out);
      return group.status(stop, timedOut ? "the time limit of " + timeout + " seconds came first"
          : "the limit of " + limit + " instructions came first");
    }
    if (saves.replays() && stop.finished() && session.saves().replaying()) {
      throw new Failure(ExitCode.DIVERGED, "the run does not follow its journal: it ended before all its inputs had come");
    }
    return status(stop);
  }

  private int status(Stop stop) {
    return switch (stop) {
      case Stop.Diverged d -> throw new Failure(ExitCode.DIVERGED, d.how());
      case Stop.Exit e -> e.status();
      case Stop.Off o -> ExitCode.OK;
      case Stop.Reached r -> ExitCode.OK;
      case Stop.TripleFault t -> throw new Failure(ExitCode.GUEST_FAULT, "triple fault at " + hex(t));
      case Stop.Broken b -> throw new Failure(ExitCode.GUEST_FAULT, "the monitor stopped the guest: " + b.why());
      case Stop.Dead d -> throw new Failure(ExitCode.HALTED, "the guest halted for ever: HLT with interrupts off at " + hex(d));
      case Stop.Limit l -> throw new Failure(ExitCode.LIMIT, "the limit of " + limit + " instructions came first");
      case Stop.Interrupted i when !timedOut -> ExitCode.OK;
      case Stop.Interrupted i -> throw new Failure(ExitCode.LIMIT, "the time limit of " + timeout + " seconds came first");
      case Stop.Waiting w when timedOut -> throw new Failure(ExitCode.LIMIT, "the time limit of " + timeout + " seconds came first");
      case Stop.Waiting w -> until == null ? ExitCode.OK : fail();
      default -> ExitCode.OK;
    };
  }

  private int fail() {
    throw new Failure(ExitCode.LIMIT, "the guest waits for input and '" + until + "' has not appeared");
  }

  private static String hex(Stop stop) {
    return "0x" + Long.toHexString(stop.at().linear()) + (stop.at().symbol() == null ? "" : " <" + stop.at().symbol() + ">");
  }
}
