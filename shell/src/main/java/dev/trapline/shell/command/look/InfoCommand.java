package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Near;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Inspector;
import dev.trapline.vm.debug.MonitorViews;
import dev.trapline.vm.debug.board.Board;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code info}. */
@Command(name = "info", description = "Tables and devices: info gdt|idt|cpuid|msr|mem|unknown|insn|pic|uart|pci|... (info lists them)",
    footerHeading = "Examples:%n", footer = {
        "  info               everything there is to ask for",
        "  info gdt           descriptors; idt, ldt and tss alike",
        "  info insn add      what the instruction table says about ADD",
        "  info pic           a device, decoded; irq, ioapic, lapic, pit, hpet, rtc, uart, kbd, vga, ide, fdc, pci, virtio, acpi alike",
        "  info state com1    a component's state as it is saved and hashed; info devices names them",
        "  info idt --where {it.dpl() == 3} --top 5 | grep gate > idt.txt",
        "  info unknown       ports, MSRs and memory the guest touched that nobody answers, who did first, and why not, where that is known",
        "  info symbol 0xffffffff81000010   the names at and around an address; info symbols: where they are from",
        "  info struct list_head [ADDRESS]   a structure of a Linux guest that describes its types (BTF); info thread",
        "  info mtree         what stands where in physical memory and I/O space",
        "  info irq           every interrupt wire: who drives it, where it goes",
        "  info disks         images and what was written; ide, virtio and pci show registers and queues",
        "  info guests        of the monitor; exits (by reason), overheads, shadow, audit, holes, vmcb [CPU] and frames (who owns host memory) alike",
        "  info virtual       devices of the guests by kind: emulated, dedicated, partitioned, shared, nonexistent, and what stands behind them",
        "  info consoles      serial ports, virtio consoles, the screen: attach, type, expect"})
public final class InfoCommand extends Listing {
  private record Topic(String about, BiFunction<Shell, List<String>, Object> view) {}

  private static final Map<String, Topic> TOPICS = new TreeMap<>(Map.ofEntries(
      topic("gdt", "global descriptor table", Inspector::gdt), topic("ldt", "local descriptor table", Inspector::ldt),
      topic("idt", "interrupt descriptor table", Inspector::idt), topic("tss", "task state segment", Inspector::tss),
      topic("cpuid", "CPUID leaf by leaf", Inspector::cpuid), topic("msr", "model-specific registers", Inspector::msrs),
      topic("registers", "all registers", Inspector::registers), topic("fpu", "x87 registers", Inspector::fpu),
      topic("mem", "what stands where in physical memory", Inspector::regions), topic("ports", "who answers which ports", Inspector::ports),
      topic("mtree", "physical memory and ports", Inspector::mtree), topic("image", "what was loaded", Inspector::image),
      topic("unknown", "what the guest touched that nobody answers", Inspector::unknown),
      topic("disks", "drives, images and what was written", Inspector::disks), topic("ide", "IDE channels and their drives", Inspector::ide),
      topic("pci", "PCI functions and their address ranges", Inspector::pci),
      topic("virtio", "virtio devices: status, features, queues", Inspector::virtio),
      topic("devices", "components that have a state", Inspector::devices),
      Map.entry("insn", new Topic("a row of the instruction table", InfoCommand::instruction)),
      Map.entry("struct", new Topic("a structure of a Linux guest", InfoCommand::struct)),
      Map.entry("symbol", new Topic("names at and around an address", InfoCommand::symbol)),
      topic("symbols", "where names are from", Inspector::symbols), topic("thread", "threads of a Linux guest", i -> i.tasks(true)),
      Map.entry("state", new Topic("a component's state as it is saved", InfoCommand::state)),
      Map.entry("break", new Topic("breakpoints and watchpoints", (s, a) -> s.session().breakpoints().list())),
      Map.entry("warnings", new Topic("what the assembler warned of", (s, a) -> s.session().image().warnings())),
      Map.entry("consoles", new Topic("ways in and out of the guest", (s, a) -> s.session().consoles())),
      monitor("guests", "guests of the monitor", MonitorViews::guests), monitor("exits", "exits of the guest by reason", MonitorViews::exits),
      monitor("overheads", "cycles that are not the guest's own", MonitorViews::overheads),
      monitor("frames", "who owns host-physical memory", MonitorViews::frames),
      monitor("audit", "whether the guest's shadow or nested tables are as they must be", MonitorViews::audit),
      monitor("shadow", "what shadow paging had to do", MonitorViews::shadow),
      monitor("virtual", "devices of the guests by kind: dedicated, partitioned, shared, nonexistent", MonitorViews::virtual),
      Map.entry("holes", new Topic("sensitive instructions that escaped technique trap",
          (s, a) -> s.session().monitor().holes(s.session().symbols()))),
      Map.entry("vmcb", new Topic("a virtual processor's control block", InfoCommand::vmcb))));

