package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.ConsoleView;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.machine.HostConsole;
import dev.trapline.vm.machine.Input;
import dev.trapline.vm.machine.Machine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/** The consoles of a session: they outlive the machine they are connected to. */
final class Consoles {
  /** The console that {@code boot} shows. */
  static final String FIRST = "uart0";

  private final Runnable found;
  private final Map<String, ConsoleTail> tails = new LinkedHashMap<>();
  private final Map<String, IntConsumer> sinks = new LinkedHashMap<>();
  private Machine machine;

  /** @param found called when an expected text is complete */
  Consoles(Runnable found) {
    this.found = found;
  }

  /** Another machine. */
  void connect(Machine to) {
    machine = to;
    tails.clear();
    for (HostConsole c : to.consoles()) {
      ConsoleTail tail = new ConsoleTail(found);
      tail.to(sinks.getOrDefault(c.name(), b -> {}));
      tails.put(c.name(), tail);
      c.output(tail);
    }
  }

  /** Who takes what is printed on a console of this machine, and of those to come. */
  void output(String name, IntConsumer sink) {
    String known = console(name).name();
    sinks.put(known, sink);
    tails.get(known).to(sink);
  }

  /** Who is told of every line that is printed from now on; null for nobody. */
  void lines(Consumer<Event> who) {
    tails.forEach((name, tail) -> tail.lines(who == null ? null : line -> who.accept(new Event.Line(name, line))));
  }

  /** The console of a name or one of its other names: {@code com1}, {@code hvc0}, {@code vga}. */
  HostConsole console(String name) {
    String wanted = canonical(name);
    return machine.consoles().stream().filter(c -> c.name().equals(wanted)).findFirst().orElseThrow(() -> new BadInput("no console '" + name
        + "': there is " + machine.consoles().stream().map(HostConsole::name).collect(Collectors.joining(" "))));
  }

  private static String canonical(String name) {
    if (name.matches("com[1-4]")) {
      return "uart" + (name.charAt(3) - '1');
    }
    if (name.matches("ttyS[0-3]")) {
      return "uart" + name.charAt(4);
    }
    return switch (name) {
      case "serial", "uart" -> FIRST;
      case "keyboard", "kbd", "vga" -> HostConsole.SCREEN;
      default -> name.replaceFirst("^hvc", "virtio-console");
    };
  }

  ConsoleTail tail(String name) {
    return tails.get(name);
  }

  void type(String name, byte[] bytes) {
    HostConsole console = console(name);
    for (byte b : bytes) {
      if (!console.takes(b & 0xff)) {
        throw new BadInput("the US keyboard has no key for '" + (char) (b & 0xff) + "'");
      }
    }
    machine.inputs().take(Input.type(console.name(), bytes));
  }

  /** The expected text if it has come on any console since the last call, else null. */
  String takeSeen() {
    String seen = null;
    for (ConsoleTail t : tails.values()) {
      String s = t.takeSeen();
      seen = seen == null ? s : seen;
    }
    return seen;
  }

  /** Whether the serial console has shown a text; if not it stops the machine when it does, until {@link #expectNothing}. */
  boolean hasPrinted(String text) {
    ConsoleTail tail = tails.get(FIRST);
    return tail.takeSeen() != null || tail.expect(text, true);
  }

  /** Nothing is expected any more. */
  void expectNothing() {
    tails.values().forEach(t -> t.expect(null, false));
  }

  List<ConsoleView> views() {
    return tails.entrySet().stream().map(e -> {
      List<String> last = e.getValue().lines(1);
      return new ConsoleView(e.getKey(), console(e.getKey()).about(), e.getValue().printed(), last.isEmpty() ? "" : last.getFirst());
    }).toList();
  }
}
