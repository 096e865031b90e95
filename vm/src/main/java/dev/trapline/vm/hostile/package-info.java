/**
 * The isolation experiment: guests that mean harm run beside one whose result is known, and after every exit it is asked what any of them
 * reaches ({@link dev.trapline.vm.vmm.Isolation}).
 *
 * <p>{@link dev.trapline.vm.hostile.Hostile} names the kinds of attack, {@link dev.trapline.vm.hostile.Experiment} carries one out. Everything
 * is decided by a seed, so what is found can be found again.
 *
 * <p>May import: {@code vm.vmm}, {@code vm.machine} and what stands below them.
 */
package dev.trapline.vm.hostile;
