package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Numbers;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.isa.CodeSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code u}. */
@Command(name = "u", description = "Disassemble: u, u ADDRESS, u/20 ADDRESS",
    footerHeading = "Examples:%n", footer = {
        "  u                  ten instructions from the next one; again: the ten after",
        "  u/4 main           four from a symbol",
        "  u 0x7c00 L5        five (WinDbg's way)",
        "  u p:0x7c00 --bits 16   as 16-bit code"})
public final class DisassembleCommand extends Listing {
  @Option(names = "--format", hidden = true)
  private String count = "";

  @Option(names = "--space", hidden = true)
  private String space = "v";

  @Option(names = "--bits", paramLabel = "16|32|64", description = "code size (that of the current mode)")
  private int bits;

  @Parameters(arity = "0..*", paramLabel = "ADDRESS", description = "[v:|l:|p:]address, seg:off, symbol or expression")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    var inspect = shell.session().inspect();
    List<String> rest = words == null ? new ArrayList<>() : new ArrayList<>(words);
    int n = count(rest);
    boolean goOn = rest.isEmpty() && shell.disassembled() != null;
    Address at = rest.isEmpty() ? goOn ? shell.disassembled() : inspect.here()
        : Address.parse(join(rest), space.charAt(0), shell.session().names());
    if (bits != 0 && bits != 16 && bits != 32 && bits != 64) {
      throw new BadInput("--bits " + bits + ": 16, 32 or 64 is expected");
    }
    List<CodeLine> code = inspect.code(at, n, bits == 0 ? inspect.codeSize() : CodeSize.of(bits));
    shell.disassembled(at.plus(code.stream().mapToLong(l -> l.bytes().length() / 2).sum()));
    return code;
  }

  private int count(List<String> rest) {
    String last = rest.isEmpty() ? "" : rest.getLast().toLowerCase(Locale.ROOT);
    String text = count.replace("i", "");
    if (rest.size() > 1 && last.matches("l[0-9]+")) {
      text = last.substring(1);
      rest.removeLast();
    }
    long n = text.isEmpty() ? 10 : Numbers.parse(text, 10).orElse(0);
    if (n < 1 || n > 10_000) {
      throw new BadInput("u/" + text + ": a count from 1 to 10000 is expected");
    }
    return (int) n;
  }

  @Override
  public boolean repeats() {
    return true;
  }

  /** An empty line goes on with the instructions after these. */
  @Override
  public String repetition(String line) {
    return count.isEmpty() ? "u" : "u/" + count;
  }
}
