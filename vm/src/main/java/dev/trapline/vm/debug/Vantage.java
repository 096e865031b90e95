package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.machine.Machine;

/** Where an event is looked at from: a processor in the middle of its run. One for each processor, filled in place. */
final class Vantage {
  private final Inspector inspector;
  private final Names names;
  private final Symbols symbols;
  private final Cpu cpu;
  private final int number;
  private Event event;
  private Insn next;
  private long linear;

  Vantage(Machine machine, Lenses lenses, Symbols symbols, int number) {
    this.inspector = lenses.inspector(number);
    this.names = lenses.names(number);
    this.symbols = symbols;
    this.cpu = machine.cpus().get(number);
    this.number = number;
  }

  /** Something happens. */
  Vantage at(Event e) {
    event = e;
    next = null;
    return this;
  }

  /** An instruction is next. */
  Vantage before(Insn in, long at) {
    event = null;
    next = in;
    linear = at;
    return this;
  }

  int number() {
    return number;
  }

  Cpu cpu() {
    return cpu;
  }

  String guest() {
    return inspector.guest();
  }

  Inspector inspector() {
    return inspector;
  }

  Names names() {
    return names;
  }

  Event event() {
    if (event == null) {
      event = new Event.Reached(linear, next == null ? "(bad)" : next.row.mnemonic());
    }
    return event;
  }

  EventView view(String note) {
    return new EventView(place(), number, EventText.of(event()), note);
  }

  Happening happening(Breakpoint b) {
    return new Happening(this, b.id, b.hits, place());
  }

  /** Where it is: the instruction that does it, or the one that an exception, interrupt or the monitor comes to. */
  private Place place() {
    Place here = inspector.place();
    return switch (event()) {
      case Event.Port p -> instruction(here);
      case Event.Mmio m -> instruction(here);
      case Event.Msr m -> instruction(here);
      case Event.Control c -> instruction(here);
      case Event.Debug d -> instruction(here);
      case Event.Memory m -> instruction(here);
      default -> here;
    };
  }

  /** The place of the instruction that is running; RIP is behind it already. */
  private Place instruction(Place behind) {
    long ip = new Flow(inspector).before(cpu.base, cpu.rip);
    long at = behind.linear() + ip - behind.offset();
    Symbols.Near near = symbols.near(at);
    return new Place(behind.guest(), behind.cpu(), behind.count(), behind.nanoseconds(), behind.mode(), behind.cpl(), behind.selector(), ip, at,
        near == null ? null : near.toString(), symbols.lines().text(at));
  }
}
