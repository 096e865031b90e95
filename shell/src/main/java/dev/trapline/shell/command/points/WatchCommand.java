package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Breakpoints.Kind;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code watch}. */
@Command(name = "watch", description = "Stop after data accesses: watch [-r] [-w] [-x] ADDRESS",
    footerHeading = "Examples:%n", footer = {
        "  watch counter               when something writes the four bytes at counter",
        "  watch -r l:0x1000 --len 1   when something reads a byte",
        "  watch -rw p:0x2000          reads and writes, by physical address",
        "  watch -x 0x7c00             the same as bp 0x7c00"})
public final class WatchCommand extends PointSetting {
  @Option(names = "-r", description = "reads")
  private boolean read;

  @Option(names = "-w", description = "writes (the default)")
  private boolean write;

  @Option(names = "-x", description = "execution: a breakpoint")
  private boolean execute;

  @Option(names = "--len", paramLabel = "BYTES", description = "length of the watched range (4)")
  private int length = 4;

  @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "[v:|l:|p:]address or a symbol")
  private List<String> address;

  @Override
  public Object run(Shell shell) {
    List<String> words = windbg(new ArrayList<>(address));
    if (execute && (read || write)) {
      throw new BadInput("watch: -x does not go with -r or -w; set two");
    }
    Kind kind = execute ? Kind.EXEC : read && write ? Kind.ACCESS : read ? Kind.READ : Kind.WRITE;
    return options.address(shell, join(words), kind, kind == Kind.EXEC ? 0 : length, true);
  }

  /** WinDbg's and Bochs's order: {@code ba w4 ADDRESS}, {@code watch r ADDRESS}, {@code ba e1 ADDRESS}. */
  private List<String> windbg(List<String> words) {
    String first = words.getFirst();
    if (words.size() < 2 || !first.matches("[rwe][1248]?")) {
      return words;
    }
    read |= first.charAt(0) == 'r';
    write |= first.charAt(0) == 'w';
    execute |= first.charAt(0) == 'e';
    length = first.length() > 1 ? first.charAt(1) - '0' : length;
    return words.subList(1, words.size());
  }
}
