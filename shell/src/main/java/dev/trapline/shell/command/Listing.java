package dev.trapline.shell.command;

import picocli.CommandLine.Option;

/** A command that lists something and so takes {@code --json}. */
public abstract class Listing extends ShellCommand {
  @Option(names = "--json", description = "print as JSON")
  private boolean json;

  public boolean json() {
    return json;
  }
}
