package dev.trapline.vm.hostile;

import java.util.List;

/**
 * What an attack of one kind came to.
 *
 * @param attacks how many guests were made
 * @param exits of the hostile guests; after each of them, and of the witness's, everything was checked
 * @param followed ways to a frame that were followed in these checks
 * @param refused entries that were refused because the VMCB was not the monitor's any more
 * @param invalid entries the processor refused (VMEXIT_INVALID)
 * @param ended how many guests ended otherwise, by a triple fault, a reset or power off
 * @param steps the most instructions the monitor carried out for one exit
 * @param witnesses how often the witness ran to its end with the right result
 * @param violations of the claim, with how to repeat them; empty if it holds
 */
public record Row(Hostile kind, Technique technique, long attacks, long exits, long followed, long refused, long invalid, long ended,
    long steps, long witnesses, List<String> violations) {
  /** Whether the claim holds. */
  public boolean holds() {
    return violations.isEmpty();
  }
}
