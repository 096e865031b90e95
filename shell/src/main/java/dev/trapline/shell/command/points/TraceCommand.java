package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.event.EventKind;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code trace}. */
@Command(name = "trace", description = "Print a line for each event while running, and go on: trace KIND [WHICH] [in|out], trace off",
    footerHeading = "Examples:%n", footer = {
        "  trace io 0x60-0x64        keyboard ports; trace io out for all writes",
        "  trace exc                 every exception; trace exc pf for page faults",
        "  trace irq                 every interrupt",
        "  trace exit npf            nested page faults; trace exit for all that leave a guest",
        "  trace switch              the steps of each world switch",
        "  trace exec main --log 'main({ecx:d}) at #{count:d}'   what a template makes of it",
        "  trace mem 0x4000/8 w --hits '%%100'      every hundredth store to eight bytes",
        "  trace                     what is traced",
        "  trace off, trace off io   no more"})
public final class TraceCommand extends PointSetting {
  @Parameters(arity = "0..*", paramLabel = "EVENT", description = "an address, or a kind of event and which, as bp takes them; or off")
  private List<String> words = List.of();

  @Override
  public Object run(Shell shell) {
    if (words.isEmpty()) {
      return shell.session().breakpoints().list().stream().filter(b -> b.action().equals("trace")).toList();
    }
    if (words.getFirst().equals("off")) {
      off(shell);
      return null;
    }
    return options.add(shell, words, false) instanceof BreakpointView set ? set : null;
  }

  private void off(Shell shell) {
    String word = words.size() == 1 ? null : words.get(1);
    if (word != null && EventKind.of(word) == null) {
      throw new BadInput("trace off " + word + ": a kind of event is expected, as in trace off io");
    }
    var points = shell.session().breakpoints();
    points.list().stream().filter(b -> b.action().equals("trace") && (word == null || kind(b).equals(word))).forEach(b -> points.remove(b.id()));
  }

  private static String kind(BreakpointView b) {
    boolean memory = b.kind().equals("read") || b.kind().equals("write") || b.kind().equals("access");
    return memory ? EventKind.MEM.word() : b.kind();
  }
}
