package dev.trapline.shell.command.look;

import picocli.CommandLine.Command;

/** {@code x}. */
@Command(name = "x", description = "Examine memory: x/nfu ADDRESS (n count, f x d u o t a c s i, u b h w g)",
    footerHeading = "Examples:%n", footer = {
        "  x/8xw esp        eight words of 4 bytes in hexadecimal",
        "  x/32xb 0x1000    bytes, with their characters",
        "  x/s message      a string",
        "  x/5i eip         instructions",
        "  x/4ag rsp        pointers with the names they point to",
        "  x                the next part, in the same format"})
public final class ExamineCommand extends Examine {
  public ExamineCommand() {
    super('v');
  }
}
