package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.shell.render.MemoryFormat;
import dev.trapline.shell.render.MemoryText;
import dev.trapline.shell.render.RegisterText;
import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.view.RegistersView;
import picocli.CommandLine.Command;

/** {@code ctx}. */
@Command(name = "ctx", description = "Where we are: stop line, registers, code and stack",
    footerHeading = "Examples:%n", footer = {"  ctx            changed registers are accented"})
public final class ContextCommand extends ShellCommand {
  private static final int CODE = 8;
  private static final int STACK = 6;

  @Override
  public Object run(Shell shell) {
    var session = shell.session();
    var inspect = session.inspect();
    RegistersView registers = inspect.registers();
    int unit = registers.bits() == 64 ? 8 : inspect.codeSize().bits / 8;
    var stack = inspect.memory(inspect.stack(), STACK * unit);
    String text = shell.text().of(session.last())
        + heading(shell, "registers") + new RegisterText(shell.style(), shell.shown()).brief(registers)
        + heading(shell, "code") + shell.text().of(inspect.code(inspect.here(), CODE))
        + heading(shell, "stack") + new MemoryText(shell.style(), session.symbols()).text(stack, new MemoryFormat(STACK, 'a', unit));
    shell.shown(registers);
    return text;
  }

  private static String heading(Shell shell, String title) {
    return "\n" + shell.style().in(Ink.DIM, "-- " + title + " " + "-".repeat(60 - title.length())) + "\n";
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
