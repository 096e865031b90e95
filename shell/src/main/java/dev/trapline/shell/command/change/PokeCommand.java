package dev.trapline.shell.command.change;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code poke}. */
@Command(name = "poke", description = "Write memory, past access rights: poke [--size N] ADDRESS VALUE...",
    footerHeading = "Examples:%n", footer = {
        "  poke 0x1000 0x12345678       four bytes",
        "  poke --size 1 0x1000 1 2 3   bytes; eb ew ed eq are 1, 2, 4 and 8",
        "  poke p:0x1000 'eax+1'        a physical address; values are expressions"})
public final class PokeCommand extends ShellCommand {
  @Option(names = "--size", paramLabel = "1|2|4|8", description = "bytes of each value (4)")
  private int size = 4;

  @Option(names = "--space", hidden = true)
  private String space = "v";

  @Parameters(index = "0", paramLabel = "ADDRESS", description = "[v:|l:|p:]address or symbol, without blanks")
  private String address;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "VALUE", description = "expressions, without blanks or quoted")
  private List<String> values;

  @Override
  public Object run(Shell shell) {
    if (size != 1 && size != 2 && size != 4 && size != 8) {
      throw new BadInput("poke --size " + size + ": 1, 2, 4 or 8 is expected");
    }
    var names = shell.session().names();
    byte[] bytes = new byte[size * values.size()];
    for (int i = 0; i < values.size(); i++) {
      long v = Expr.evaluate(values.get(i), names);
      for (int b = 0; b < size; b++) {
        bytes[i * size + b] = (byte) (v >>> 8 * b);
      }
    }
    shell.session().write(Address.parse(address, space.charAt(0), names), bytes);
    return null;
  }
}
