package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Inspector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code find}. */
@Command(name = "find", description = "Search memory for bytes or text: find ADDRESS LENGTH PATTERN",
    footerHeading = "Examples:%n", footer = {
        "  find 0x100000 0x10000 b800    a hexadecimal byte pattern",
        "  find p:0 1000000 'text:GRUB'  characters"})
public final class FindCommand extends Listing {
  private static final int MOST = 100;

  @Parameters(index = "0", paramLabel = "ADDRESS", description = "where to start")
  private String from;

  @Parameters(index = "1", paramLabel = "LENGTH", description = "how many bytes to search")
  private String length;

  @Parameters(index = "2", paramLabel = "PATTERN", description = "hexadecimal bytes, or text:...")
  private String pattern;

  @Override
  public Object run(Shell shell) {
    var names = shell.session().names();
    Address at = Address.parse(from, names);
    long total = Expr.evaluate(length, names);
    byte[] wanted = pattern();
    if (total < 1 || total > 1L << 32) {
      throw new BadInput("find: a length from 1 to 4 GiB is expected");
    }
    var found = new ArrayList<String>();
    int chunk = Inspector.MOST_BYTES - wanted.length;
    for (long done = 0; done < total && found.size() < MOST; done += chunk) {
      int bytes = (int) Math.min(total - done + (done + chunk < total ? wanted.length - 1 : 0), chunk + wanted.length - 1);
      search(shell.session().inspect().memory(at.plus(done), bytes).cells(), wanted, at.plus(done), found);
    }
    return found;
  }

  private byte[] pattern() {
    if (pattern.startsWith("text:")) {
      return pattern.substring(5).getBytes(StandardCharsets.UTF_8);
    }
    String digits = pattern.replaceFirst("^0x", "");
    if (digits.isEmpty() || digits.length() % 2 != 0 || !digits.matches("[0-9a-fA-F]+")) {
      throw new BadInput("find: '" + pattern + "' is no pattern: write bytes as b80100 or characters as text:abc");
    }
    return HexFormat.of().parseHex(digits);
  }

  private static void search(List<Integer> cells, byte[] wanted, Address start, List<String> found) {
    for (int i = 0; i + wanted.length <= cells.size() && found.size() < MOST; i++) {
      int n = 0;
      while (n < wanted.length && cells.get(i + n) == (wanted[n] & 0xff)) {
        n++;
      }
      if (n == wanted.length) {
        found.add(start.plus(i).toString());
      }
    }
  }
}
