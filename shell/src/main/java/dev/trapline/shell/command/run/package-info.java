/**
 * Commands that run, step and load the machine.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug}.
 */
package dev.trapline.shell.command.run;
