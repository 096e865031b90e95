/**
 * {@code pt}: page tables step by step, as a whole, backwards, over time, and as pictures. Each verb is a class.
 *
 * <p>May import: {@code shell.command}, {@code shell.render}, {@code vm.debug} and its views.
 */
package dev.trapline.shell.command.table;
