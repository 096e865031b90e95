/**
 * Commands that look and change nothing.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command.look;
