package dev.trapline.shell;

/** One of the things the program can do. */
interface Program {
  /** Does it; the exit code of the process. */
  int run();
}
