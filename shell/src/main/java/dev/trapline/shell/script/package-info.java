/**
 * Groovy beside the commands: the same session under a name, registers and memory as properties, {@code cmd('...')} for commands.
 * Loaded only when a line needs it; Groovy takes most of a second to start.
 *
 * <p>May import: {@code shell.command}, {@code vm.debug}, Groovy.
 */
package dev.trapline.shell.script;
