/**
 * Machines in files: snapshots, from which a new process builds the same machine again, and journals, which repeat a run.
 *
 * <p>May import: {@code machine}, {@code state}, {@code util}.
 */
package dev.trapline.vm.machine.save;
