/**
 * What an x86 instruction is, stated once.
 *
 * <p>A {@link dev.trapline.vm.isa.Row} carries encoding, operands, flags, privilege and semantics of one
 * instruction form in the notation of the manuals. An {@link dev.trapline.vm.isa.InstructionSet} is a list
 * of rows; decoder, disassembler, assembler, interpreter, translator, documentation and tests are readers
 * of it. Nothing here knows a processor: semantics are opaque {@link dev.trapline.vm.isa.Sem} objects whose
 * functional interfaces are declared by {@code vm.cpu.insn}, where the rows themselves stand beside the
 * methods they name.
 *
 * <p><b>Flags</b> are kept as two longs, a result and a carry word, never as an operation type; see
 * {@link dev.trapline.vm.isa.Flags}.
 *
 * <p>May import: the JDK and {@code vm.util}.
 */
package dev.trapline.vm.isa;
