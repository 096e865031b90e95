package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code apropos}. */
@Command(name = "apropos", description = "Commands whose description or examples mention a word",
    footerHeading = "Examples:%n", footer = {"  apropos page   what there is about pages"})
public final class AproposCommand extends ShellCommand {
  @Parameters(paramLabel = "WORD", description = "what to look for")
  private String word;

  @Override
  public Object run(Shell shell) {
    String wanted = word.toLowerCase(Locale.ROOT);
    var found = shell.registry().all().stream()
        .filter(e -> (e.name() + e.summary() + e.examples()).toLowerCase(Locale.ROOT).contains(wanted))
        .map(e -> "%-8s %s".formatted(e.name(), e.summary())).toList();
    return found.isEmpty() ? "nothing about '" + word + "'" : String.join("\n", found);
  }
}
