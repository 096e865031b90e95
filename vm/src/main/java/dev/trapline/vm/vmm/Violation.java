package dev.trapline.vm.vmm;

/**
 * Something of a guest's tables that is not as it must be.
 *
 * @param invariant what is violated
 * @param guest name of the guest
 * @param place the table and the entry, or the register
 * @param values what was found and what is right
 */
public record Violation(Invariant invariant, String guest, String place, String values) {
  @Override
  public String toString() {
    return String.format("%s: audit %s: %s: %s (%s)", guest, invariant, place, values, invariant.claim());
  }
}
