package dev.trapline.shell;

import dev.trapline.shell.script.MachineFile;
import dev.trapline.shell.command.Sizes;
import dev.trapline.vm.cpu.CpuType;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.GuestPlan;
import dev.trapline.vm.debug.HostPlan;
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
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what machine to build and what to put into it. */
final class MachineOptions {
  /** Debian's place for the video BIOS that belongs to SeaBIOS. */
  private static final Path INSTALLED_VIDEO_BIOS = Path.of("/usr/share/seabios/vgabios-stdvga.bin");

  private static final String USUAL_MEMORY = "128M";
  /** Of each of the two guests that are started when nothing is said. */
  private static final long EMBEDDED_MEMORY = 32L << 20;

  @Option(names = "--machine", paramLabel = "FILE", description = "several guests of the monitor, described in Groovy (scripts/machines)")
  private Path machineFile;

  @Option(names = "--kernel", paramLabel = "FILE", description = "Linux bzImage, ELF, multiboot kernel, boot sector or .asm;\n"
      + "without it the guest that comes with Trapline, twice: by hvm and by trap")
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
  private String memory;

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

  /** A session over the machine on its own or, if the options say how, as a guest of the monitor: what a script asks for. */
  Session open() {
    return machineFile != null || monitor.chosen() && !monitor.bare() ? openMonitored() : Sessions.open(config(), image());
  }

  /** The same as a guest of the monitor, unless the options say otherwise; the small system twice if they say nothing. */
  Session openMonitored() {
    if (machineFile != null) {
      return described();
    }
    if (monitor.bare()) {
      return Sessions.open(config(), image());
    }
    return says() ? Sessions.open(config(), image(), monitor.asGuest()) : Sessions.open(HostPlan.STANDARD, embedded());
  }

  /** The guests of a file. */
  private Session described() {
    if (says() || memory != null || monitor.bare()) {
      throw new BadInput("--machine says what its guests are: no --kernel, --bios, --mem, --bare, --technique or the like beside it");
    }
    return group(MachineFile.read(machineFile, cache())).current();
  }

  /** The guests of a description. */
  static GuestGroup group(MachineFile.Description d) {
    long memory = d.memory().isEmpty() ? 0 : bytes(d.memory());
    long reserve = d.reserve().isEmpty() ? 0 : Sizes.bytes("reserve", d.reserve());
    return new GuestGroup(new HostPlan(memory, reserve, d.processors(), d.scheduler()),
        IntStream.range(0, d.guests().size()).mapToObj(i -> plan(d.guests().get(i), i)).toList());
  }

  /** What the options of a guest in a file make. */
  private static GuestPlan plan(MachineFile.GuestText guest, int number) {
    var options = new MachineOptions();
    options.virtio.guest(number);
    try {
      new CommandLine(options).parseArgs(guest.arguments().toArray(String[]::new));
      if (options.monitor.bare() || options.machineFile != null) {
        throw new BadInput("a guest is neither bare nor a machine of its own");
      }
      return new GuestPlan(guest.name(), options.config(), options.image(), options.monitor.asGuest(), guest.weight(), guest.cap(), guest.until());
    } catch (CommandLine.ParameterException | BadInput wrong) {
      throw new BadInput("guest " + guest.name() + ": " + wrong.getMessage());
    }
  }

  /** Where fetched guests are. */
  static Path cache() {
    String folder = System.getenv("TRAPLINE_CACHE");
    Path root = folder == null || folder.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache", "trapline") : Path.of(folder);
    return root.resolve("guests");
  }

  /** The guest that comes with Trapline, once by each technique. */
  private List<GuestPlan> embedded() {
    MachineConfig small = memory == null ? config().withMemory(EMBEDDED_MEMORY) : config();
    Image image = image();
    return Virtual.TECHNIQUES.stream().map(t -> new GuestPlan(t, small, image, new Virtual(t, "shadow"), 0, 0)).toList();
  }

  /** Whether there is to be no monitor. */
  boolean bare() {
    return monitor.bare();
  }

  /** Whether the user says what to start. */
  boolean describesMachine() {
    return kernel != null || bios != null || initrd != null || machineFile != null || monitor.chosen();
  }

  /** Whether the user says anything that makes it one certain machine. */
  private boolean says() {
    return kernel != null || bios != null || initrd != null || !modules.isEmpty() || monitor.chosen() || processors != 1 || screen
        || videoBios != null || drives.any() || virtio.any();
  }

  MachineConfig config() {
    MachineConfig base = MachineConfig.standard().withMemory(memory()).withProcessors(processors()).withCpu(cpu());
    return screened(virtio.connect(drives.connect(base)));
  }

  private long memory() {
    long bytes = bytes(memory == null ? USUAL_MEMORY : memory);
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

  /** The memory of a machine: {@link Sizes#bytes}. */
  static long bytes(String text) {
    return Sizes.bytes("--mem", text);
  }
}
