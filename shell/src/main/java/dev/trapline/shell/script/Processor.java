package dev.trapline.shell.script;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.Place;
import java.util.List;
import java.util.function.Supplier;

/** A processor: {@code cpu.rax}, {@code cpu.rax = 1}, {@code cpus[1].rip}; registers by the names of {@code r}. */
public final class Processor {
  private final Session session;
  private final int number;

  /** @param number -1 for the one that is selected */
  Processor(Session session, int number) {
    this.session = session;
    this.number = number;
  }

  private <T> T here(Supplier<T> what) {
    int before = session.selected();
    if (number < 0 || number == before) {
      return what.get();
    }
    session.select(number);
    try {
      return what.get();
    } finally {
      session.select(before);
    }
  }

  /** Its number. */
  public int getNumber() {
    return number < 0 ? session.selected() : number;
  }

  /** Where it stands: {@code count nanoseconds mode cpl offset linear symbol}. */
  public Place getPlace() {
    return here(() -> session.inspect().place());
  }

  /** {@code real16}, {@code prot32}, {@code long64}, ... */
  public String getMode() {
    return getPlace().mode();
  }

  /** The privilege level. */
  public int getCpl() {
    return getPlace().cpl();
  }

  /** The next instruction. */
  public CodeLine getNext() {
    return code(1).getFirst();
  }

  /** The next instructions. */
  public List<CodeLine> code(int count) {
    return here(() -> session.inspect().code(session.inspect().here(), count));
  }

  /** Names of all registers. */
  public List<String> getNames() {
    return session.inspect().registerNames();
  }

  /** A register by its name. */
  public long getAt(String name) {
    if (!getNames().contains(name)) {
      throw new BadInput("no register '" + name + "'");
    }
    return here(() -> session.inspect().register(name).value());
  }

  /** Groovy's hook for {@code cpu.NAME}. */
  public Object propertyMissing(String name) {
    return getAt(name);
  }

  /** Groovy's hook for {@code cpu.NAME = value}. */
  public void propertyMissing(String name, Object value) {
    here(() -> {
      session.register(name, ((Number) value).longValue());
      return null;
    });
  }

  @Override
  public String toString() {
    return "cpu" + getNumber() + ": " + String.join(" ", getNames());
  }
}
