package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.Expr;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code assert}. */
@Command(name = "assert", description = "Fail unless an expression is not zero; a batch ends with exit code 1",
    footerHeading = "Examples:%n", footer = {"  assert eax == 33", "  assert dword [counter] > 100"})
public final class AssertCommand extends ShellCommand {
  @Parameters(arity = "1..*", paramLabel = "EXPR", description = "an expression")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    String text = join(words);
    if (Expr.evaluate(text, shell.session().names()) == 0) {
      throw new Failure(ExitCode.ASSERTION, "assertion failed: " + text);
    }
    return null;
  }
}
