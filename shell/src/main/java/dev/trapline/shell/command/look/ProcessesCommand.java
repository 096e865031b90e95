package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ps}. */
@Command(name = "ps", description = "Processes of a Linux guest, from its memory ('symbols' first)",
    footerHeading = "Examples:%n", footer = {
        "  ps                     number, parent, state, kernel or user, CR3, processor; > is running now",
        "  ps -t                  all threads (info thread)",
        "  ps --where {!it.kernel()}",
        "  info struct task_struct 0xffffffff8e01aa40   one of them; its address is in ps --json"})
public final class ProcessesCommand extends Listing {
  @Option(names = {"-t", "--threads"}, description = "each thread, not only each process")
  private boolean threads;

  @Override
  public Object run(Shell shell) {
    return shell.session().inspect().tasks(threads);
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
