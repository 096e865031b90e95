package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code si}. */
@Command(name = "si", description = "Execute one instruction, or COUNT; interrupts may enter",
    footerHeading = "Examples:%n", footer = {
        "  si             one instruction",
        "  si 100         a hundred; an empty line repeats it",
        "  si --cpu 1     one of processor 1; the others have their turns as always",
        "  si --all       one of whichever processor has its turn",
        "  si 5 --no-irq  no interrupt enters meanwhile",
        "  si 5 --through-exits   each exit of the guest on the way: cause, intercept, handler, emulation, injection, resume point, cost"})
public final class StepCommand extends RunningCommand {
  /** Of one step: a processor that sleeps may have many. */
  private static final long MOST_EXITS = 20;

  @Parameters(arity = "0..*", paramLabel = "COUNT", description = "how many instructions (1)")
  private List<String> count;

  @Option(names = "--cpu", paramLabel = "N", description = "of processor N (the selected one)")
  private Integer cpu;

  @Option(names = "--all", description = "of the processor that has its turn")
  private boolean all;

  @Option(names = "--no-irq", description = "hold interrupts off; HLT still waits for one")
  private boolean quiet;

  @Option(names = "--irq", description = "let them enter (the default)")
  private boolean interrupts;

  @Option(names = "--through-exits", description = "show what the monitor does at each exit")
  private boolean throughExits;

  @Override
  Stop go(Shell shell) {
    Session session = shell.session();
    if (quiet && (interrupts || all)) {
      throw new BadInput("si: --no-irq does not go with --irq or --all");
    }
    if (cpu != null) {
      session.select(cpu);
    }
    long n = Count.of(shell, count);
    session.holdInterrupts(quiet);
    try {
      return throughExits ? throughExits(shell, n) : all ? session.stepAny(n) : session.step(n);
    } finally {
      session.holdInterrupts(false);
    }
  }

  /** One by one, with what happened in the monitor after each. */
  private Stop throughExits(Shell shell, long n) {
    Session session = shell.session();
    long told = session.monitor().lastExit(session.selected());
    Stop stop = session.last();
    for (long i = 0; i < n; i++) {
      stop = all ? session.stepAny(1) : session.step(1);
      long last = session.monitor().lastExit(session.selected());
      for (long e = Math.max(told, last - MOST_EXITS) + 1; e <= last; e++) {
        shell.line(shell.text().of(session.monitor().why(session.selected(), e, session.inspect())));
      }
      told = last;
      if (!(stop instanceof Stop.Stepped)) {
        break;
      }
    }
    return stop;
  }
}
