package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.BadInput;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code script}. */
@Command(name = "script", description = "Load scripts in Groovy, and load them again after an edit, with the machine where it is",
    subcommands = {ScriptCommand.Load.class, ScriptCommand.Reload.class, ScriptCommand.Ls.class, ScriptCommand.Rm.class},
    footerHeading = "Examples:%n", footer = {
        "  script load stats.groovy   run it; its handlers (on('exit') { ... }) stay",
        "  script reload              after an edit: what it had set goes, then it runs again",
        "  script ls, script rm       what is loaded; take all handlers away"})
public final class ScriptCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    return new Ls().run(shell);
  }

  /** {@code script load}. */
  @Command(name = "load", description = "Run a script and keep its handlers")
  public static final class Load extends ShellCommand {
    @Parameters(paramLabel = "FILE", description = "a script in Groovy")
    private String file;

    @Override
    public Object run(Shell shell) {
      Path path = Path.of(file);
      shell.loadScript(path);
      shell.scripts().add(path);
      return null;
    }
  }

  /** What is done to some of them. */
  abstract static class Some extends ShellCommand {
    @Parameters(arity = "0..*", paramLabel = "FILE", description = "loaded scripts; none for all")
    private List<String> files;

    abstract void one(Shell shell, Path file);

    @Override
    public final Object run(Shell shell) {
      List<Path> chosen = files == null ? List.copyOf(shell.scripts()) : files.stream().map(f -> loaded(shell, f)).toList();
      chosen.forEach(f -> one(shell, f));
      return chosen.isEmpty() ? "no script is loaded" : null;
    }

    private static Path loaded(Shell shell, String file) {
      return shell.scripts().stream().filter(p -> p.toString().equals(file) || p.getFileName().toString().equals(file)).findFirst()
          .orElseThrow(() -> new BadInput("the script " + file + " is not loaded: 'script ls' lists those that are"));
    }
  }

  /** {@code script reload}. */
  @Command(name = "reload", description = "Run loaded scripts again; what they had set goes first")
  public static final class Reload extends Some {
    @Override
    void one(Shell shell, Path file) {
      shell.loadScript(file);
    }
  }

  /** {@code script ls}. */
  @Command(name = "ls", description = "List the loaded scripts")
  public static final class Ls extends ShellCommand {
    @Override
    public Object run(Shell shell) {
      return shell.scripts().isEmpty() ? "no script is loaded" : shell.scripts().stream().map(Path::toString).toList();
    }
  }

  /** {@code script rm}. */
  @Command(name = "rm", description = "Take away what loaded scripts have set")
  public static final class Rm extends Some {
    @Override
    void one(Shell shell, Path file) {
      shell.forgetScript(file);
      shell.scripts().remove(file);
    }
  }
}
