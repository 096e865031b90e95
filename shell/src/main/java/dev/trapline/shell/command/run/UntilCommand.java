package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Numbers;
import dev.trapline.vm.debug.Stop;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code until}. */
@Command(name = "until", description = "Run until an address, an instruction count or a console text",
    footerHeading = "Examples:%n", footer = {
        "  until 0x101000       until this instruction is next",
        "  until                until the instruction after this one: leaves a loop",
        "  until #1000000       until a million instructions have retired",
        "  until --text login:  until the guest has printed this"})
public final class UntilCommand extends RunningCommand {
  @Parameters(arity = "0..*", paramLabel = "WHERE", description = "address, or #COUNT")
  private List<String> where;

  @Option(names = "--text", paramLabel = "TEXT", description = "stop when the console has shown this text")
  private String text;

  @Override
  Stop go(Shell shell) {
    var session = shell.session();
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
}
