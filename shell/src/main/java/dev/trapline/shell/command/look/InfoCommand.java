package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Near;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.Inspector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code info}. */
@Command(name = "info",
    description = "Tables and devices: info gdt|idt|ldt|tss|cpuid|msr|regs|fpu|mem|break|unknown|insn|symbol|struct|DEVICE",
    footerHeading = "Examples:%n", footer = {
        "  info gdt           descriptors; idt, ldt and tss alike",
        "  info insn add      what the instruction table says about ADD",
        "  info pic           a device's state; pit, uart and rtc alike",
        "  info lapic         all of a kind: lapic0, lapic1, ...; info devices names what there is",
        "  info idt --where {it.dpl() == 3} --top 5 | grep gate > idt.txt",
        "  info unknown       ports, MSRs and memory the guest touched that nobody answers, and why not, where that is known",
        "  info symbol 0xffffffff81000010   the names at and around an address; info symbols: where they are from",
        "  info struct list_head [ADDRESS]   a structure of a Linux guest that describes its types (BTF); info thread",
        "  info mem           what stands where in physical memory; mtree shows ports too",
        "  info irq           the interrupt controllers' inputs",
        "  info disks         images and what was written; ide, virtio and pci show registers and queues"})
public final class InfoCommand extends Listing {
  private static final Map<String, BiFunction<Shell, List<String>, Object>> TOPICS = new TreeMap<>(Map.ofEntries(
      Map.entry("gdt", (s, a) -> see(s).gdt()), Map.entry("ldt", (s, a) -> see(s).ldt()), Map.entry("idt", (s, a) -> see(s).idt()),
      Map.entry("tss", (s, a) -> see(s).tss()), Map.entry("cpuid", (s, a) -> see(s).cpuid()), Map.entry("msr", (s, a) -> see(s).msrs()),
      Map.entry("registers", (s, a) -> see(s).registers()),
      Map.entry("fpu", (s, a) -> see(s).fpu()), Map.entry("mem", (s, a) -> see(s).regions()), Map.entry("ports", (s, a) -> see(s).ports()),
      Map.entry("unknown", (s, a) -> see(s).unknown()), Map.entry("insn", InfoCommand::instruction),
      Map.entry("break", (s, a) -> s.session().breakpoints().list()), Map.entry("image", (s, a) -> see(s).image()),
      Map.entry("mtree", (s, a) -> List.of(see(s).regions(), see(s).ports())), Map.entry("irq", (s, a) -> see(s).irqs()),
      Map.entry("disks", (s, a) -> see(s).disks()), Map.entry("ide", (s, a) -> see(s).ide()), Map.entry("pci", (s, a) -> see(s).pci()),
      Map.entry("virtio", (s, a) -> see(s).virtio()),
      Map.entry("devices", (s, a) -> see(s).devices()), Map.entry("struct", InfoCommand::struct),
      Map.entry("symbol", InfoCommand::symbol), Map.entry("symbols", (s, a) -> see(s).symbols()),
      Map.entry("thread", (s, a) -> see(s).tasks(true))));

  private static final Map<String, String> OTHER_NAMES = Map.of("regs", "registers", "uart", "com1", "serial", "com1",
      "breakpoints", "break", "b", "break", "cmos", "rtc", "kbd", "i8042", "mouse", "i8042",
      "block", "disks");

  @Parameters(index = "0", arity = "0..1", paramLabel = "TOPIC", description = "what to show; without it, the list of topics")
  private String topic;

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARGUMENT",
      description = "a mnemonic for insn, an address for symbol, a name and an address for struct")
  private List<String> arguments;

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

  private static Object struct(Shell shell, List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new BadInput("info struct needs a name: for example info struct task_struct");
    }
    String address = join(arguments.subList(1, arguments.size()));
    return see(shell).struct(arguments.getFirst(), address.isEmpty() ? null : Expr.evaluate(address, shell.session().names()));
  }

  /** All topics: tables and the machine's devices. */
  public static List<String> topics(Shell shell) {
    var out = new ArrayList<>(TOPICS.keySet());
    out.addAll(see(shell).devices());
    return out.stream().distinct().sorted().toList();
  }

  @Override
  public Object run(Shell shell) {
    if (topic == null) {
      return "topics: " + String.join(" ", topics(shell));
    }
    String wanted = OTHER_NAMES.getOrDefault(topic, topic);
    if (topic.equals("device") && arguments != null) {
      return see(shell).device(arguments.getFirst());
    }
    List<String> matches = topics(shell).contains(wanted) ? List.of(wanted)
        : topics(shell).stream().filter(t -> t.startsWith(wanted)).toList();
    if (matches.size() > 1 && matches.stream().noneMatch(TOPICS::containsKey) && matches.stream().allMatch(m -> numbered(m, wanted))) {
      return matches.stream().map(see(shell)::device).toList();
    }
    if (matches.size() != 1) {
      String near = Near.of(topic, topics(shell));
      throw new BadInput("info " + topic + ": " + (matches.size() > 1 ? "ambiguous: " + String.join(" ", matches)
          : "no such topic" + (near == null ? "; there is " + String.join(" ", topics(shell)) : "; did you mean '" + near + "'?")));
    }
    var known = TOPICS.get(matches.getFirst());
    return known != null ? known.apply(shell, arguments == null ? List.of() : arguments) : see(shell).device(matches.getFirst());
  }

  /** Whether a device is one of several of a kind: {@code lapic0} of {@code lapic}. */
  private static boolean numbered(String device, String kind) {
    return device.substring(kind.length()).matches("[0-9]+");
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
