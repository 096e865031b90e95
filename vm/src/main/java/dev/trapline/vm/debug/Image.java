package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.AsmException;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.isa.asm.Assembly;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.BootImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;

/**
 * What to put into a machine before it starts, with the names known for its addresses.
 *
 * @param symbols from the assembler or the ELF file
 * @param warnings of the assembler, one line each
 */
public record Image(BootImage boot, Symbols symbols, List<String> warnings) {
  /** Largest file that is read. */
  private static final long MOST = 1L << 30;

  public Image {
    warnings = List.copyOf(warnings);
  }

  /** An image nobody has warned of. */
  public Image(BootImage boot, Symbols symbols) {
    this(boot, symbols, List.of());
  }

  /** A kernel or disk image whose kind is found by looking at it; {@link BadInput} if it cannot be read. */
  public static Image file(Path path, String commandLine) {
    byte[] bytes = read(path);
    return new Image(BootImage.auto(path.toString(), bytes, commandLine), ElfSymbols.of(bytes));
  }

  /** A BIOS: the machine starts at its reset vector. */
  public static Image firmware(Path path) {
    try {
      return new Image(BootImage.firmware(path.toString(), read(path)), Symbols.NONE);
    } catch (BootException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  /** The bytes of a ROM file; {@link BadInput} if it cannot be read. */
  public static byte[] firmwareBytes(Path path) {
    return read(path);
  }

  /** Raw bytes for a physical address, started there in 16-, 32- or 64-bit mode. */
  public static Image flat(Path path, long address, int bits) {
    return new Image(BootImage.flat(path.toString(), read(path), address, bits), Symbols.NONE);
  }

  /**
   * Source in NASM's language, assembled; its labels become symbols. A multiboot header or a boot sector's signature says how it
   * starts; without either it is put at its origin (1 MiB if that is 0) and started there in 32-bit mode.
   */
  public static Image assembled(Path source, String commandLine) {
    Assembly program = assembly(source);
    BootImage boot = BootImage.auto(source.toString(), program.bytes(), commandLine);
    if (boot.resolvedKind() == BootImage.Kind.FLAT) {
      long at = program.origin() == 0 ? BootImage.DEFAULT_ADDRESS : program.origin();
      boot = BootImage.flat(source.toString(), program.bytes(), at, 32);
    }
    return new Image(boot, labels(program), program.warnings());
  }

  /** The same, started at a given address in 16-, 32- or 64-bit mode. */
  public static Image assembled(Path source, long address, int bits) {
    Assembly program = assembly(source);
    return new Image(BootImage.flat(source.toString(), program.bytes(), address, bits), labels(program), program.warnings());
  }

  /** Labels that stand in the program: not the offsets within its structures. */
  private static Symbols labels(Assembly program) {
    var labels = new HashMap<>(program.symbols());
    labels.keySet().retainAll(program.labels());
    labels.values().removeIf(a -> program.sections().stream().noneMatch(s -> a >= s.address() && a <= s.address() + s.size()));
    return new Symbols(labels);
  }

  private static Assembly assembly(Path source) {
    read(source);
    try {
      return new Assembler(X86.set()).assemble(source);
    } catch (AsmException wrong) {
      int more = wrong.errors().size() - 1;
      throw new BadInput(wrong.errors().getFirst() + (more > 0 ? " (and " + more + " more)" : ""));
    }
  }

  /** The same under another name for messages. */
  public Image named(String name) {
    return new Image(new BootImage(name, boot.bytes(), boot.kind(), boot.address(), boot.bits(), boot.commandLine(), boot.initrd(),
        boot.modules()), symbols, warnings);
  }

  /** The same with an initial RAM disk; {@link BadInput} if the image is no Linux kernel or the file cannot be read. */
  public Image withInitrd(Path file) {
    return switch (boot.resolvedKind()) {
      case LINUX -> new Image(boot.withInitrd(read(file)), symbols);
      // The protocol has no other place for it (xen/include/public/arch-x86/hvm/start_info.h).
      case PVH -> new Image(boot.withModule("", read(file)), symbols);
      default -> throw new BadInput(boot.name() + " is no Linux kernel: only those take an initial RAM disk");
    };
  }

  /**
   * The same with a further module.
   *
   * @param words its file and what the kernel is told about it: {@code FILE args}
   * @throws BadInput if the image takes no modules or the file cannot be read
   */
  public Image withModule(String words) {
    return switch (boot.resolvedKind()) {
      case MULTIBOOT, MULTIBOOT2, PVH -> new Image(boot.withModule(words, read(Path.of(words.strip().split("\\s+", 2)[0]))), symbols, warnings);
      default -> throw new BadInput(boot.name() + " is no multiboot kernel: only those take modules");
    };
  }

  /** The same with other names. */
  Image withSymbols(Symbols names) {
    return new Image(boot, names, warnings);
  }

  static byte[] read(Path path) {
    try {
      if (Files.isDirectory(path)) {
        throw new BadInput(path + " is a directory: a file is expected");
      }
      if (Files.size(path) > MOST) {
        throw new BadInput(path + " has more than 1 GiB: this is no kernel");
      }
      byte[] bytes = Files.readAllBytes(path);
      if (bytes.length == 0) {
        throw new BadInput(path + " is empty");
      }
      return bytes;
    } catch (NoSuchFileException absent) {
      throw new BadInput("no file " + path);
    } catch (IOException unreadable) {
      throw new BadInput("cannot read " + path + ": " + unreadable.getMessage());
    }
  }
}
