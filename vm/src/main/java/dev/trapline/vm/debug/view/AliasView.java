package dev.trapline.vm.debug.view;

/**
 * A virtual address that leads to a physical one.
 *
 * @param space whose tables: {@code in use}, or a process by number and name
 * @param rights such as {@code rwxu}
 * @param symbol or empty
 */
public record AliasView(String space, long linear, long pageBytes, String rights, boolean accessed, boolean dirty, String symbol) {}
