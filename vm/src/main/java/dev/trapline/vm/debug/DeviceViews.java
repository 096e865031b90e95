package dev.trapline.vm.debug;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.Unknown;
import dev.trapline.vm.device.AbsentDevices;
import dev.trapline.vm.device.Pic;
import dev.trapline.vm.device.PicPair;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateJson;
import dev.trapline.vm.state.StateValue;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;

/** Devices by their state records, memory and port maps, and what nobody answers. */
final class DeviceViews {
  /** Longer arrays of bytes, buffers of devices, are not shown byte by byte. */
  private static final int MOST_SHOWN = 64;

  private final Machine machine;

  DeviceViews(Machine machine) {
    this.machine = machine;
  }

  List<String> names() {
    return machine.components().stream().map(Stateful::stateName).toList();
  }

  FieldsView state(String name) {
    for (Stateful<?> s : machine.components()) {
      if (s.stateName().equals(name)) {
        var fields = new ArrayList<Field>();
        flatten("", StateForm.apart(s.state()), fields);
        return new FieldsView(name, fields);
      }
    }
    throw new BadInput("no device '" + name + "': there is " + String.join(" ", names()));
  }

  private static void flatten(String prefix, StateValue value, List<Field> out) {
    switch (value) {
      case StateValue.Struct s -> s.fields().forEach((k, v) -> flatten(prefix.isEmpty() ? k : prefix + "." + k, v, out));
      case StateValue.Items l when l.values().stream().anyMatch(v -> v instanceof StateValue.Struct) -> {
        for (int i = 0; i < l.values().size(); i++) {
          flatten(prefix + "[" + i + "]", l.values().get(i), out);
        }
      }
      case StateValue.Number n -> out.add(new Field(prefix, number(n.value())));
      case StateValue.Bytes b when b.value().length > MOST_SHOWN -> out.add(new Field(prefix, b.value().length + " bytes"));
      default -> out.add(new Field(prefix, StateJson.write(value).replace("\"", "")));
    }
  }

  private static String number(int v) {
    return v >= 0 && v < 10 ? Integer.toString(v) : v + " 0x" + Integer.toHexString(v);
  }

  FieldsView regions() {
    var fields = machine.memory().regions().stream().map(r -> new Field(range(r.start(), r.end() - 1), r.name(),
        r.device() != null ? "device" : r.writable() ? "RAM" : "ROM")).toList();
    return new FieldsView("physical memory", fields);
  }

  FieldsView ports() {
    var fields = machine.ports().ranges().stream().sorted((a, b) -> Integer.compare(a.first(), b.first()))
        .map(r -> new Field(range(r.first(), r.last()), r.name())).toList();
    return new FieldsView("ports", fields);
  }

  private static String range(long first, long last) {
    return "0x%x-0x%x".formatted(first, last);
  }

  FieldsView probe(Address asked, long pa) {
    if (pa < 0) {
      throw new BadInput(asked + " is not mapped");
    }
    var fields = new ArrayList<Field>();
    var r = machine.memory().regionAt(pa);
    boolean beyond = pa >= machine.memory().limit();
    fields.add(new Field("memory", r == null ? machine.memory().isRam(pa) ? "shadow RAM" : "nobody" : r.name() + at(pa - r.start()),
        r == null ? beyond ? "past the end of the address space" : "reads as ones, stores are dropped"
            : (r.device() != null ? "device " : r.writable() ? "RAM " : "ROM ") + range(r.start(), r.end() - 1)));
    return new FieldsView("physical 0x" + Long.toHexString(pa), fields);
  }

  FieldsView probePort(int port) {
    for (PortMap.Range r : machine.ports().ranges()) {
      if (port >= r.first() && port <= r.last()) {
        return new FieldsView("port 0x" + Integer.toHexString(port), List.of(new Field("port", r.name() + at(port - r.first()),
            "device " + range(r.first(), r.last()) + ", cycles of at most " + r.width() + " bytes")));
      }
    }
    return new FieldsView("port 0x" + Integer.toHexString(port), List.of(new Field("port", "nobody", "reads as ones, stores are dropped")));
  }

  private static String at(long offset) {
    return "+0x" + Long.toHexString(offset);
  }

  FieldsView irqs() {
    PicPair.State s = machine.pic().state();
    var fields = new ArrayList<Field>();
    for (int n = 0; n < 16; n++) {
      Pic.State chip = n < 8 ? s.master() : s.slave();
      int bit = 1 << (n & 7);
      String what = ((chip.lines() & bit) != 0 ? "high" : "low") + ((chip.edgeLevel() & bit) != 0 ? " level" : " edge")
          + ((chip.irr() & bit) != 0 ? " requested" : "") + ((chip.isr() & bit) != 0 ? " in-service" : "")
          + ((chip.imr() & bit) != 0 ? " masked" : "");
      fields.add(new Field("irq" + n, "vector 0x%02x".formatted(chip.icw2() & 0xf8 | n & 7), n == 2 ? what + " cascade" : what));
    }
    return new FieldsView("pic", fields);
  }

  List<Unknown> unknown(Symbols symbols) {
    var out = new ArrayList<Unknown>();
    machine.ports().unknown().forEach(u -> out.add(new Unknown("port", u.port(), u.reads(), u.writes(), first(u, symbols),
        AbsentDevices.at(u.port()).map(AbsentDevices.Absent::explanation).orElse(""))));
    machine.cpus().forEach(c -> c.msrs.unknown().forEach((n, times) -> out.add(new Unknown("msr", n & 0xffffffffL, times, 0, "",
        AbsentDevices.msr(n).orElse("")))));
    var memory = machine.memory();
    if (memory.unmappedReads() + memory.unmappedWrites() > 0) {
      out.add(new Unknown("memory", -1, memory.unmappedReads(), memory.unmappedWrites(), "", ""));
    }
    return out;
  }

  private static String first(PortMap.Unknown u, Symbols symbols) {
    Symbols.Near near = symbols.near(u.firstRip());
    return near == null ? "0x" + Long.toHexString(u.firstRip()) : near.toString();
  }

  FieldsView image(Image image) {
    var boot = image.boot();
    var fields = new ArrayList<Field>();
    fields.add(new Field("kind", boot.resolvedKind().name().toLowerCase(java.util.Locale.ROOT)));
    fields.add(new Field("bytes", Integer.toString(boot.bytes().length)));
    if (!boot.commandLine().isEmpty()) {
      fields.add(new Field("command line", boot.commandLine()));
    }
    fields.add(new Field("symbols", Integer.toString(image.symbols().size())));
    return new FieldsView(boot.name(), fields);
  }
}