  private static final Map<String, String> OTHER_NAMES = Map.of("regs", "registers", "breakpoints", "break", "b", "break", "device", "state",
      "console", "consoles", "memory", "mem", "block", "disks", "ata", "ide", "lspci", "pci");

  @Parameters(index = "0", arity = "0..1", paramLabel = "TOPIC", description = "what to show; without it, the list of topics")
  private String topic;

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARGUMENT",
      description = "a mnemonic for insn, a component for state, an address for symbol, a name and an address for struct")
  private List<String> arguments;

  private static Map.Entry<String, Topic> topic(String name, String about, Function<Inspector, Object> view) {
    return Map.entry(name, new Topic(about, (s, a) -> view.apply(see(s))));
  }

  private static Map.Entry<String, Topic> monitor(String name, String about, Function<MonitorViews, Object> view) {
    return Map.entry(name, new Topic(about, (s, a) -> view.apply(s.session().monitor())));
  }

  private static Inspector see(Shell shell) {
    return shell.session().inspect();
  }

  private static Object instruction(Shell shell, List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new BadInput("info insn needs a mnemonic: for example info insn add");
    }
    String mnemonic = arguments.getFirst();
    var rows = see(shell).rows(mnemonic);
    if (rows.isEmpty()) {
      String near = Near.of(mnemonic, see(shell).mnemonics());
      throw new BadInput("no instruction '" + mnemonic + "'" + (near == null ? "" : "; did you mean '" + near + "'?"));
    }
    return rows;
  }

  private static Object symbol(Shell shell, List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new BadInput("info symbol needs an address: for example info symbol rip");
    }
    return see(shell).symbol(Address.parse(join(arguments), shell.session().names()));
  }

  private static Object vmcb(Shell shell, List<String> arguments) {
    long processor = arguments.isEmpty() ? 0 : Expr.evaluate(join(arguments), shell.session().names());
    return shell.session().monitor().vmcb((int) processor);
  }

  private static Object struct(Shell shell, List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new BadInput("info struct needs a name: for example info struct task_struct");
    }
    String address = join(arguments.subList(1, arguments.size()));
    return see(shell).struct(arguments.getFirst(), address.isEmpty() ? null : Expr.evaluate(address, shell.session().names()));
  }

  private static Object state(Shell shell, List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new BadInput("info state needs a component: " + String.join(" ", see(shell).devices()));
    }
    return see(shell).device(arguments.getFirst());
  }

  /** All topics of this machine with a few words about each. */
  public static SortedMap<String, String> topics(Shell shell) {
    var out = new TreeMap<String, String>();
    TOPICS.forEach((name, t) -> out.put(name, t.about));
    see(shell).board().forEach(t -> out.put(t.name(), t.about()));
    return out;
  }

  @Override
  public Object run(Shell shell) {
    if (topic == null) {
      return new FieldsView("topics", topics(shell).entrySet().stream().map(e -> new Field(e.getKey(), "", e.getValue())).toList());
    }
    String wanted = OTHER_NAMES.getOrDefault(topic, topic);
    List<String> words = arguments == null ? List.of() : arguments;
    Object exact = exactly(shell, wanted, words);
    if (exact != null) {
      return exact;
    }
    List<String> matches = topics(shell).keySet().stream().filter(t -> t.startsWith(wanted)).toList();
    if (matches.size() == 1) {
      return exactly(shell, matches.getFirst(), words);
    }
    if (matches.size() > 1) {
      throw new BadInput("info " + topic + ": ambiguous: " + String.join(" ", matches));
    }
    var names = new ArrayList<>(topics(shell).keySet());
    names.addAll(Board.names());
    names.addAll(see(shell).devices());
    String near = Near.of(topic, names);
    throw new BadInput("info " + topic + ": no such topic; " + (near == null ? "there is " + String.join(" ", topics(shell).keySet())
        : "did you mean '" + near + "'?"));
  }

  /** A table, a device decoded, or a component's state by its name; null if it is none of them. */
  private static Object exactly(Shell shell, String name, List<String> words) {
    if (TOPICS.containsKey(name)) {
      return TOPICS.get(name).view.apply(shell, words);
    }
    boolean component = see(shell).devices().contains(name);
    return Board.find(name).<Object>map(t -> see(shell).board(t)).orElseGet(() -> component ? see(shell).device(name) : null);
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
