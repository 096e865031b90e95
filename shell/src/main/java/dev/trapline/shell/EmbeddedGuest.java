package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Image;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small operating system that comes with Trapline: {@code scripts/guests/mini.asm}, assembled at start. */
final class EmbeddedGuest {
  private static final String SOURCE = "scripts/guests/mini.asm";

  private EmbeddedGuest() {}

  static Image image(String commandLine) {
    return Image.assembled(root().resolve(SOURCE), commandLine).named(SOURCE);
  }

  /** The folder that holds {@code scripts}: property {@code trapline.root}, set by the launcher, or a parent of the current folder. */
  static Path root() {
    String given = System.getProperty("trapline.root");
    Path at = Path.of(given == null ? "" : given).toAbsolutePath();
    for (Path p = at; p != null; p = p.getParent()) {
      if (Files.isRegularFile(p.resolve(SOURCE))) {
        return p;
      }
    }
    throw new BadInput("no " + SOURCE + " (the built-in guest) above " + at + ": start by shell/trapline, or name a --kernel");
  }
}
