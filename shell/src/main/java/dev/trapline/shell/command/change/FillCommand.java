package dev.trapline.shell.command.change;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Inspector;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fill}. */
@Command(name = "fill", description = "Fill memory with a byte: fill ADDRESS LENGTH [BYTE]",
    footerHeading = "Examples:%n", footer = {"  fill 0x1000 256 0x90   256 times NOP; without a byte, zeros"})
public final class FillCommand extends ShellCommand {
  @Parameters(index = "0", paramLabel = "ADDRESS", description = "where")
  private String address;

  @Parameters(index = "1", paramLabel = "LENGTH", description = "how many bytes")
  private String length;

  @Parameters(index = "2", arity = "0..1", paramLabel = "BYTE", description = "with what (0)")
  private String value = "0";

  @Override
  public Object run(Shell shell) {
    var names = shell.session().names();
    long n = Expr.evaluate(length, names);
    if (n < 1 || n > Inspector.MOST_BYTES) {
      throw new BadInput("fill: a length from 1 to " + Inspector.MOST_BYTES + " is expected");
    }
    byte[] bytes = new byte[(int) n];
    Arrays.fill(bytes, (byte) Expr.evaluate(value, names));
    shell.session().write(Address.parse(address, names), bytes);
    return null;
  }
}
