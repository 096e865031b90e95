/**
 * View records to text and JSON: the only place that formats.
 *
 * <p>May import: {@code vm.debug} and its views.
 */
package dev.trapline.shell.render;
