package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code source}. */
@Command(name = "source", description = "Run the commands of a file, or a Groovy script (.groovy)",
    footerHeading = "Examples:%n", footer = {"  source setup.trap    one command a line, # begins a comment", "  source stats.groovy"})
public final class SourceCommand extends ShellCommand {
  @Parameters(paramLabel = "FILE", description = "the script")
  private String file;

  @Override
  public Object run(Shell shell) {
    shell.source(Path.of(file));
    return null;
  }
}
