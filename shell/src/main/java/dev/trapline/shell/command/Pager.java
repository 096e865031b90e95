package dev.trapline.shell.command;

/** Shows a long text to a person, a screen at a time. */
public interface Pager {
  /** Shows a text until the person has seen enough; false, and nothing shown, if it fits on the screen. */
  boolean show(String text);
}
