/**
 * Commands about breakpoints and watchpoints.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command.points;
