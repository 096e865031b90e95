/**
 * Commands: one Picocli class for each in a package by topic. What they share: {@link dev.trapline.shell.command.Shell}, the
 * session with its settings, which resolves, parses and executes lines.
 *
 * <p>A command returns a result (a view, a list of views, a value or null); {@link dev.trapline.shell.command.Shell} prints it as
 * text or, with {@code --json}, as JSON.
 *
 * <p>May import: {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command;
