package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.MachineConfig;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options that say what machine to build and what to put into it. */
final class MachineOptions {
  @Option(names = "--kernel", paramLabel = "FILE", description = "ELF, multiboot kernel, boot sector or .asm; without it the\n"
      + "guest that comes with Trapline")
  private String kernel;

  @Option(names = "--append", paramLabel = "STR", description = "the kernel's command line")
  private String append = "";

  @Option(names = "--mem", paramLabel = "SIZE", description = "memory, such as 128M or 2G (128M)")
  private String memory = "128M";

  boolean hasKernel() {
    return kernel != null;
  }

  MachineConfig config() {
    try {
      return MachineConfig.standard().withMemory(bytes(memory));
    } catch (BootException wrong) {
      throw new BadInput("--mem " + memory + ": " + wrong.getMessage());
    }
  }

  Image image() {
    if (kernel == null) {
      return EmbeddedGuest.image(append);
    }
    Path path = Path.of(kernel);
    return kernel.endsWith(".asm") ? Image.assembled(path, append) : Image.file(path, append);
  }

  /** A size with K, M or G; plain numbers are MiB, as QEMU has it. */
  static long bytes(String text) {
    String t = text.toUpperCase(Locale.ROOT);
    if (!t.matches("[0-9]{1,9}[KMG]?")) {
      throw new BadInput("--mem " + text + ": a size such as 128M or 2G is expected");
    }
    char unit = t.charAt(t.length() - 1);
    long n = Long.parseLong(Character.isDigit(unit) ? t : t.substring(0, t.length() - 1));
    return n << (unit == 'K' ? 10 : unit == 'G' ? 30 : 20);
  }
}
