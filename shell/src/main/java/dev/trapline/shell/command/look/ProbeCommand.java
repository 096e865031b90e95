package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.view.FieldsView;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code probe}. */
@Command(name = "probe", description = "Who answers a physical address or a port: probe ADDRESS, probe io PORT",
    footerHeading = "Examples:%n", footer = {
        "  probe 0xfee00030       region, device and offset of a physical address",
        "  probe 0x3f8            a small number may be a port too: both are shown",
        "  probe io 0x3f8         the port alone; probe p:0x3f8 the memory alone",
        "  probe v:0xffff8880     an address as the program sees it, translated first"})
public final class ProbeCommand extends Listing {
  private static final long LAST_PORT = 0xffff;

  @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "[p:|v:|l:]address, or io and a port")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    var see = shell.session().inspect();
    if (words.getFirst().equals("io") && words.size() > 1) {
      return see.probePort((int) (Expr.evaluate(join(words.subList(1, words.size())), shell.session().names()) & LAST_PORT));
    }
    String text = join(words);
    Address address = Address.parse(text, 'p', shell.session().names());
    var out = new ArrayList<FieldsView>();
    out.add(see.probe(address));
    if (address instanceof Address.Physical(long n) && n >= 0 && n <= LAST_PORT && !text.startsWith("p:")) {
      out.add(see.probePort((int) n));
    }
    return out.size() == 1 ? out.getFirst() : out;
  }
}
