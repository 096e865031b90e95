package dev.trapline.shell.command.run;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Stop;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code expect}. */
@Command(name = "expect", description = "Run until the guest has printed a text; fail if it ends or the time is over first",
    footerHeading = "Examples:%n", footer = {
        "  expect login: --timeout 60       sixty seconds of the guest's time",
        "  expect \"Welcome\\nuser@\"          over the end of a line; control sequences do not matter",
        "  expect 'boot:' --on screen       on the text screen; without --on, the serial console and the screen",
        "  expect \"# \"                    what came since the last expected text counts too"})
public final class ExpectCommand extends RunningCommand {
  private static final int SHOWN = 3;

  @Parameters(arity = "1..*", paramLabel = "TEXT", description = "the text; \\n within \"...\" for several lines")
  private List<String> words;

  @Option(names = "--timeout", paramLabel = "SECONDS", description = "of the guest's time (as long as it takes)")
  private double seconds;

  @Option(names = "--on", paramLabel = "CONSOLE", description = "uart0 to uart3, virtio-console0 or screen")
  private String console;

  @Override
  Stop go(Shell shell) {
    if (seconds < 0) {
      throw new BadInput("--timeout " + seconds + ": seconds are expected");
    }
    var session = shell.session();
    String text = join(words);
    String name = console == null ? null : session.console(console).name();
    Stop stop = session.expect(text, name, seconds == 0 ? Long.MAX_VALUE : (long) (seconds * session.perSecond()));
    boolean here = stop instanceof Stop.Reached || shell.interactive() && stop instanceof Stop.Interrupted;
    if (here) {
      return stop;
    }
    shell.openLine();
    throw new Failure(code(stop), "expect: '" + text.replace("\n", "\\n") + "' has not appeared: " + why(stop) + "; last on "
        + (name == null ? "uart0" : name) + ": " + last(shell, name == null ? "uart0" : name));
  }

  private static int code(Stop stop) {
    return switch (stop) {
      case Stop.TripleFault t -> ExitCode.GUEST_FAULT;
      case Stop.Dead d -> ExitCode.GUEST_FAULT;
      case Stop.Broken b -> ExitCode.GUEST_FAULT;
      case Stop.Limit l -> ExitCode.LIMIT;
      default -> ExitCode.ASSERTION;
    };
  }

  private String why(Stop stop) {
    return switch (stop) {
      case Stop.Limit l when seconds > 0 -> seconds + " seconds are over";
      case Stop.Limit l -> "the limit of " + l.what() + " came first";
      case Stop.Waiting w -> "the guest waits for input";
      case Stop.Exit e -> "the guest has ended with status " + e.status();
      case Stop.Off o -> "the guest has ended: " + o.how();
      case Stop.TripleFault t -> "triple fault";
      case Stop.Broken b -> "the monitor stopped the guest";
      case Stop.Dead d -> "the guest has halted with interrupts off";
      default -> "the machine was stopped before";
    };
  }

  private static String last(Shell shell, String name) {
    List<String> lines = name.equals("screen") ? screen(shell) : shell.session().printed(name, SHOWN);
    return lines.isEmpty() ? "nothing" : String.join(" | ", lines);
  }

  private static List<String> screen(Shell shell) {
    List<String> lines = shell.session().inspect().screen().lines().stream().filter(l -> !l.isBlank()).toList();
    return lines.subList(Math.max(0, lines.size() - SHOWN), lines.size());
  }
}
