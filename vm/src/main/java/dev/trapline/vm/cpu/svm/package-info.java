/**
 * The processor as SVM extends it (APM2 chapter 15): VMRUN and #VMEXIT, intercepts, interrupts in guest mode, VMLOAD and VMSAVE. What
 * the rest of the processor must know is in {@code cpu.Svm}, what stands in memory in {@code vm.svm}.
 *
 * <p>May import: {@code vm.cpu}, {@code vm.svm} and what {@code vm.cpu} may.
 */
package dev.trapline.vm.cpu.svm;
