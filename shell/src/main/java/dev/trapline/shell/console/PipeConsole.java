package dev.trapline.shell.console;

import dev.trapline.shell.command.Attacher;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jline.utils.NonBlocking;
import org.jline.utils.NonBlockingInputStream;

/** Standard input and output at a console, where they are no terminal: pipes and files. */
public final class PipeConsole implements Attacher {
  private final NonBlockingInputStream in;
  private final OutputStream out;

  public PipeConsole(InputStream in, OutputStream out) {
    this.in = NonBlocking.nonBlocking("console", in);
    this.out = out;
  }

  @Override
  public Stop attach(Shell shell, String console) {
    Session session = shell.session();
    String name = session.console(console).name();
    if (name.equals("screen")) {
      throw new BadInput("attach screen needs a terminal; 'screen' shows the text, 'type -k' presses keys");
    }
    shell.out().flush();
    try {
      return run(session, name, session::resume, () -> false);
    } finally {
      shell.showConsoles();
    }
  }

  /** Runs with a console connected. */
  public Stop run(Session session, String console, Supplier<Stop> go, BooleanSupplier giveUp) {
    if (session.guests().several() && console.equals("uart0")) {
      PrintStream lines = new PrintStream(out, false, StandardCharsets.UTF_8);
      return new GroupLine(session.guests(), lines, false, Style.PLAIN, false, () -> 0).run(in, go, giveUp);
    }
    return new Line(session, console, out, false).run(in, go, giveUp);
  }
}
