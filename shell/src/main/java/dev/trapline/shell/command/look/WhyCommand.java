package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code why}. */
@Command(name = "why", description = "Tell what led to an exit of a guest, what the monitor did, and what it cost",
    footerHeading = "Examples:%n", footer = {
        "  why              the last exit: cause, intercept, handler, emulation, injection, resume point, cost",
        "  why #12          the twelfth of the processor; the last 4,096 are kept",
        "  why -1           the one before the last"})
public final class WhyCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "#N", description = "number of the exit; negative from the last back")
  private String number;

  @Option(names = "--cpu", paramLabel = "N", description = "of virtual processor N (the selected one)")
  private Integer cpu;

  @Override
  public Object run(Shell shell) {
    var session = shell.session();
    int processor = cpu == null ? session.selected() : cpu;
    long last = session.monitor().lastExit(processor);
    if (number == null) {
      return session.monitor().why(processor, last, session.inspect());
    }
    boolean back = number.startsWith("-");
    long n = Numbers.parse(number.replaceFirst("^[#-]", ""), 10)
        .orElseThrow(() -> new BadInput("'" + number + "' is no number of an exit: write why #12"));
    return session.monitor().why(processor, back ? last - n : n, session.inspect());
  }
}
