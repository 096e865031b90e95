package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.repl.CuttableWriter;
import dev.trapline.shell.repl.Repl;
import dev.trapline.shell.script.LazyGroovy;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The interactive shell, and batches of its commands. */
@Command(name = "trapline", description = "Trapline: a scriptable interactive VM debugger shell.%n%n"
    + "Without arguments: the shell on the built-in guest, stopped at its first instruction.",
    synopsisHeading = "Usage: trapline [OPTIONS]%n       trapline boot --kernel FILE [OPTIONS]   (trapline boot --help)%n",
    customSynopsis = {""}, usageHelpWidth = 100,
    footerHeading = "%nExit codes: 0 fine, 1 assertion failed, 2 usage or script error, 3 guest fault, 4 limit, 70 internal.%n",
    footer = {"Examples:", "  trapline", "  trapline -e 'bp main' -e c -e r", "  trapline --kernel kernel.elf -x session.trap"})
final class ShellProgram implements Program {
  @Mixin
  private final MachineOptions machine = new MachineOptions();

  @Option(names = {"-e", "--execute"}, paramLabel = "CMD", arity = "1..*", description = "run these commands and leave")
  private List<String> commands = new ArrayList<>();

  @Option(names = {"-x", "--file"}, paramLabel = "FILE", description = "run the commands of a file and leave")
  private List<String> files = new ArrayList<>();

  @Option(names = "--color", paramLabel = "auto|always|never", description = "colours (auto)")
  private ColorMode color = ColorMode.AUTO;

  @Option(names = "--no-init", description = "do not read ~/.config/trapline, keep no history")
  private boolean noInit;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this")
  private boolean help;

  @Override
  public int run() {
    Session session = Sessions.open(machine.config(), machine.image());
    return commands.isEmpty() && files.isEmpty() ? interactive(session) : batch(session);
  }

  private int batch(Session session) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    Shell shell = new Shell(Commands.ALL, session, out, color.style(false, System.getenv("NO_COLOR")), false);
    shell.script(new LazyGroovy(shell));
    session.onConsole(shell::console);
    try {
      files.forEach(f -> shell.source(Path.of(f)));
      for (String line : commands) {
        if (!shell.leaving()) {
          shell.execute(line);
        }
      }
    } finally {
      out.flush();
    }
    return ExitCode.OK;
  }

  private int interactive(Session session) {
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      return interactive(session, terminal);
    } catch (IOException broken) {
      throw new BadInput("cannot open the terminal: " + broken.getMessage());
    }
  }

  /** The shell on a given terminal, until the user leaves. */
  int interactive(Session session, Terminal terminal) {
    boolean dumb = terminal.getType().startsWith(Terminal.TYPE_DUMB);
    CuttableWriter writer = new CuttableWriter(terminal.writer());
    PrintWriter out = new PrintWriter(writer, false);
    Style style = color.style(!dumb, System.getenv("NO_COLOR"));
    Shell shell = new Shell(Commands.ALL, session, out, style, true);
    shell.script(new LazyGroovy(shell));
    session.onConsole(shell::console);
    welcome(shell);
    Path history = noInit ? null : configuration("history");
    if (!noInit) {
      init(shell);
    }
    new Repl(shell, terminal, writer, history).run();
    return ExitCode.OK;
  }

  private void welcome(Shell shell) {
    shell.out().println("Trapline. " + shell.session().image().boot().name() + " is loaded and stands before its first instruction.");
    shell.execute("ctx");
    shell.out().println();
    shell.out().println("Try:  si           one instruction (then an empty line repeats it)");
    shell.out().println("      c            run; Ctrl-C stops the machine");
    shell.out().println("      help         all commands; help bp shows one with examples");
    shell.out().flush();
  }

  private static void init(Shell shell) {
    Path own = configuration("init.trap");
    if (own != null && Files.isRegularFile(own)) {
      shell.source(own);
    }
  }

  /** A file in the user's configuration folder, made if absent; null if it cannot be. */
  private static Path configuration(String name) {
    String base = System.getenv("XDG_CONFIG_HOME");
    Path home = base == null || base.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(base);
    Path folder = home.resolve("trapline");
    try {
      Files.createDirectories(folder);
      return folder.resolve(name);
    } catch (IOException readOnly) {
      return null;
    }
  }
}
