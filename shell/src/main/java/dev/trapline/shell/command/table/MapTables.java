package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.AddressMap;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.paging.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pt map}. */
@Command(name = "map", description = "A picture of the address space: one strip for each part of it in which something is mapped")
final class MapTables extends Listing {
  @Mixin
  private WhichTables which;

  @Option(names = "--svg", paramLabel = "FILE", description = "draw it into a file")
  private Path svg;

  @Override
  public Object run(Shell shell) {
    List<Mapping> pages = which.of(shell).pages();
    if (svg == null) {
      return AddressMap.of(pages);
    }
    try {
      Files.writeString(svg, AddressMap.of(pages).svg());
    } catch (IOException unwritable) {
      throw new BadInput("cannot write " + svg + ": " + unwritable.getMessage());
    }
    return svg + ": " + pages.size() + " pages";
  }
}
