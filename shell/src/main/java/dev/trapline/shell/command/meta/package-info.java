/**
 * Commands about the shell itself.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command.meta;
