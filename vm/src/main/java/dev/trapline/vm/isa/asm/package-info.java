/**
 * The assembler: NASM's language, flat binary output, and the inverse of the decoder.
 *
 * <p>{@link dev.trapline.vm.isa.asm.Encoder} turns a row with concrete operands into bytes. {@link
 * dev.trapline.vm.isa.asm.Assembler} reads source text; all it knows about an instruction it reads from the rows, and
 * what only an assembler needs to know (other names for a mnemonic, forms with operands left out) stands once in {@code Aliases}.
 *
 * <pre>{@code
 * var asm = new Assembler(X86.set());
 * byte[] code = asm.line("mov eax, [ebx+4]", 0x1000, CodeSize.BITS32);
 * Assembly out = asm.assemble(path);
 * }</pre>
 *
 * <p>May import: the JDK, {@code vm.util} and {@code vm.isa}. Follows SDM 2A chapter 2 for the encoding and the NASM manual for the
 * language.
 */
package dev.trapline.vm.isa.asm;
