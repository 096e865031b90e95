package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pt save}. */
@Command(name = "save", description = "Keep what is mapped now under a name, for pt diff")
final class SaveTables extends ShellCommand {
  @Parameters(paramLabel = "NAME", description = "a word")
  private String name;

  @Override
  public Object run(Shell shell) {
    return name + ": " + shell.session().tables().save(name) + " pages";
  }
}
