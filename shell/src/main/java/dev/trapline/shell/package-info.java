/**
 * The program: parses, prints and knows nothing of x86. Everything it does goes through {@code vm.debug}.
 */
package dev.trapline.shell;
