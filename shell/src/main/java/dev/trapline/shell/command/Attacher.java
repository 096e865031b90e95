package dev.trapline.shell.command;

import dev.trapline.vm.debug.Stop;

/** Connects whoever is at the other end of the shell with a console of the guest. */
public interface Attacher {
  /** Runs the machine with input and output connected, until Ctrl-], the end of the guest or something else that stops it. */
  Stop attach(Shell shell, String console);
}
