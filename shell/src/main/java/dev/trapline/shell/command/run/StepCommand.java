package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
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
        "  si --all       one of whichever processor has its turn"})
public final class StepCommand extends RunningCommand {
  @Parameters(arity = "0..*", paramLabel = "COUNT", description = "how many instructions (1)")
  private List<String> count;

  @Option(names = "--cpu", paramLabel = "N", description = "of processor N (the selected one)")
  private Integer cpu;

  @Option(names = "--all", description = "of the processor that has its turn")
  private boolean all;

  @Override
  Stop go(Shell shell) {
    if (cpu != null) {
      shell.session().select(cpu);
    }
    if (all) {
      return shell.session().stepAny(Count.of(shell, count));
    }
    return shell.session().step(Count.of(shell, count));
  }
}
