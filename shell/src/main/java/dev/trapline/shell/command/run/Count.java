package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import java.util.List;

/** How many steps. */
final class Count {
  private Count() {}

  /** The value of an expression, 1 if there is none; at least 1. */
  static long of(Shell shell, List<String> words) {
    if (words == null || words.isEmpty()) {
      return 1;
    }
    String text = String.join(" ", words);
    long n = Expr.evaluate(text, shell.session().names());
    if (n < 1) {
      throw new BadInput("'" + text + "' steps: a count of 1 or more is expected");
    }
    return n;
  }
}
