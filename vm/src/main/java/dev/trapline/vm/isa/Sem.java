package dev.trapline.vm.isa;

/**
 * The semantics of a row: a functional object. The engines look at the one abstract method of the functional
 * interface it implements (declared in {@code vm.cpu.insn.Shape}) and fetch operands accordingly, so a new
 * shape of semantics is a new interface and nothing else.
 */
public interface Sem {}
