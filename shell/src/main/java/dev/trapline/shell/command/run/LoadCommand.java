package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Saves;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code load}. */
@Command(name = "load", description = "Load a kernel or image into a fresh machine, stopped at its first instruction; or a snapshot",
    footerHeading = "Examples:%n", footer = {
        "  load kernel.elf scale=1          multiboot or plain ELF, with a command line",
        "  load vmlinuz console=ttyS0 --initrd busybox-amd64.cpio.gz",
        "                                   a Linux kernel with its initial RAM disk",
        "  load kernel.elf --module 'ramdisk.img root'",
        "                                   a multiboot kernel with a module",
        "  load disk.img                    a 512-byte boot sector goes to 0x7c00",
        "  load code.bin --at 0x100000      raw bytes at a physical address",
        "  load hello.asm                   assembled first (NASM syntax)",
        "  load boot.snap                   the machine that 'snap save' has written"})
public final class LoadCommand extends Listing {
  @Parameters(index = "0", paramLabel = "FILE", description = "Linux bzImage, ELF, multiboot kernel, boot sector, raw bytes, .asm or snapshot")
  private String file;

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "WORDS", description = "the kernel's command line")
  private List<String> commandLine;

  @Option(names = "--at", paramLabel = "ADDRESS", description = "raw bytes, loaded and started here")
  private String at;

  @Option(names = "--bits", paramLabel = "16|32|64", description = "mode raw bytes start in (32)")
  private int bits = 32;

  @Option(names = "--initrd", paramLabel = "FILE", description = "initial RAM disk of a Linux kernel")
  private String initrd;

  @Option(names = "--module", paramLabel = "'FILE args'", description = "a module for a multiboot kernel; may be repeated")
  private List<String> modules = List.of();

  @Override
  public Object run(Shell shell) {
    Path path = path(file);
    if (at == null && Saves.isSnapshot(path)) {
      return SnapCommand.load(shell, path);
    }
    if (at == null) {
      Image image = file.endsWith(".asm") ? Image.assembled(path, join(commandLine)) : Image.file(path, join(commandLine));
      for (String module : modules) {
        image = image.withModule(module);
      }
      return shell.session().load(initrd == null ? image : image.withInitrd(path(initrd)));
    }
    if (initrd != null || !modules.isEmpty()) {
      throw new BadInput("--initrd and --module are for kernels, --at for raw bytes: give one of them");
    }
    return switch (Address.parse(at, 'p', shell.session().names())) {
      case Address.Physical p -> shell.session().load(file.endsWith(".asm") ? Image.assembled(path, p.address(), bits)
          : Image.flat(path, p.address(), bits));
      default -> throw new BadInput("--at takes a physical address");
    };
  }

  private static Path path(String name) {
    return Path.of(name.startsWith("~/") ? System.getProperty("user.home") + name.substring(1) : name);
  }
}
