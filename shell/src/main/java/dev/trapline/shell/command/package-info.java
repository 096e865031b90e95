/**
 * Commands: one Picocli class for each in a package by topic, and {@link dev.trapline.shell.command.Commands}, the list of them.
 * Adding a command is adding a class and a line in that list; help, completion and the scripts' {@code cmd('...')} follow.
 *
 * <p>A command returns a result (a view, a list of views, a value or null); {@link dev.trapline.shell.command.Shell} prints it as
 * text or, with {@code --json}, as JSON.
 *
 * <p>May import: {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command;
