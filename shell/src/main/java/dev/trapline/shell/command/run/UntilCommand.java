package dev.trapline.shell.command.run;

import dev.trapline.shell.command.PointOptions;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Breakpoints;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Numbers;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.event.EventKind;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code until}. */
@Command(name = "until", description = "Run until an address, an event, an instruction count or a console text",
    footerHeading = "Examples:%n", footer = {
        "  until 0x101000       until this instruction is next",
        "  until                until the instruction after this one: leaves a loop",
        "  until #1000000       until a million instructions have retired",
        "  until --text login:  until the guest has printed this",
        "  until exit npf       until an event, as bp knows them: until exc pf, until io 0x60, until cr3",
        "  until irq 0x20 --hits ==3   until the third"})
public final class UntilCommand extends RunningCommand {
  @Parameters(arity = "0..*", paramLabel = "WHERE", description = "address, #COUNT, or a kind of event and which")
  private List<String> where;

  @Option(names = "--text", paramLabel = "TEXT", description = "stop when the console has shown this text")
  private String text;

  @Mixin
  private final PointOptions options = new PointOptions();

  @Override
  Stop go(Shell shell) {
    var session = shell.session();
    if (where != null && PointOptions.event(shell, where)) {
      return event(shell);
    }
    String target = join(where);
    if (text != null) {
      return session.untilText(text);
    }
    if (target.startsWith("#")) {
      long count = Numbers.parse(target.substring(1), 10)
          .orElseThrow(() -> new BadInput("'" + target + "' is no instruction count: write #1000000"));
      return session.untilCount(count);
    }
    if (target.isEmpty()) {
      var lines = session.inspect().code(session.inspect().here(), 1);
      return session.until(session.inspect().here().plus(Math.max(1, lines.getFirst().bytes().length() / 2)));
    }
    return session.until(Address.parse(target, session.names()));
  }

  private Stop event(Shell shell) {
    List<String> rest = where.subList(1, where.size());
    return switch (EventKind.of(where.getFirst())) {
      case EXEC, MEM -> withPoint(shell);
      case COUNT -> shell.session().untilCount(Expr.evaluate(join(rest), shell.session().names()));
      default -> {
        options.points(shell);
        yield shell.session().until(PointOptions.filter(shell, where), options.options(shell, Breakpoints.Kind.EVENT, 0, true));
      }
    };
  }

  private Stop withPoint(Shell shell) {
    var points = shell.session().breakpoints();
    int id = ((BreakpointView) options.add(shell, where, true)).id();
    try {
      return shell.session().resume();
    } finally {
      points.list().stream().filter(b -> b.id() == id).forEach(b -> points.remove(id));
    }
  }
}
