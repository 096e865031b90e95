/**
 * The instruction table: group files in which each row stands beside the method it names.
 *
 * <p>A row is added in one place: the group file. {@link dev.trapline.vm.cpu.insn.Def} starts a row,
 * {@link dev.trapline.vm.cpu.insn.Shape} lists the shapes semantics may have, {@link
 * dev.trapline.vm.cpu.insn.SimdShape} those of vector instructions.
 *
 * <p>May import: {@code vm.isa}, {@code vm.cpu} and what lies below.
 */
package dev.trapline.vm.cpu.insn;
