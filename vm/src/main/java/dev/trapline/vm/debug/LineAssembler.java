package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.asm.AsmException;
import dev.trapline.vm.isa.asm.Assembler;
import java.io.ByteArrayOutputStream;

/** Assembles a few lines as typed at the prompt, with the session's symbols. */
final class LineAssembler {
  private final Names names;

  LineAssembler(Names names) {
    this.names = names;
  }

  /** The bytes of instructions separated by line ends; {@link BadInput} says what is wrong. */
  byte[] assemble(String source, long address, CodeSize size) {
    var assembler = new Assembler(X86.set());
    var out = new ByteArrayOutputStream();
    for (String line : source.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
      try {
        out.writeBytes(assembler.line(line, address + out.size(), size, this::symbol));
      } catch (AsmException wrong) {
        throw new BadInput("asm: " + wrong.errors().getFirst() + " in '" + line + "'");
      }
    }
    return out.toByteArray();
  }

  private Long symbol(String name) {
    var v = names.value(name);
    return v.isPresent() ? v.getAsLong() : null;
  }
}
