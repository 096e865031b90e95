package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.PointOptions;
import picocli.CommandLine.Mixin;

/** What setting a breakpoint, watchpoint or trace takes. */
abstract class PointSetting extends Listing {
  @Mixin
  final PointOptions options = new PointOptions();
}
