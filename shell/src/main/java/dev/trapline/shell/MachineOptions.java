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
  @Option(names = "--kernel", paramLabel = "FILE", description = "Linux bzImage, ELF, multiboot kernel, boot sector or .asm;\n"
      + "without it the guest that comes with Trapline")
  private String kernel;

  @Option(names = "--append", paramLabel = "STR", description = "the kernel's command line")
  private String append = "";

  @Option(names = "--initrd", paramLabel = "FILE", description = "initial RAM disk of a Linux kernel")
  private String initrd;

  @Option(names = "--smp", paramLabel = "N", description = "processors, 1 to 8 (1)")
  private int processors = 1;

  @Option(names = "--mem", paramLabel = "SIZE", description = "memory, such as 128M or 2G (128M)")
  private String memory = "128M";

  boolean hasKernel() {
    return kernel != null;
  }

  MachineConfig config() {
    return MachineConfig.standard().withMemory(memory()).withProcessors(processors());
  }

  private long memory() {
    long bytes = bytes(memory);
    try {
      MachineConfig.standard().withMemory(bytes);
    } catch (BootException wrong) {
      throw new BadInput("--mem " + memory + ": " + wrong.getMessage());
    }
    return bytes;
  }

  private int processors() {
    if (processors < 1 || processors > MachineConfig.MOST_PROCESSORS) {
      throw new BadInput("--smp " + processors + ": 1 to " + MachineConfig.MOST_PROCESSORS + " processors");
    }
    return processors;
  }

  Image image() {
    Image image = kernel();
    return initrd == null ? image : image.withInitrd(Path.of(initrd));
  }

  private Image kernel() {
    if (kernel == null) {
      if (initrd != null) {
        throw new BadInput("--initrd is for a Linux kernel: give one with --kernel");
      }
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
