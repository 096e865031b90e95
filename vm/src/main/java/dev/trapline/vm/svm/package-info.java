/**
 * What SVM writes down: the layout of the virtual machine control block, exit codes, permission maps, event words and the rules a VMCB
 * must keep (APM2 chapter 15, appendices B and C). Bytes and numbers alone: the processor that acts on them is {@code vm.cpu.svm}, and
 * monitors, dumps and tests read the same tables.
 *
 * <p>May import: {@code vm.mem}, {@code vm.isa}, {@code vm.util}.
 */
package dev.trapline.vm.svm;
