package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.console.PipeConsole;
import dev.trapline.shell.script.LazyGroovy;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The interactive shell, and batches of its commands. */
@Command(name = "trapline", description = "Trapline: a scriptable interactive VM debugger shell.%n%n"
    + "Without arguments: the shell on the built-in system as two guests of the monitor, by hvm and by trap,%nstopped at their first instruction.",
    synopsisHeading = "Usage: trapline [OPTIONS]%n       trapline boot --kernel FILE [OPTIONS]   (trapline boot --help)%n       trapline run [OPTIONS] SCRIPT [ARGS]     (trapline run --help)%n",
    customSynopsis = {""}, usageHelpWidth = 100,
    footerHeading = "%nExit codes: 0 fine, 1 assertion failed, 2 usage or script error, 3 guest fault, 4 limit, 70 internal.%n",
    footer = {"Examples:", "  trapline", "  trapline --machine scripts/machines/two-guests.groovy", "  trapline -e 'bp main' -e c -e r", "  trapline --kernel kernel.elf -x session.trap",
        "  trapline --kernel kernel.elf -b check.groovy 5 --report result.json"})
final class ShellProgram implements Program {
  @Mixin
  private final MachineOptions machine = new MachineOptions();

  @Mixin
  private final SaveOptions saves = new SaveOptions();

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

  @Option(names = {"-b", "--batch"}, paramLabel = "SCRIPT", description = "run a script (commands, or Groovy if it ends in .groovy) and leave;\n"
      + "what follows on the line are its 'args'")
  private Path script;

  @Option(names = "--report", paramLabel = "FILE", description = "write how the batch ended as JSON")
  private Path report;

  @Parameters(arity = "0..*", paramLabel = "ARG", hidden = true)
  private List<String> arguments = new ArrayList<>();

  @Override
  public int run() {
    boolean batch = script != null || !commands.isEmpty() || !files.isEmpty();
    if (!arguments.isEmpty() && script == null) {
      throw new BadInput("'" + arguments.getFirst() + "' is neither an option nor 'boot' (trapline --help)");
    }
    if (report != null && !batch) {
      throw new BadInput("--report is about a batch: give one with -b, -e or -x");
    }
    Session session = saves.openMonitored(machine);
    try {
      return batch ? batch(session) : interactive(session);
    } finally {
      session.saves().stopRecording();
    }
  }

  private int batch(Session session) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    Shell shell = new Shell(Commands.ALL, session, out, color.style(false, System.getenv("NO_COLOR")), false);
    shell.script(new LazyGroovy(shell, new ScriptWorkshop(() -> session, out)));
    shell.arguments(arguments);
    shell.attacher(new PipeConsole(System.in, System.out));
    shell.showConsoles();
    Report.Writer writer = new Report.Writer(report);
    try {
      writer.around(session, () -> batch(shell, writer));
    } finally {
      out.flush();
    }
    return ExitCode.OK;
  }

  private void batch(Shell shell, Report.Writer writer) {
    for (String file : files) {
      writer.begin("-x " + file);
      shell.source(Path.of(file));
    }
    if (script != null) {
      writer.begin("-b " + script);
      shell.source(script);
    }
    for (String line : commands) {
      if (!shell.leaving()) {
        writer.begin(line);
        shell.execute(line);
      }
    }
  }

  private int interactive(Session session) {
    try (Terminal terminal = InteractiveShell.terminal()) {
      InteractiveShell shell = new InteractiveShell(session, terminal, color, !noInit);
      shell.welcome();
      shell.run();
      return ExitCode.OK;
    } catch (IOException broken) {
      throw new BadInput("the terminal: " + broken.getMessage());
    }
  }
}
