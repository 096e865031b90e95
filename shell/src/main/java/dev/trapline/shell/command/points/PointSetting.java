package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Breakpoints;
import dev.trapline.vm.debug.Breakpoints.Kind;
import dev.trapline.vm.debug.EventFilter;
import java.util.List;
import picocli.CommandLine.Option;

/** What setting a breakpoint or watchpoint takes. */
abstract class PointSetting extends Listing {
  @Option(names = "--if", paramLabel = "EXPR", description = "stop only if this is not zero")
  private String condition;

  @Option(names = "--once", description = "remove it when it stops the machine")
  private boolean once;

  @Option(names = "--ignore", paramLabel = "N", description = "let N hits pass first")
  private long ignore;

  @Option(names = "--cpu", paramLabel = "N", description = "only if processor N gets there")
  private int cpu = Breakpoints.Options.ANY_CPU;

  @Option(names = "--name", paramLabel = "NAME", description = "a name to use in place of the number")
  private String name;

  @Option(names = "--space", paramLabel = "v|l|p", description = "space of an address that names none", hidden = true)
  private String space = "v";

  /** An address or {@code io 0x3f8 out}. */
  final Object add(Shell shell, List<String> words) {
    EventFilter.Kind event = words.isEmpty() ? null : EventFilter.kind(words.getFirst());
    // A symbol called int or cr is meant where nothing follows it.
    if (event == null || words.size() == 1 && shell.session().symbols().address(words.getFirst()).isPresent()) {
      return add(shell, join(words), Kind.EXEC, 0);
    }
    var options = new Breakpoints.Options(Kind.EVENT, 0, once, ignore, condition, name, cpu);
    return shell.session().breakpoints().add(EventFilter.parse(event, words.subList(1, words.size()), shell.session().names()), options);
  }

  final Object add(Shell shell, String address, Kind kind, int bytes) {
    if (address.isEmpty()) {
      throw new BadInput("an address is missing: for example bp 0x101000");
    }
    if (space.length() != 1) {
      throw new BadInput("--space takes v, l or p");
    }
    Address where = Address.parse(address, space.charAt(0), shell.session().names());
    var options = new Breakpoints.Options(kind, bytes, once, ignore, condition, name, cpu);
    return shell.session().breakpoints().add(where, options);
  }
}
