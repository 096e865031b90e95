package dev.trapline.shell.command;

import java.util.List;
import picocli.CommandLine.Option;

/** A command of the shell. Instances serve one line. */
public abstract class ShellCommand {
  @Option(names = {"-h", "--help"}, usageHelp = true, hidden = true)
  private boolean help;

  private String typed = "";

  /**
   * Does the work; a user's mistake is a {@link dev.trapline.vm.debug.BadInput}.
   *
   * @return what to print and to keep as {@code _}, or null
   */
  public abstract Object run(Shell shell);

  /** The result as text; the default asks the renderer. */
  public String text(Shell shell, Object result) {
    return shell.text().of(result);
  }

  /** Whether an empty line repeats it: stepping and listing commands only. */
  public boolean repeats() {
    return false;
  }

  /** Whether a guest named in its line stays the one that commands are about. */
  public boolean staysWithGuest() {
    return false;
  }

  /** The line as it was typed, for commands whose arguments are not words. */
  protected final String typed() {
    return typed;
  }

  final void typed(String line) {
    typed = line;
  }

  /** What an empty line then does: the same line, or one that goes on where it ended. */
  public String repetition(String line) {
    return line;
  }

  /** Words of an expression, joined again. */
  protected static String join(List<String> words) {
    return words == null ? "" : String.join(" ", words);
  }
}
