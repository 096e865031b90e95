package dev.trapline.vm.debug.paging;

/**
 * What the tables allow on a page, all levels taken together. Reading is always allowed, to supervisors at least.
 *
 * @param writable by supervisors under CR0.WP, and by users if it is a user page
 * @param global kept by loads of CR3 while CR4.PGE is set
 */
public record Rights(boolean writable, boolean executable, boolean user, boolean global) {
  /** Such as {@code rwxu} or {@code r--s g}. */
  @Override
  public String toString() {
    return "r" + (writable ? "w" : "-") + (executable ? "x" : "-") + (user ? "u" : "s") + (global ? " g" : "");
  }
}
