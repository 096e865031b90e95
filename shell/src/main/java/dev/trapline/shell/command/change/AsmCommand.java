package dev.trapline.shell.command.change;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.isa.CodeSize;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code asm}. */
@Command(name = "asm", description = "Assemble (NASM syntax) and show the bytes, or write them with --at",
    footerHeading = "Examples:%n", footer = {
        "  asm mov eax, [ebx+4]            shows the bytes for the current mode",
        "  asm --at eip 'inc eax; nop'     writes them; ; separates instructions",
        "  asm --bits 16 jmp 0x7c00        for another mode"})
public final class AsmCommand extends Listing {
  /** The command's name and the options before the code. */
  private static final Pattern OPTIONS = Pattern.compile(
      "^\\S+(\\s+(--json|--(at|bits)(=|\\s+)('[^']*'|\"[^\"]*\"|\\S+)))*\\s*");

  @Option(names = "--at", paramLabel = "ADDRESS", description = "write the bytes here")
  private String at;

  @Option(names = "--bits", paramLabel = "16|32|64", description = "code size (that of the current mode)")
  private int bits;

  @Parameters(arity = "1..*", paramLabel = "CODE", description = "instructions, separated by ;")
  private List<String> code;

  /** The code as typed: quotes mean characters to the assembler, unless they hold the whole. */
  private String source() {
    String text = OPTIONS.matcher(typed()).replaceFirst("").strip();
    boolean quoted = code.size() == 1 && text.length() > 1 && text.charAt(0) == text.charAt(text.length() - 1) && text.charAt(0) < '(';
    return quoted ? code.getFirst() : text;
  }

  @Override
  public Object run(Shell shell) {
    if (bits != 0 && bits != 16 && bits != 32 && bits != 64) {
      throw new BadInput("--bits " + bits + ": 16, 32 or 64 is expected");
    }
    var session = shell.session();
    CodeSize size = bits == 0 ? session.inspect().codeSize() : CodeSize.of(bits);
    Address where = at == null ? session.inspect().here() : Address.parse(at, session.names());
    return session.assemble(where, source().replace(';', '\n'), size, at != null);
  }
}
