/**
 * Commands that change registers, memory and settings.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command.change;
