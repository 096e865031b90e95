package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.InstructionSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** From NASM's language to bytes. Stateless; safe for use by several threads. */
public final class Assembler {
  private final Matcher matcher;

  public Assembler(InstructionSet set) {
    this.matcher = new Matcher(set);
  }

  /**
   * How to assemble a program.
   *
   * @param defines single-line macros defined beforehand, as {@code nasm -D} does
   * @param size code size until a {@code bits} directive; NASM's flat binaries start with 16
   */
  public record Options(Map<String, String> defines, CodeSize size) {
    /** No definitions, 16-bit code. */
    public static final Options NASM = new Options(Map.of(), CodeSize.BITS16);
  }

  /** Assembles a file and what it includes. */
  public Assembly assemble(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return assemble(file.getFileName().toString(), Source.folder(folder), Options.NASM);
  }

  /** Assembles a text. */
  public Assembly assemble(String text) {
    return assemble("text", Source.of(Map.of("text", text)), Options.NASM);
  }

  /**
   * Assembles a program.
   *
   * @param file name of the main file
   * @throws AsmException with one line for each error
   */
  public Assembly assemble(String file, Source source, Options options) {
    var errors = new ArrayList<String>();
    var warnings = new ArrayList<String>();
    var parser = new StatementParser(matcher::isMnemonic);
    var preprocessor = new Preprocessor(source, parser::reserved, errors, warnings);
    options.defines().forEach(preprocessor::define);
    preprocessor.define("__BITS__", Integer.toString(options.size().bits));
    preprocessor.define("__OUTPUT_FORMAT__", "bin");
    var entries = new ArrayList<Program.Entry>();
    for (Line line : preprocessor.run(file)) {
      try {
        parser.parse(line.tokens()).forEach(s -> entries.add(new Program.Entry(s, line)));
        if (parser.remark() != null) {
          warnings.add(line.message(parser.remark()));
        }
      } catch (SourceError e) {
        errors.add(line.message(e.getMessage()));
      }
    }
    var program = new Program(entries, matcher, source, options.size());
    if (errors.isEmpty()) {
      errors.addAll(program.run());
    }
    return finish(program, errors, warnings);
  }

  private static Assembly finish(Program program, List<String> errors, List<String> warnings) {
    if (!errors.isEmpty()) {
      throw new AsmException(errors);
    }
    try {
      return program.result(warnings);
    } catch (SourceError e) {
      throw new AsmException(List.of(e.getMessage()));
    }
  }

  /**
   * Assembles one instruction, as the shell's {@code asm} command does: NASM's syntax, or what the disassembler writes in Intel syntax.
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
      var tokens = Lexer.tokens(text).stream().takeWhile(t -> !t.is("#")).toList(); // a disassembler's remark
      var instruction = new InsnParser(tokens, "").instruction();
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
