package dev.trapline.vm.device.pci;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.MessageSink;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Bus 0: configuration mechanism 1 (ports CF8h and CFCh), and the base address registers of its functions put where software wants
 * them. A base address register that would cover something else is not connected; it is listed by {@link #conflicts}.
 */
public final class PciBus implements Stateful<PciBus.State> {
  private static final int ADDRESS_PORT = 0xcf8;
  private static final int ENABLE = 0x80000000;

  /** The address latch and the configuration space of every function, by device * 8 + function. */
  public record State(int address, List<FunctionState> functions) implements StateRecord {}

  /** Configuration space of one function. */
  public record FunctionState(int devfn, @Length(PciFunction.SIZE) byte[] config) implements StateRecord {}

  /** Where a base address register stands: {@code address} is -1 while it is off. */
  public record Window(int devfn, String function, int bar, String what, boolean io, long address, int size) {}

  private final PortMap ports;
  private final PhysicalMemory memory;
  private final IntFunction<IrqLine> route;
  private final Map<Integer, PciFunction> functions = new TreeMap<>();
  private final Map<Integer, byte[]> powerOn = new TreeMap<>();
  private PortDevice resetControl;
  private final Map<String, Window> connected = new TreeMap<>();
  /** The latest reason for each register: bounded, whatever a guest does. */
  private final Map<String, String> conflicts = new TreeMap<>();
  private MessageSink messages = (where, data) -> {};
  private int address;

  /**
   * @param route the line that a slot's pin drives: argument is (device + pin - 1) mod 4, as boards swizzle INTA to INTD
   */
  public PciBus(PortMap ports, PhysicalMemory memory, IntFunction<IrqLine> route) {
    this.ports = ports;
    this.memory = memory;
    this.route = route;
    ports.add("pci.address", ADDRESS_PORT, 4, 4, new AddressPort());
    ports.add("pci.data", ADDRESS_PORT + 4, 4, 4, new DataPort());
  }

  /** Puts a function at a device and function number. */
  public void add(int device, int function, PciFunction f) {
    int devfn = device << 3 | function;
    if (functions.putIfAbsent(devfn, f) != null) {
      throw new IllegalArgumentException(String.format("%s: PCI 00:%02x.%d is taken by %s", f.name(), device, function, functions.get(devfn).name()));
    }
    powerOn.put(devfn, f.image());
    int pin = f.config(PciFunction.INTERRUPT_PIN, 1);
    f.messages((where, data) -> messages.message(where, data));
    f.attach(pin == 0 ? high -> {} : route.apply(device + pin - 1 & 3), () -> place(devfn, f));
  }

  /** Who takes interrupt messages; without anybody they are lost, as on a board without APICs. */
  public void messages(MessageSink sink) {
    this.messages = sink;
  }

  /** Who answers single bytes at CF9h, where chipsets have their reset control register. */
  public void resetControl(PortDevice register) {
    this.resetControl = register;
  }

  /** Power-on: configuration spaces as they were when the functions were added. */
  public void reset() {
    address = 0;
    functions.forEach((devfn, f) -> {
      f.image(powerOn.get(devfn));
      f.powerOn();
    });
  }

  /** Functions by device * 8 + function, ascending. */
  public SequencedMap<Integer, PciFunction> functions() {
    return new TreeMap<>(functions);
  }

  /** All base address registers. */
  public List<Window> windows() {
    var out = new ArrayList<Window>();
    functions.forEach((devfn, f) -> f.bars().forEach(b -> out.add(window(devfn, f, b))));
    return out;
  }

  /** Base address registers that could not be connected, with the reason. */
  public List<String> conflicts() {
    return List.copyOf(conflicts.values());
  }

  private static Window window(int devfn, PciFunction f, Bar b) {
    return new Window(devfn, f.name(), b.index(), b.name(), b.isIo(), f.address(b), b.size());
  }

  // ---- base address registers

  private void place(int devfn, PciFunction f) {
    for (Bar b : f.bars()) {
      String key = f.name() + "." + b.name();
      Window now = window(devfn, f, b);
      Window was = connected.get(key);
      if (was != null && was.address() == now.address()) {
        continue;
      }
      if (was != null) {
        disconnect(key, was);
      }
      if (now.address() >= 0) {
        connect(key, now, b);
      }
    }
  }

  private void disconnect(String key, Window w) {
    connected.remove(key);
    if (w.io()) {
      ports.remove(key);
    } else {
      memory.removeMmio(key);
    }
  }

  private void connect(String key, Window w, Bar b) {
    try {
      if (w.io()) {
        ports.add(key, (int) w.address(), w.size(), 4, b.ports());
      } else {
        memory.addMmio(key, w.address(), w.size(), b.mmio());
      }
      connected.put(key, w);
    } catch (IllegalArgumentException | ArithmeticException e) {
      conflicts.put(key, String.format("%s at %#x: %s", key, w.address(), e.getMessage()));
    }
  }

  // ---- configuration mechanism 1

  private PciFunction selected() {
    boolean enabled = (address & ENABLE) != 0 && (address >>> 16 & 0xff) == 0;
    return enabled ? functions.get(address >>> 8 & 0xff) : null;
  }

  private final class AddressPort implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return offset == 1 && bytes == 1 && resetControl != null ? resetControl.in(0, 1) : address >>> 8 * offset;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      if (offset == 0 && bytes == 4) {
        address = value;
      } else if (offset == 1 && bytes == 1 && resetControl != null) {
        resetControl.out(0, 1, value);
      }
    }
  }

  private final class DataPort implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      PciFunction f = selected();
      return f == null ? -1 : f.read((address & 0xfc) + offset, bytes);
    }

    @Override
    public void out(int offset, int bytes, int value) {
      PciFunction f = selected();
      if (f != null) {
        f.write((address & 0xfc) + offset, bytes, value);
      }
    }
  }

  // ---- state

  @Override
  public String stateName() {
    return "pci";
  }

  @Override
  public State state() {
    return new State(address, functions.entrySet().stream().map(e -> new FunctionState(e.getKey(), e.getValue().image())).toList());
  }

  @Override
  public void state(State state) {
    List<Integer> saved = state.functions.stream().map(FunctionState::devfn).toList();
    if (!saved.equals(List.copyOf(functions.keySet()))) {
      throw new StateException("pci: functions " + saved + " saved, this machine has " + functions.keySet());
    }
    address = state.address;
    state.functions.forEach(f -> functions.get(f.devfn).image(f.config));
  }
}
