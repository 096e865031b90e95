package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.Sizes;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.view.BalloonView;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code balloon}. */
@Command(name = "balloon", description = "Memory guests give up, and ask one for some: balloon [GUEST] [SIZE]",
    footerHeading = "Examples:%n", footer = {
        "  balloon            who was asked for how much and has given how much, and what the guest says of its memory",
        "  balloon 64M        the current guest is to do without 64 MiB from now on; balloon 0 lets it have all again",
        "  balloon web 64M    the same for a guest by name or number; its driver gives pages as soon as it can"})
public final class BalloonCommand extends Listing {
  @Parameters(arity = "0..2", paramLabel = "GUEST SIZE", description = "a guest, how much memory it is to do without")
  private List<String> words = List.of();

  @Override
  public Object run(Shell shell) {
    List<BalloonView> all = shell.session().monitor().balloons();
    if (words.isEmpty()) {
      return all;
    }
    boolean named = words.size() == 2 || !Sizes.isOne(words.getFirst());
    var monitor = named ? shell.session().guests().session(words.getFirst()).monitor() : shell.session().monitor();
    if (words.size() == 2 || !named) {
      monitor.balloon(Sizes.bytes("balloon", words.getLast()));
    }
    List<BalloonView> one = monitor.balloons().stream().filter(b -> b.guest().equals(monitor.name())).toList();
    if (one.isEmpty()) {
      throw new BadInput("guest " + monitor.name() + " has no balloon: start it with --balloon");
    }
    return one;
  }
}
