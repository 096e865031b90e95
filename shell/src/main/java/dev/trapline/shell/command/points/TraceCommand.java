package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.EventFilter;
import dev.trapline.vm.debug.Tracing;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code trace}. */
@Command(name = "trace", description = "Print a line for each event while running: trace io|mmio|msr|cr|exc|irq|int [NUMBER] [in|out], trace off",
    footerHeading = "Examples:%n", footer = {
        "  trace io 0x60-0x64        keyboard ports; trace io out for all writes",
        "  trace exc                 every exception; trace exc pf for page faults",
        "  trace irq                 every interrupt",
        "  trace                     what is traced",
        "  trace off, trace off io   no more"})
public final class TraceCommand extends Listing {
  @Parameters(arity = "0..*", paramLabel = "EVENT", description = "io, mmio, msr, cr, exc, irq or int, as bp takes them; or off")
  private List<String> words = List.of();

  @Override
  public Object run(Shell shell) {
    Tracing tracing = shell.session().tracing();
    if (words.isEmpty()) {
      return tracing.list().stream().map(EventFilter::toString).toList();
    }
    if (words.getFirst().equals("off")) {
      tracing.remove(words.size() == 1 ? null : kind(words.get(1)));
      return null;
    }
    EventFilter filter = EventFilter.parse(kind(words.getFirst()), words.subList(1, words.size()), shell.session().names());
    tracing.to(e -> shell.line(shell.text().of(e)));
    tracing.add(filter);
    return null;
  }

  private static EventFilter.Kind kind(String word) {
    EventFilter.Kind k = EventFilter.kind(word);
    if (k == null) {
      throw new BadInput("trace " + word + ": there is io, mmio, msr, cr, exc, irq, int and off");
    }
    return k;
  }
}
