package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.device.disk.IdeController;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.device.virtio.VirtioFeatures;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateValue;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** Disks, the PCI bus and what stands on it, by the meaning of their registers. */
final class PeripheralViews {
  /** Bits of the ATA status register from 80h down (ATA/ATAPI-6 7.15), of the error register (7.9), of the bus master's status. */
  private static final String[] ATA_STATUS = {"BSY", "DRDY", "DF", "DSC", "DRQ", "CORR", "IDX", "ERR"};
  private static final String[] ATA_ERROR = {"ICRC", "UNC", "MC", "IDNF", "MCR", "ABRT", "NM", "AMNF"};
  private static final String[] MASTER_STATUS = {"simplex", "drive 1 can", "drive 0 can", "", "", "interrupt", "error", "active"};
  private static final String[] VIRTIO_STATUS = {"FAILED", "NEEDS_RESET", "", "", "FEATURES_OK", "DRIVER_OK", "DRIVER", "ACKNOWLEDGE"};
  private static final String[] CHANNELS = {"primary", "secondary"};

  private final Machine machine;

  PeripheralViews(Machine machine) {
    this.machine = machine;
  }

  private static String names(int bits, String[] names) {
    var out = new StringJoiner(" ");
    for (int i = 0; i < names.length; i++) {
      if ((bits & 0x80 >> i) != 0 && !names[i].isEmpty()) {
        out.add(names[i]);
      }
    }
    return out.toString();
  }

  private static String hex(long v) {
    return "0x" + Long.toHexString(v);
  }

  private static Field register(String name, int value, String... bits) {
    return Field.hex(name, value, names(value, bits));
  }

  /** What is behind one name of a component's state, as a number. */
  private static long number(StateValue.Struct in, String... path) {
    StateValue v = in;
    for (String step : path) {
      v = ((StateValue.Struct) v).fields().get(step);
    }
    return switch (v) {
      case StateValue.Number n -> n.value();
      case StateValue.Word w -> w.value();
      case StateValue.Flag f -> f.value() ? 1 : 0;
      default -> throw new IllegalArgumentException(String.join(".", path) + " is no number");
    };
  }

  // ---- disks

  /** Every medium: where it is, and what becomes of writes. */
  FieldsView disks() {
    return new FieldsView("disks", machine.media().stream().map(PeripheralViews::medium).toList());
  }

  private static Field medium(Medium m) {
    String writes = m.readOnly() ? "read-only" : m.image().writable() ? "writes go into the file" : "writes are lost at the end";
    String written = m.writtenBytes() == 0 ? "" : ", " + size(m.writtenBytes()) + " written"
        + (m.spilledBytes() == 0 ? "" : ", " + size(m.spilledBytes()) + " of it in a temporary file");
    return new Field(m.stateName().replaceAll("\\.dis[kc]$", ""), m.image().name(), m.image().format() + ", " + size(m.size()) + ", " + writes + written);
  }

  private static String size(long bytes) {
    return bytes >= 10 << 20 ? (bytes >> 20) + " MiB" : bytes >= 10 << 10 ? (bytes >> 10) + " KiB" : bytes + " bytes";
  }

  /** Both IDE channels. */
  List<FieldsView> ide() {
    IdeController ide = machine.ide();
    if (ide == null) {
      throw new BadInput("the minimal board has no IDE: give it a disk, or --screen");
    }
    var out = new ArrayList<FieldsView>();
    var fields = new ArrayList<Field>();
    for (Stateful<?> s : ide.components()) {
      if (!s.stateName().startsWith("ide")) {
        fields.addAll(drive(s));
        continue;
      }
      int channel = out.size();
      StateValue.Struct state = StateForm.apart(s.state());
      fields.addFirst(new Field("drive", Long.toString(number(state, "select") >> 4 & 1), "selected, register " + hex(number(state, "select"))));
      fields.add(register("master", (int) number(state, "busMaster", "status"), MASTER_STATUS));
      fields.add(Field.hex("regions", number(state, "busMaster", "table") & 0xffffffffL, "table of physical regions"));
      int timing = ide.config(IdeController.IDETIM + 2 * channel, 2);
      fields.add(Field.hex("timing", timing, (timing & IdeController.DECODE_ENABLE) != 0 ? "ports answer" : "off"));
      out.add(new FieldsView(s.stateName() + " " + CHANNELS[channel], fields));
      fields = new ArrayList<>();
    }
    return out;
  }

