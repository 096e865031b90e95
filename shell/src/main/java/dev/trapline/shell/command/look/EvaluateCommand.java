package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Help;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Symbols;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ?}. */
@Command(name = "?", description = "Evaluate an expression: ? rsp+8, ? [rsp], ? cr0 & 1; alone it shows help",
    footerHeading = "Examples:%n", footer = {
        "  ? esp + 8          registers, symbols, numbers (0x1f 31 1fh 0n31), C's operators",
        "  ? word [0x46c]     memory: byte, word, dword, qword, or pointer size without a word",
        "  ? main             the address of a symbol"})
public final class EvaluateCommand extends ShellCommand {
  @Parameters(arity = "0..*", paramLabel = "EXPR", description = "an expression")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    return words == null ? Help.overview(shell.registry(), shell.style()) : (Object) Expr.evaluate(join(words), shell.session().names());
  }

  @Override
  public String text(Shell shell, Object result) {
    if (!(result instanceof Long v)) {
      return result.toString();
    }
    Symbols.Near near = shell.session().symbols().near(v);
    String sign = v < 0 ? " " + v : "";
    return "0x" + Long.toHexString(v) + " " + Long.toUnsignedString(v) + sign + (near == null ? "" : " <" + near + ">");
  }
}
