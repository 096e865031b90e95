/**
 * Who runs next: the monitor's scheduling policies behind one interface. They know tasks, weights, caps and instruction counts, nothing of
 * processors.
 *
 * <p>May import: the JDK.
 */
package dev.trapline.vm.vmm.sched;
