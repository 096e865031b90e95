package dev.trapline.vm.debug;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.Unknown;
import dev.trapline.vm.device.AbsentDevices;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.mem.Unmapped;
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
    var fields = machine.memory().regions().stream()
        .sorted((a, b) -> Long.compare(a.start(), b.start())).map(r -> new Field(range(r.start(), r.end() - 1), r.name(),
        r.device() != null ? "device" : r.writable() ? "RAM" : "ROM")).toList();
    return new FieldsView("physical memory", fields);
  }

  FieldsView conflicts() {
    return new FieldsView("conflicts", machine.conflicts().stream().map(c -> new Field("not connected", c)).toList());
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

  List<Unknown> unknown(Symbols symbols) {
    var out = new ArrayList<Unknown>();
    machine.ports().unknown().forEach(u -> out.add(new Unknown("port", u.port(), u.reads(), u.writes(), place(u.firstRip(), symbols),
        AbsentDevices.at(u.port()).map(AbsentDevices.Absent::explanation).orElse(""))));
    machine.cpus().forEach(c -> c.msrs.unknown().forEach(u -> out.add(new Unknown("msr", u.number() & 0xffffffffL, u.reads(), u.writes(),
        place(u.firstRip(), symbols), AbsentDevices.msr(u.number()).orElse("")))));
    machine.memory().unmapped().pages().forEach(u -> out.add(new Unknown(rom(u.page()) ? "rom" : "memory", u.page(), u.reads(), u.writes(),
        place(u.firstRip(), symbols), u.page() == Unmapped.OTHERS ? "further pages" : "")));
    machine.refusedDma().forEach(d -> out.add(new Unknown("dma", d.first(), d.reads(), d.writes(), d.device(), "")));
    return out;
  }

  private boolean rom(long page) {
    var region = page < 0 ? null : machine.memory().regionAt(page);
    return region != null && region.device() == null;
  }

  private static String place(long rip, Symbols symbols) {
    Symbols.Near near = symbols.near(rip);
    return near == null ? "0x" + Long.toHexString(rip) : near.toString();
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
