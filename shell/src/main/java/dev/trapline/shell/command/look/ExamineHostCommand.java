package dev.trapline.shell.command.look;

import picocli.CommandLine.Command;

/** {@code xh}. */
@Command(name = "xh", description = "Examine host-physical memory, under a monitor: xh/nfu ADDRESS",
    footerHeading = "Examples:%n", footer = {
        "  xh/4xg 0x8141000    the same as x/4xg h:0x8141000: what the monitor keeps there"})
public final class ExamineHostCommand extends Examine {
  public ExamineHostCommand() {
    super('h');
  }
}
