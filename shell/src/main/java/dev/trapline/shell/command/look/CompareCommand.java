package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.Span;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cmp}. */
@Command(name = "cmp", description = "Compare memory: cmp ADDRESS LENGTH ADDRESS; lists the bytes that differ",
    footerHeading = "Examples:%n", footer = {"  cmp 0x1000 4096 p:0x9000   offsets and both bytes where they differ",
        "  cmp 0x1000 4096 0x9000 --top 1   the first difference"})
public final class CompareCommand extends Listing {
  @Parameters(index = "0", paramLabel = "ADDRESS", description = "one range")
  private String one;

  @Parameters(index = "1", paramLabel = "LENGTH", description = "how many bytes")
  private String length;

  @Parameters(index = "2", paramLabel = "ADDRESS", description = "the other range")
  private String other;

  /** A byte that differs. */
  public record Difference(int offset, int one, int other) {
    @Override
    public String toString() {
      return "+0x%x: %02x %02x".formatted(offset, one, other);
    }
  }

  @Override
  public Object run(Shell shell) {
    int n = Span.length(shell, "cmp", length);
    byte[] a = Span.read(shell, one, n);
    byte[] b = Span.read(shell, other, n);
    var out = new ArrayList<Difference>();
    for (int i = 0; i < n; i++) {
      if (a[i] != b[i]) {
        out.add(new Difference(i, a[i] & 0xff, b[i] & 0xff));
      }
    }
    return List.copyOf(out);
  }

  @Override
  public String text(Shell shell, Object result) {
    return ((List<?>) result).isEmpty() ? "equal" : super.text(shell, result);
  }
}
