package dev.trapline.vm.debug.board;

import static dev.trapline.vm.debug.board.Look.set;

import dev.trapline.vm.debug.board.Look.Rows;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.device.Pic;
import dev.trapline.vm.device.PicPair;
import dev.trapline.vm.device.apic.IoApic;
import dev.trapline.vm.device.pci.IsaBridge;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The 8259As (Intel 231468) and where every wire goes. */
final class Interrupts {
  private static final int LINES = 16;
  private static final int AUTO_EOI = 2;
  private static final String[] WIRED = {"PIT counter 0, HPET", "keyboard", "cascade", "uart1 uart3", "uart0 uart2", "", "diskette", "", "RTC",
      "ACPI", "", "", "mouse", "FPU", "IDE primary", "IDE secondary"};
  private static final String[] MINIMAL = {"PIT counter 0", "", "cascade", "", "uart0", "", "", "", "RTC", "", "", "", "", "FPU", "", ""};

  private Interrupts() {}

  static BoardView pic(Machine machine) {
    PicPair.State s = machine.pic().state();
    Rows rows = new Rows("", "irq", "vector", "trigger", "line", "requested", "in service", "masked");
    for (int n = 0; n < LINES; n++) {
      Pic.State c = chip(s, n);
      int bit = 1 << (n & 7);
      rows.add(n, "0x%02x".formatted(vector(c, n)), set(c.edgeLevel(), bit) ? "level" : "edge", set(c.lines(), bit) ? "high" : "low",
          set(c.irr(), bit) ? "yes" : "", set(c.isr(), bit) ? "yes" : "", set(c.imr(), bit) ? "masked" : "");
    }
    return new BoardView("pic", List.of(chip("master", s.master()), chip("slave", s.slave())), List.of(rows.view()));
  }

  private static Pic.State chip(PicPair.State s, int irq) {
    return irq < 8 ? s.master() : s.slave();
  }

  private static int vector(Pic.State c, int irq) {
    return c.icw2() & 0xf8 | irq & 7;
  }

  private static Field chip(String name, Pic.State c) {
    boolean ready = c.expects().ordinal() == 0;
    String mode = (set(c.icw4(), AUTO_EOI) ? "automatic EOI" : "normal EOI") + (c.specialMask() ? ", special mask" : "")
        + (c.rotateOnAutoEoi() ? ", rotating" : "") + (c.lowest() != 7 ? ", lowest priority " + c.lowest() : "")
        + (c.poll() ? ", poll asked for" : "") + (ready ? "" : ", initialisation: waits for " + c.expects());
    return new Field(name, "vectors from 0x%02x".formatted(c.icw2() & 0xf8), mode);
  }

  static BoardView irq(Machine machine) {
    PicPair.State s = machine.pic().state();
    Optional<IoApic.State> io = Look.one(machine, IoApic.class).map(IoApic::state);
    Rows rows = new Rows("", "irq", "from", "line", "8259", "I/O APIC");
    int lines = io.isPresent() ? IoApic.PINS : LINES;
    for (int n = 0; n < lines; n++) {
      int pin = pin(n);
      rows.add(n, source(machine, n), n < LINES ? level(chip(s, n).lines(), n & 7) : level(io.orElseThrow().lines(), n),
          n < LINES ? picText(chip(s, n), n) : "", io.map(i -> ioText(i, pin)).orElse(""));
    }
    return new BoardView("irq", List.of(), List.of(rows.view()));
  }

  /** Interrupt 0 comes to pin 2; pin 0 takes the 8259s' output. */
  private static int pin(int irq) {
    return irq == 0 ? 2 : irq == 2 ? 0 : irq;
  }

  private static String level(int lines, int bit) {
    return set(lines, 1 << bit) ? "high" : "low";
  }

  private static String source(Machine machine, int n) {
    boolean pc = Look.one(machine, IoApic.class).isPresent();
    var names = new ArrayList<String>();
    if (n >= LINES) {
      names.add(n < LINES + 4 ? "PIRQ " + (char) ('A' + n - LINES) : "");
    } else {
      names.add(pc ? WIRED[n] : MINIMAL[n]);
      Look.one(machine, IsaBridge.class).ifPresent(b -> {
        for (int line = 0; line < 4; line++) {
          if (b.route(line) == n) {
            names.add("PIRQ " + (char) ('A' + line));
          }
        }
      });
    }
    return String.join(" ", names).strip();
  }

  private static String picText(Pic.State c, int n) {
    int bit = 1 << (n & 7);
    return "0x%02x".formatted(vector(c, n)) + (set(c.imr(), bit) ? " masked" : "") + (set(c.irr(), bit) ? " requested" : "")
        + (set(c.isr(), bit) ? " in-service" : "");
  }

  private static String ioText(IoApic.State s, int pin) {
    long e = s.entries()[pin];
    return "pin " + pin + (set(e, Apics.MASKED) ? " masked" : " 0x%02x %s to %s".formatted(e & 0xff, Apics.delivery(e), Apics.destination(e)));
  }
}
