package dev.trapline.shell;

import dev.trapline.vm.cpu.CpuType;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import dev.trapline.vm.debug.Virtual;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.MachineConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what machine to build and what to put into it. */
final class MachineOptions {
  /** Debian's place for the video BIOS that belongs to SeaBIOS. */
  private static final Path INSTALLED_VIDEO_BIOS = Path.of("/usr/share/seabios/vgabios-stdvga.bin");

  @Option(names = "--kernel", paramLabel = "FILE", description = "Linux bzImage, ELF, multiboot kernel, boot sector or .asm;\n"
      + "without it the guest that comes with Trapline")
  private String kernel;

  @Option(names = "--append", paramLabel = "STR", description = "the kernel's command line")
  private String append = "";

  @Option(names = "--initrd", paramLabel = "FILE", description = "initial RAM disk of a Linux kernel")
  private String initrd;

  @Option(names = "--module", paramLabel = "'FILE args'", description = "a module for a multiboot kernel; may be repeated")
  private List<String> modules = List.of();

  @Option(names = "--smp", paramLabel = "N", description = "processors, 1 to 8 (1)")
  private int processors = 1;

  @Option(names = "--cpu", paramLabel = "NAME[,+FEATURE,-FEATURE]", description = "kind of processor: 486, pentium, 686, x86-64, x86-64-v2, max;\n"
      + "features by their names in /proc/cpuinfo ('--cpu help' lists both)")
  private String cpu = "max";

  @Option(names = "--mem", paramLabel = "SIZE", description = "memory, such as 128M or 2G (128M)")
  private String memory = "128M";

  @Option(names = "--bios", paramLabel = "FILE", description = "start this ROM (64 KiB to 16 MiB), such as SeaBIOS, at its reset vector")
  private Path bios;

  @Option(names = "--vga-bios", paramLabel = "FILE", description = "ROM of the video adapter (with --bios: SeaBIOS's, if installed)")
  private Path videoBios;

  @Option(names = "--screen", description = "a machine with screen and keyboard whatever it starts; boot shows the screen's text at the end")
  private boolean screen;

  @Mixin
  private final DriveOptions drives = new DriveOptions();

  @Mixin
  private final VirtioOptions virtio = new VirtioOptions();

  @Mixin
  private final MonitorOptions monitor = new MonitorOptions();

  /** A session over the machine, on its own or as a guest of the monitor. */
  Session open() {
    return monitor.virtual().map(v -> Sessions.open(config(), image(), v)).orElseGet(() -> Sessions.open(config(), image()));
  }

  /** Says which of several guests these are the options of, from 0: network cards of theirs have different addresses. */
  void guest(int number) {
    virtio.guest(number);
  }

  /** How the monitor runs the machine, whatever else is said. */
  Virtual asGuest() {
    return monitor.asGuest();
  }

  /** Whether the user says what to start. */
  boolean describesMachine() {
    return kernel != null || bios != null || initrd != null;
  }

  boolean hasKernel() {
    return kernel != null;
  }

  MachineConfig config() {
    MachineConfig base = MachineConfig.standard().withMemory(memory()).withProcessors(processors()).withCpu(cpu());
    return screened(virtio.connect(drives.connect(base)));
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

  private CpuType cpu() {
    if (cpu.equals("help")) {
      throw new BadInput("--cpu takes " + String.join(", ", CpuType.all().stream().map(t -> t.name() + " (" + t.about() + ")").toList())
          + "; features: " + String.join(" ", Cpuid.features()));
    }
    try {
      return CpuType.parse(cpu);
    } catch (IllegalArgumentException wrong) {
      throw new BadInput("--cpu " + cpu + ": " + wrong.getMessage());
    }
  }

  /** Whether the text on the screen is to be shown. */
  boolean showsScreen() {
    return screen;
  }

  private MachineConfig screened(MachineConfig base) {
    MachineConfig c = screen ? base.withPlatform(MachineConfig.Platform.PC) : base;
    Path rom = videoBios == null && bios != null && Files.isReadable(INSTALLED_VIDEO_BIOS) ? INSTALLED_VIDEO_BIOS : videoBios;
    return rom == null ? c : c.withVideoBios(Image.firmwareBytes(rom));
  }

  Image image() {
    Image image = kernel();
    for (String module : modules) {
      image = image.withModule(module);
    }
    return initrd == null ? image : image.withInitrd(Path.of(initrd));
  }

  private Image kernel() {
    if (bios != null) {
      if (kernel != null) {
        throw new BadInput("--bios starts the machine, and so does --kernel: one of them");
      }
      if (initrd != null) {
        throw new BadInput("--initrd is for a Linux kernel: give one with --kernel");
      }
      return Image.firmware(bios);
    }
    if (kernel == null) {
      if (initrd != null || !modules.isEmpty()) {
        throw new BadInput((initrd != null ? "--initrd" : "--module") + " belongs to a kernel: give one with --kernel");
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
