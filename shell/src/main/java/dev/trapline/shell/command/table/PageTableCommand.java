package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.BadInput;
import picocli.CommandLine.Command;

/** {@code pt}. */
@Command(name = "pt", description = "Page tables: a translation step by step, all mappings, aliases, changes, a picture",
    subcommands = {WalkTables.class, ListTables.class, FindAliases.class, SaveTables.class, CompareTables.class, MapTables.class,
    BothTables.class},
    footerHeading = "Examples:%n", footer = {
        "  pt walk 0x401000          each entry, the rights that result, and which accesses fault",
        "  pt walk esp               of the stack",
        "  pt ls                     everything mapped, neighbouring pages of the same rights as one line",
        "  pt ls --rights wx         what can be written and executed",
        "  pt ls --where {it.u}      user pages, by a closure",
        "  pt aliases p:0x7000       every virtual address of a physical one",
        "  pt save boot              keep what is mapped now, and later",
        "  pt diff boot              what was added, removed, moved, or changed in rights",
        "  pt both                   the guest's tables and the hardware's side by side, under a monitor",
        "  pt both --differing       only where they differ: lazy, as they may, or wrong",
        "  pt map                    a picture of the address space; pt map --svg map.svg draws it to a file"})
public final class PageTableCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    throw new BadInput("pt: a verb is missing: pt walk ADDRESS, pt ls, pt aliases ADDRESS, pt save NAME, pt diff NAME, pt both, pt map");
  }
}
