package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.InstructionSet;
import java.util.List;
import java.util.function.Function;

/** A two-way door between NASM's language and bytes. Stateless; safe for use by several threads. */
public final class Assembler {
  private final Matcher matcher;

  public Assembler(InstructionSet set) {
    this.matcher = new Matcher(set);
  }

  /**
   * Assembles one instruction, as the shell's {@code asm} command does.
   *
   * @param address where its first byte will stand: {@code $}, and what branch targets are relative to
   * @throws AsmException with one line saying what is wrong
   */
  public byte[] line(String text, long address, CodeSize size) {
    return line(text, address, size, name -> null);
  }

  /**
   * The same with symbols.
   *
   * @param symbols gives the value of a name, or null if there is none of that name
   */
  public byte[] line(String text, long address, CodeSize size, Function<String, Long> symbols) {
    try {
      var instruction = new InsnParser(Lexer.tokens(text), "").instruction();
      return matcher.encode(instruction, new Matcher.Site(new LineScope(address, symbols), Value.of(address), size, false));
    } catch (SourceError | Encoder.Impossible e) {
      throw new AsmException(List.of(e.getMessage()));
    }
  }

  private record LineScope(long address, Function<String, Long> symbols) implements Expr.Scope {
    @Override
    public Value symbol(String name) {
      Long value = symbols.apply(name);
      if (value == null) {
        throw new SourceError("symbol '" + name + "' is not defined");
      }
      return Value.of(value);
    }

    @Override
    public Value here() {
      return Value.of(address);
    }

    @Override
    public Value sectionStart() {
      return Value.of(address);
    }
  }
}
