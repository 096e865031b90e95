/**
 * The program: {@link dev.trapline.shell.Main} reads the command line and starts the REPL, a batch of commands or a plain boot. The
 * shell parses and prints and knows nothing of x86: everything it does goes through {@code vm.debug}.
 *
 * <p>Layers, each importing only those before it: {@code render} (views to text and JSON), {@code command} (one class for each
 * command), {@code script} (Groovy), {@code repl} (the terminal).
 */
package dev.trapline.shell;
