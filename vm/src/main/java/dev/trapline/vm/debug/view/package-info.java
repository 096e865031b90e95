/**
 * What inspection returns: immutable records, complete enough to be printed or turned into JSON without asking anything else.
 *
 * <p>May import: the JDK.
 */
package dev.trapline.vm.debug.view;
