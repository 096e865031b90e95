/**
 * The terminal: line editing, history, completion and Ctrl-C, on JLine.
 *
 * <p>May import: everything of the shell.
 */
package dev.trapline.shell.repl;
