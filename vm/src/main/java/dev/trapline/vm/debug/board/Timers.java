package dev.trapline.vm.debug.board;

import static dev.trapline.vm.debug.board.Look.field;
import static dev.trapline.vm.debug.board.Look.onOff;
import static dev.trapline.vm.debug.board.Look.set;

import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.debug.board.Look.Rows;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.TableView;
import dev.trapline.vm.device.Hpet;
import dev.trapline.vm.device.Pit;
import dev.trapline.vm.device.PitCounter;
import dev.trapline.vm.device.Rtc;
import dev.trapline.vm.machine.Machine;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** What measures time: 8254 (Intel 231164), HPET (IA-PC HPET 1.0a), MC146818A, and the alarms of all devices. */
final class Timers {
  private static final String[] MODES = {"terminal count", "one-shot", "rate generator", "square wave", "software strobe", "hardware strobe"};
  private static final String[] USES = {"IRQ 0", "refresh", "speaker"};
  private static final String[] ACCESS = {"", "low", "high", "low-high"};
  private static final double PIT_HZ = (double) Pit.HZ_NUM / Pit.HZ_DEN;
  private static final int A = 0x0a;
  private static final int B = 0x0b;
  private static final double CRYSTAL = 32768;

  private Timers() {}

  static BoardView pit(Machine machine) {
    return Look.one(machine, Pit.class).map(p -> {
      Rows rows = new Rows("", "counter", "for", "mode", "counts from", "rate", "count", "gate", "out", "access", "");
      for (int n = 0; n < USES.length; n++) {
        PitCounter.State c = p.at(n);
        int from = c.initial() == 0 ? c.bcd() ? 10_000 : 0x10000 : c.initial();
        boolean periodic = c.mode() == 2 || c.mode() == 3;
        boolean counts = c.written() && c.running();
        rows.add(n, USES[n], c.mode() + " " + MODES[c.mode()], counts ? Integer.toString(from) : "", counts && periodic ? hertz(PIT_HZ / from) : "",
            counts ? Integer.toString(c.element()) : "stopped", c.gate() ? "high" : "low", c.out() ? "high" : "low",
            ACCESS[c.access()] + (c.bcd() ? " BCD" : ""), c.latch() >= 0 ? "latched " + c.latch() : "");
      }
      int control = p.state().systemControl();
      return new BoardView("pit", List.of(new Field("speaker", onOff((control & 3) == 3), "port 61h: gate " + (control & 1) + ", data "
          + (control >> 1 & 1))), List.of(rows.view()));
    }).orElse(null);
  }

  private static String hertz(double hz) {
    return String.format(Locale.ROOT, hz >= 1000 ? "%.0f Hz" : "%.3f Hz", hz);
  }

  static BoardView hpet(Machine machine) {
    return Look.one(machine, Hpet.class).map(h -> {
      Hpet.State s = h.state();
      Rows rows = new Rows("", "timer", "interrupts", "kind", "comparator", "period", "to", "");
      for (int i = 0; i < s.timers().size(); i++) {
        Hpet.TimerState t = s.timers().get(i);
        int c = t.configuration();
        boolean legacy = set(s.configuration(), 2) && i < 2;
        rows.add(i, onOff(set(c, 4)), (set(c, 8) ? "periodic" : "one-shot") + (set(c, 2) ? " level" : " edge") + (set(c, 0x100) ? " 32-bit" : ""),
            Look.hex(t.comparator()), set(c, 8) ? Look.hex(t.period()) : "", legacy ? i == 0 ? "IRQ 0" : "IRQ 8" : "pin " + (c >> 9 & 31),
            set(s.status(), 1 << i) ? "interrupt active" : "");
      }
      return new BoardView("hpet", List.of(new Field("counter", Look.hex(h.load(0xf0, 8)), set(s.configuration(), 1) ? "running"
          : "stopped"), field("legacy replacement", onOff(set(s.configuration(), 2)))), List.of(rows.view()));
    }).orElse(null);
  }

  static BoardView rtc(Machine machine) {
    return Look.one(machine, Rtc.class).map(r -> {
      Rtc.State s = r.state();
      int a = s.memory()[A];
      int b = s.memory()[B];
      LocalDateTime time = r.shown();
      int rate = a & 15;
      double hz = rate == 0 ? 0 : CRYSTAL / (1 << (rate < 3 ? rate + 6 : rate - 1));
      return new BoardView("rtc", List.of(
          field("time", time == null ? "stopped" : time.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss"))),
          new Field("alarm", "%s:%s:%s".formatted(alarm(s, 5), alarm(s, 3), alarm(s, 1)), "hour:minute:second as stored, ** every one"),
          field("interrupts", Look.bits(b >> 4 & 7, "update", "alarm", "periodic")),
          field("flags", Look.bits(s.flags() >> 4 & 7, "update", "alarm", "periodic")),
          new Field("periodic rate", rate == 0 ? "off" : hertz(hz), "register A 0x%02x".formatted(a & 0xff)),
          new Field("format", (set(b, 4) ? "binary" : "BCD") + (set(b, 2) ? ", 24 hours" : ", 12 hours"), "register B 0x%02x".formatted(b & 0xff)),
          new Field("address", Look.hex(s.index() & 0x7f), r.nmiMasked() ? "NMI masked" : "")), List.of(cmos(s.memory())));
    }).orElse(null);
  }

  private static String alarm(Rtc.State s, int at) {
    int v = s.memory()[at] & 0xff;
    return v >= 0xc0 ? "**" : "%02x".formatted(v);
  }

  private static TableView cmos(byte[] memory) {
    Rows rows = new Rows("CMOS", "at", "");
    for (int i = 0; i < memory.length; i += 16) {
      var line = new StringBuilder();
      for (int j = 0; j < 16; j++) {
        line.append(j == 0 ? "" : " ").append("%02x".formatted(memory[i + j]));
      }
      rows.add("0x%02x".formatted(i), line);
    }
    return rows.view();
  }

  static BoardView alarms(Machine machine) {
    long now = Look.now(machine);
    double perMillisecond = machine.config().instructionsPerSecond() / 1000.0;
    Rows rows = new Rows("", "timer", "at", "in");
    List<Scheduler.Deadline> set = Look.one(machine, Scheduler.class).orElseThrow().state().timers().stream()
        .filter(t -> t.at() != Scheduler.NEVER).sorted((x, y) -> Long.compare(x.at(), y.at())).toList();
    set.forEach(t -> rows.add(t.name(), "#" + t.at(), String.format(Locale.ROOT, "%.3f ms", (t.at() - now) / perMillisecond)));
    return new BoardView("timers", List.of(field("set", Integer.toString(set.size()))), set.isEmpty() ? List.of() : List.of(rows.view()));
  }
}
