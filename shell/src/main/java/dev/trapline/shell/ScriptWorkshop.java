package dev.trapline.shell;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.script.LazyGroovy;
import dev.trapline.shell.script.MachineFile;
import dev.trapline.shell.script.Workshop;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.Session;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Makes machines for scripts, by the options of {@code boot}. */
final class ScriptWorkshop implements Workshop {
  private final Supplier<Session> given;
  private final PrintWriter out;

  /** @param given makes the machine of the command line */
  ScriptWorkshop(Supplier<Session> given, PrintWriter out) {
    this.given = given;
    this.out = out;
  }

  /** Options of a machine that a script asks for. */
  private static final class Wanted {
    @Mixin
    private final MachineOptions machine = new MachineOptions();

    @Mixin
    private final SaveOptions saves = new SaveOptions();
  }

  @Override
  public Session given() {
    return given.get();
  }

  @Override
  public Session open(List<String> options) {
    var wanted = new Wanted();
    try {
      new CommandLine(wanted).parseArgs(options.toArray(String[]::new));
    } catch (CommandLine.ParameterException wrong) {
      throw new BadInput("boot: " + wrong.getMessage().lines().findFirst().orElse("wrong options"));
    }
    return wanted.saves.open(wanted.machine);
  }

  @Override
  public GuestGroup group(MachineFile.Description description) {
    return MachineOptions.group(description);
  }

  @Override
  public Shell shell(Session session) {
    Shell shell = new Shell(Commands.ALL, session, out, Style.PLAIN, false);
    shell.script(new LazyGroovy(shell, this));
    return shell;
  }

  @Override
  public List<String> commands() {
    return Commands.ALL.names();
  }

  @Override
  public Path cache() {
    return MachineOptions.cache();
  }

  @Override
  public Path root() {
    return EmbeddedGuest.root();
  }
}
