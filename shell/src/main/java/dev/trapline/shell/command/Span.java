package dev.trapline.shell.command;

import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Inspector;
import java.util.List;

/** Ranges of memory as arguments. */
public final class Span {
  private Span() {}

  /** A length within what one command moves. */
  public static int length(Shell shell, String command, String text) {
    long n = Expr.evaluate(text, shell.session().names());
    if (n < 1 || n > Inspector.MOST_BYTES) {
      throw new BadInput(command + ": a length from 1 to " + Inspector.MOST_BYTES + " is expected");
    }
    return (int) n;
  }

  /** The bytes of a range, all of which must be readable. */
  public static byte[] read(Shell shell, String address, int length) {
    List<Integer> cells = shell.session().inspect().memory(Address.parse(address, shell.session().names()), length).cells();
    int hole = cells.indexOf(-1);
    if (hole >= 0) {
      throw new BadInput(address + "+0x" + Integer.toHexString(hole) + ": nothing can be read there");
    }
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      out[i] = cells.get(i).byteValue();
    }
    return out;
  }
}