  private List<Field> drive(Stateful<?> drive) {
    StateValue.Struct state = StateForm.apart(drive.state());
    StateValue.Struct core = (StateValue.Struct) state.fields().get("core");
    String name = drive.stateName();
    Field medium = machine.media().stream().filter(m -> m.stateName().startsWith(name + ".")).findFirst().map(PeripheralViews::medium)
        .orElse(new Field(name, "empty"));
    return List.of(new Field(name, medium.value(), medium.note()),
        register(name + ".status", (int) number(core, "status"), ATA_STATUS), register(name + ".error", (int) number(core, "error"), ATA_ERROR),
        new Field(name + ".step", ((StateValue.Text) core.fields().get("step")).value(), "next " + number(core, "next") + ", "
            + number(core, "left") + " left, buffer " + number(core, "position") + " of " + number(core, "end")),
        new Field(name + ".mode", mode((int) number(state, "dmaMode")), number(core, "intrq") != 0 ? "interrupts" : ""));
  }

  /** A transfer mode as SET FEATURES codes it (ATA/ATAPI-6 table 43). */
  private static String mode(int code) {
    return code >= 0x40 ? "UDMA" + (code & 7) : code >= 0x20 ? "MWDMA" + (code & 7) : "PIO";
  }

  // ---- PCI

  private Optional<PciBus> bus() {
    return machine.components().stream().filter(PciBus.class::isInstance).map(PciBus.class::cast).findFirst();
  }

  private PciBus boardBus() {
    return bus().orElseThrow(() -> new BadInput("the minimal board has no PCI: give it a disk, or --screen"));
  }

  /** All functions of the bus with their identity, interrupt and base address registers. */
  FieldsView pci() {
    PciBus bus = boardBus();
    var fields = new ArrayList<Field>();
    bus.functions().forEach((devfn, f) -> fields.add(new Field(place(devfn), identity(f), function(bus, devfn, f))));
    bus.conflicts().forEach(c -> fields.add(new Field("not connected", c)));
    return new FieldsView("pci", fields);
  }

  private static String place(int devfn) {
    return String.format("00:%02x.%d", devfn >> 3, devfn & 7);
  }

  private static String identity(PciFunction f) {
    return String.format("%04x:%04x", f.config(PciFunction.VENDOR_ID, 2), f.config(PciFunction.DEVICE_ID, 2));
  }

  private static String function(PciBus bus, int devfn, PciFunction f) {
    var out = new StringJoiner(", ");
    out.add(String.format("%s class %06x", f.name(), f.config(PciFunction.REVISION, 4) >>> 8));
    int pin = f.config(PciFunction.INTERRUPT_PIN, 1);
    if (pin != 0) {
      out.add("INT" + (char) ('A' + pin - 1) + " irq " + f.config(PciFunction.INTERRUPT_LINE, 1));
    }
    int command = f.config(PciFunction.COMMAND, 2);
    out.add(((command & PciFunction.COMMAND_IO) != 0 ? "io+" : "io-") + ((command & PciFunction.COMMAND_MEMORY) != 0 ? " mem+" : " mem-")
        + ((command & PciFunction.COMMAND_MASTER) != 0 ? " master+" : " master-"));
    bus.windows().stream().filter(w -> w.devfn() == devfn).forEach(w -> out.add(w.what() + (w.io() ? " io" : "")
        + (w.address() < 0 ? " off" : " " + hex(w.address()) + "-" + hex(w.address() + w.size() - 1))));
    return out.toString();
  }

