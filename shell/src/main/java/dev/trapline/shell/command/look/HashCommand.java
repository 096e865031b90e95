package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import picocli.CommandLine.Command;

/** {@code hash}. */
@Command(name = "hash", description = "Hash over the whole machine state: equal for equal runs",
    footerHeading = "Examples:%n", footer = {"  hash           registers, memory and devices; looking never changes it"})
public final class HashCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    return "0x%016x".formatted(shell.session().stateHash());
  }
}
