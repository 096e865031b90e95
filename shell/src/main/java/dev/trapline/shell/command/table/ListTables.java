package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.paging.AddressSpace;
import dev.trapline.vm.debug.paging.Mapping;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pt ls}. */
@Command(name = "ls", description = "Everything mapped, neighbouring pages of the same rights as one line")
final class ListTables extends Listing {
  private static final String LETTERS = "wxusg";

  @Mixin
  private WhichTables which;

  @Option(names = "--rights", paramLabel = "LETTERS", description = "only pages with all of: w x u(ser) s(upervisor) g(lobal)")
  private String rights = "";

  @Option(names = "--has", paramLabel = "ADDRESS", description = "only the range an address is in")
  private String has;

  @Option(names = "--pages", description = "every page on a line of its own")
  private boolean single;

  @Option(names = "--used", description = "fold only pages that agree in size, accessed and dirty bits")
  private boolean used;

  @Parameters(arity = "0..1", paramLabel = "FROM", description = "first address (0)")
  private String from;

  @Parameters(arity = "0..1", paramLabel = "TO", description = "last address")
  private String to;

  @Override
  public Object run(Shell shell) {
    AddressSpace space = which.of(shell);
    long first = number(shell, from, 0);
    long last = number(shell, to, space.last());
    if (Long.compareUnsigned(last, first) < 0) {
      throw new BadInput("pt ls: TO is below FROM");
    }
    List<Mapping> pages = space.pages(first, last, wanted());
    List<Mapping> rows = single ? pages : AddressSpace.folded(pages, used);
    return has == null ? rows : rows.stream().filter(m -> in(m, number(shell, has, 0))).toList();
  }

  private static long number(Shell shell, String text, long otherwise) {
    return text == null ? otherwise : Expr.evaluate(text, shell.session().names());
  }

  private static boolean in(Mapping m, long linear) {
    return Long.compareUnsigned(linear, m.linear()) >= 0 && Long.compareUnsigned(linear, m.last()) <= 0;
  }

  private Predicate<Mapping> wanted() {
    for (char c : rights.toCharArray()) {
      if (LETTERS.indexOf(c) < 0) {
        throw new BadInput("--rights " + rights + ": '" + c + "' is none of w x u s g");
      }
    }
    return m -> rights.chars().allMatch(c -> switch (c) {
      case 'w' -> m.getW();
      case 'x' -> m.getX();
      case 'u' -> m.getU();
      case 's' -> !m.getU();
      default -> m.getG();
    });
  }
}
