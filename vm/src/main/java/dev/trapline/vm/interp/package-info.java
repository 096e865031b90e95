/**
 * The interpreter: a block cache of operations, one generated class per operation shape.
 *
 * <p>May import: {@code vm.cpu}, {@code vm.cpu.insn}, {@code vm.isa} and what lies below.
 */
package dev.trapline.vm.interp;
