/**
 * Instructions as text, in Intel and AT&amp;T syntax, spelled as GNU objdump spells them.
 *
 * <p>Everything is read from the decoded {@link dev.trapline.vm.isa.Insn} and its row; there is no second table of instructions, only
 * a short list of names that assembler authors and objdump write differently. Example:
 *
 * <pre>{@code
 * var disassembler = new Disassembler(new Decoder(X86.set()));
 * disassembler.lines(bytes, CodeSize.BITS64, 0x1000, 8, Syntax.INTEL).forEach(line -> out.println(line.text()));
 * }</pre>
 *
 * <p>May import: {@code vm.isa}.
 */
package dev.trapline.vm.isa.disasm;
