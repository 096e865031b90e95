package dev.trapline.shell.command.look;

import picocli.CommandLine.Command;

/** {@code xp}. */
@Command(name = "xp", description = "Examine physical memory: xp/nfu ADDRESS",
    footerHeading = "Examples:%n", footer = {
        "  xp/4xw 0x1000    the same as x/4xw p:0x1000",
        "  xp/2xg cr3       the first two entries of the page table root"})
public final class ExaminePhysicalCommand extends Examine {
  public ExaminePhysicalCommand() {
    super('p');
  }
}
