package dev.trapline.vm.debug.board;

import static dev.trapline.vm.debug.board.Look.field;
import static dev.trapline.vm.debug.board.Look.set;

import dev.trapline.vm.debug.board.Look.Rows;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.TableView;
import dev.trapline.vm.device.apic.IoApic;
import dev.trapline.vm.device.apic.LocalApic;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.List;

/** Local APICs (SDM 3A chapter 11) and the I/O APIC (Intel 82093AA). */
final class Apics {
  static final long MASKED = 0x10000;
  private static final long ENABLED = 0x800;
  private static final long BOOT = 0x100;
  private static final int SOFTWARE_ENABLE = 0x100;
  private static final int PPR = 0xa0;
  private static final int TIMER_CURRENT = 0x390;
  private static final String[] DELIVERY = {"fixed", "lowest", "SMI", "?3", "NMI", "INIT", "start-up", "ExtINT"};
  private static final String[] LVT = {"timer", "thermal", "performance", "LINT0", "LINT1", "error"};
  private static final String[] SHORTHAND = {"", " self", " all", " others"};
  private static final int[] DIVISOR = {2, 4, 8, 16, 32, 64, 128, 1};

  private Apics() {}

  static String delivery(long entry) {
    return DELIVERY[(int) (entry >>> 8 & 7)];
  }

  static String destination(long entry) {
    return (set(entry, 0x800) ? "logical " : "apic ") + "0x%02x".formatted(entry >>> 56);
  }

  static BoardView locals(Machine machine) {
    List<LocalApic> all = Look.all(machine, LocalApic.class);
    if (all.isEmpty()) {
      return null;
    }
    var fields = new ArrayList<Field>();
    var tables = new ArrayList<TableView>();
    for (int i = 0; i < all.size(); i++) {
      describe(machine, all.get(i), all.size() == 1 ? "" : "cpu" + i + " ", fields);
      tables.add(vectorTable(all.get(i).state(), all.size() == 1 ? "" : "cpu" + i));
    }
    return new BoardView("lapic", fields, tables);
  }

  private static void describe(Machine machine, LocalApic apic, String cpu, List<Field> out) {
    LocalApic.State s = apic.state();
    out.add(new Field(cpu + "id", Integer.toString(s.id() >>> 24), "at " + Look.hex(s.base() & ~0xfffL) + (set(s.base(), ENABLED) ? ", on"
        : ", off") + (set(s.base(), BOOT) ? ", boot processor" : "") + (s.waiting() ? ", waits for a start-up message" : "")));
    out.add(new Field(cpu + "spurious", "0x%02x".formatted(s.svr() & 0xff), set(s.svr(), SOFTWARE_ENABLE) ? "enabled by software"
        : "disabled by software"));
    out.add(field(cpu + "priority", "task 0x%02x, processor 0x%02x".formatted(s.tpr(), apic.load(PPR, 4))));
    out.add(field(cpu + "logical", "0x%02x, %s".formatted(s.ldr() >>> 24, s.dfr() >>> 28 == 0xf ? "flat" : "cluster")));
    out.add(field(cpu + "requested", Look.vectors(s.irr()) + (s.nmi() ? " NMI" : "") + (s.external() ? " ExtINT" : "")));
    out.add(field(cpu + "in service", Look.vectors(s.isr())));
    out.add(new Field(cpu + "last sent", "0x%08x".formatted(s.icrLow()), "0x%02x %s%s to 0x%02x".formatted(s.icrLow() & 0xff,
        delivery(s.icrLow()), SHORTHAND[s.icrLow() >>> 18 & 3], s.icrHigh() >>> 24)));
    out.add(field(cpu + "errors", s.esr() == 0 ? "none" : Look.bits(s.esr(), "", "", "", "", "redirectable", "send vector", "receive vector",
        "register")));
    timer(apic, machine, cpu, out);
  }

  private static void timer(LocalApic apic, Machine machine, String cpu, List<Field> out) {
    LocalApic.State s = apic.state();
    String kind = Look.text(apic, "timer", "kind").toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    long deadline = Look.number(apic, "timer", "deadline");
    int code = (int) Look.number(apic, "timer", "divide");
    int divisor = DIVISOR[code & 3 | code >>> 1 & 4];
    boolean tsc = kind.equals("deadline");
    out.add(new Field(cpu + "timer", kind, tsc ? deadline == 0 ? "not set" : "at TSC " + Look.hex(deadline)
        : "count 0x%x of 0x%x, clock / %d, vector 0x%02x".formatted(apic.load(TIMER_CURRENT, 4), Look.number(apic, "timer", "initial"), divisor,
            s.lvt()[0] & 0xff)));
  }

  private static TableView vectorTable(LocalApic.State s, String title) {
    Rows rows = new Rows(title, "lvt", "vector", "delivery", "trigger", "polarity", "pin", "");
    for (int i = 0; i < LVT.length; i++) {
      int e = s.lvt()[i];
      boolean pin = i == 3 || i == 4;
      rows.add(LVT[i], "0x%02x".formatted(e & 0xff), i == 0 || i == 5 ? "fixed" : delivery(e), pin ? set(e, 0x8000) ? "level" : "edge" : "",
          pin ? set(e, 0x2000) ? "low" : "high" : "", pin ? set(s.pins(), 1 << i - 3) ? "high" : "low" : "", set(e, MASKED) ? "masked" : "");
    }
    return rows.view();
  }

  static BoardView io(Machine machine) {
    return Look.one(machine, IoApic.class).map(io -> {
      IoApic.State s = io.state();
      Rows rows = new Rows("", "pin", "line", "vector", "delivery", "destination", "trigger", "polarity", "");
      for (int i = 0; i < IoApic.PINS; i++) {
        long e = s.entries()[i];
        rows.add(i, set(s.lines(), 1L << i) ? "high" : "low", "0x%02x".formatted(e & 0xff), delivery(e), destination(e),
            set(e, 0x8000) ? "level" : "edge", set(e, 0x2000) ? "low" : "high",
            (set(e, MASKED) ? "masked" : "") + (set(e, 0x4000) ? " remote IRR" : ""));
      }
      return new BoardView("ioapic", List.of(new Field("id", Integer.toString(s.id() >>> 24 & 15), "at " + Look.hex(IoApic.BASE)),
          Look.hex("register selected", s.select(), "")), List.of(rows.view()));
    }).orElse(null);
  }
}
