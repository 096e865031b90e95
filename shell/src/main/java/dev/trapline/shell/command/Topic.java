package dev.trapline.shell.command;

/** What a command is about; {@code help} lists by it. */
public enum Topic {
  RUN("Running"), POINTS("Breakpoints"), LOOK("Looking"), CHANGE("Changing"), META("The shell");

  public final String title;

  Topic(String title) {
    this.title = title;
  }
}