  // ---- virtio

  /** All virtio devices. */
  List<FieldsView> virtio() {
    if (machine.virtio().isEmpty()) {
      throw new BadInput("no virtio device: boot with --disk FILE,if=virtio, --nic, --rng or --virtio-console");
    }
    return machine.virtio().stream().map(this::virtio).toList();
  }

  /** A virtio device or a medium by its name, if it is one. */
  Optional<FieldsView> named(String name) {
    return machine.virtio().stream().filter(d -> d.name().equals(name)).findFirst().map(this::virtio)
        .or(() -> machine.media().stream().filter(m -> m.stateName().equals(name)).findFirst().map(m -> new FieldsView(name, List.of(medium(m)))));
  }

  private FieldsView virtio(VirtioDevice<?> device) {
    var fields = new ArrayList<Field>();
    StateValue.Struct state = StateForm.apart(device.state());
    StateValue.Struct core = (StateValue.Struct) state.fields().get("core");
    int id = device.config(PciFunction.DEVICE_ID, 2) - VirtioDevice.MODERN;
    long features = number(core, "driverFeatures");
    int devfn = boardBus().functions().entrySet().stream().filter(e -> e.getValue() == device).findFirst().orElseThrow().getKey();
    fields.add(new Field("pci", place(devfn), identity(device)));
    fields.add(register("status", device.status(), VIRTIO_STATUS));
    fields.add(Field.hex("features", features, String.join(" ", VirtioFeatures.names(id, features))));
    List<StateValue> queues = ((StateValue.Items) core.fields().get("queues")).values();
    for (int i = 0; i < queues.size(); i++) {
      fields.add(queue(i, (StateValue.Struct) queues.get(i), (number(core, "notified") >> i & 1) != 0));
    }
    fields.add(Field.hex("isr", number(core, "isr"), number(core, "isr") == 0 ? "" : "waits to be read"));
    if (device.malformed() > 0) {
      fields.add(new Field("malformed", Integer.toString(device.malformed()), device.reason()));
    }
    state.fields().forEach((name, v) -> {
      if (!name.equals("core")) {
        fields.add(own(name, v));
      }
    });
    machine.media().stream().filter(m -> m.stateName().equals(device.name() + ".disk")).map(PeripheralViews::medium).forEach(fields::add);
    return new FieldsView(device.name(), fields);
  }

  private static Field own(String name, StateValue v) {
    return switch (v) {
      case StateValue.Number n -> new Field(name, Integer.toString(n.value()));
      case StateValue.Word w -> new Field(name, Long.toUnsignedString(w.value()));
      case StateValue.Bytes b -> new Field(name, b.value().length + " bytes");
      case StateValue.Items l -> new Field(name, Integer.toString(l.values().size()));
      default -> new Field(name, v.toString());
    };
  }

  /** Sizes, indices, and where the rings are; what waits is read from the driver's ring in memory. */
  private Field queue(int number, StateValue.Struct q, boolean notified) {
    if (number(q, "enabled") == 0) {
      return new Field("queue" + number, "off");
    }
    long ring = number(q, "driver");
    byte[] index = new byte[2];
    machine.memory().peek(ring + 2, index, 0, 2);
    long waiting = ((index[0] & 0xff | (index[1] & 0xff) << 8) - number(q, "taken")) & 0xffff;
    long vector = number(q, "vector");
    return new Field("queue" + number, number(q, "size") + " entries", "taken " + number(q, "taken") + ", used " + number(q, "used") + ", waiting "
        + waiting + (notified ? ", notified" : "") + ", descriptors " + hex(number(q, "descriptors")) + ", available " + hex(ring) + ", used ring "
        + hex(number(q, "device")) + (vector == 0xffff ? "" : ", MSI-X " + vector));
  }
}
