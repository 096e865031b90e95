/**
 * A person, or a pipe, at a console of the guest: every key goes there, Ctrl-] leads back; and the guest's waiting made to last.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug}, JLine's terminal.
 */
package dev.trapline.shell.console;
