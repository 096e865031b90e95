package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.board.Board;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.DescriptorView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.FrameView;
import dev.trapline.vm.debug.view.GateView;
import dev.trapline.vm.debug.view.MemoryView;
import dev.trapline.vm.debug.view.PictureView;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.debug.view.Register;
import dev.trapline.vm.debug.view.RegistersView;
import dev.trapline.vm.debug.view.RowView;
import dev.trapline.vm.debug.view.ScreenView;
import dev.trapline.vm.debug.view.TaskView;
import dev.trapline.vm.debug.view.Unknown;
import dev.trapline.vm.debug.view.WalkView;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Everything there is to see by the eyes of one processor, as immutable records. Bypasses access rights; changes nothing: not the TLB,
 * not accessed bits, not a device register that clears on reading.
 */
public final class Inspector {
  /** Largest read by one call, in bytes. */
  public static final int MOST_BYTES = 1 << 20;

  private final Machine machine;
  private final Cpu cpu;
  private final Spaces spaces;
  private final RegisterViews registers;
  private final RegisterNames names;
  private final TableViews tables;
  private final CodeViews code;
  private final Image image;
  private final DeviceViews devices;
  private final PeripheralViews peripherals;
  private final SystemViews system;
  private final Symbols symbols;
  private final Breakpoints breakpoints;
  /** Name of the guest whose processor it is; empty on the bare machine. */
  private final String guest;

  Inspector(Machine machine, int number, Image image, Breakpoints breakpoints, SessionNames.Settings settings, Machines machines) {
    this.guest = machines.guest();
    this.machine = machine;
    this.image = image;
    this.cpu = machine.cpus().get(number);
    this.spaces = new Spaces(cpu, machines.hostMemory());
    this.registers = new RegisterViews(cpu);
    this.names = new RegisterNames(cpu);
    this.tables = new TableViews(cpu, spaces);
    this.code = new CodeViews(cpu, spaces, settings);
    this.symbols = image.symbols();
    this.system = new SystemViews(cpu);
    this.devices = new DeviceViews(machine);
    this.peripherals = new PeripheralViews(machine);
    this.breakpoints = breakpoints;
  }

  /** What the monitor shows. */
  public ScreenView screen() {
    return ScreenViews.screen(machine);
  }

  /** What the monitor shows as a picture. */
  public PictureView picture() {
    return ScreenViews.picture(machine);
  }

  public RegistersView registers() {
    return registers.registers();
  }

  /** Names of all registers that can be read or set. */
  public List<String> registerNames() {
    return names.names();
  }

  /** Where the processor stands. */
  public Place place() {
    return registers.place(guest, symbols, nanoseconds());
  }

  private long nanoseconds() {
    long count = cpu.time();
    long perSecond = machine.config().instructionsPerSecond();
    return count / perSecond * 1_000_000_000L + count % perSecond * 1_000_000_000L / perSecond;
  }

  /** One register by a name of {@link #registerNames}. */
  public Register register(String name) {
    return new Register(name, names.bits(name), names.get(name));
  }

  /** The address of the next instruction. */
  public Address here() {
    return code.here();
  }

  /** The address of the top of the stack. */
  public Address stack() {
    var ss = cpu.seg[Cpu.SS];
    long sp = cpu.mode64() ? cpu.r[Cpu.RSP] : ss.big() ? cpu.r[Cpu.RSP] & 0xffffffffL : cpu.r[Cpu.RSP] & 0xffff;
    boolean based = !cpu.mode64() && (ss.base != 0 || !cpu.protectedMode() || cpu.v86());
    return new Address.Virtual(based ? ss.selector : Address.Virtual.NO_SELECTOR, sp);
  }

  /** The functions not yet finished, innermost first. */
  public List<FrameView> backtrace(int most) {
    return new Backtrace(cpu, spaces, code, symbols).frames(most);
  }

  /** Bytes from an address on, at most {@link #MOST_BYTES}. */
  public MemoryView memory(Address from, int bytes) {
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw new BadInput(bytes + " bytes are too many at once: at most " + MOST_BYTES);
    }
    boolean[] readable = new boolean[bytes];
    byte[] data = spaces.read(from, bytes, readable);
    int selector = from instanceof Address.Virtual v ? v.selector() : -1;
    long linear = from.unpaged() ? -1 : spaces.linear(from);
    return MemoryView.of(selector, from.number(), linear, data, readable);
  }

  /** Width of code at the current CS. */
  public CodeSize codeSize() {
    return cpu.codeSize();
  }

  /** Instructions from an address on. */
  public List<CodeLine> code(Address from, int count) {
    return code.code(from, count, cpu.codeSize(), symbols, breakpoints);
  }

  /** Instructions from an address on, decoded for another code size. */
  public List<CodeLine> code(Address from, int count, CodeSize size) {
    return code.code(from, count, size, symbols, breakpoints);
  }

  public List<DescriptorView> gdt() {
    return tables.gdt();
  }

  public List<DescriptorView> ldt() {
    return tables.ldt();
  }

  public List<GateView> idt() {
    return tables.idt(symbols);
  }

  public FieldsView tss() {
    return tables.tss();
  }

  /** The linear address of a virtual or linear one; {@link BadInput} for a physical one. */
  public long linear(Address address) {
    return spaces.linear(address);
  }

  /** The physical address behind an address, or -1 if nothing is mapped there. */
  public long physical(Address address) {
    return spaces.physical(address);
  }

  /** The page walk of an address, for every kind of access. */
  public WalkView walk(Address address) {
    return WalkViews.of(cpu).walk(spaces.linear(address));
  }

  /** The x87 registers. */
  public FieldsView fpu() {
    return new FpuViews(cpu).fpu();
  }

  /** CPUID leaf by leaf. */
  public FieldsView cpuid() {
    return system.cpuid();
  }

  /** MSRs by name. */
  public FieldsView msrs() {
    return system.msrs();
  }

  /** The rows of a mnemonic; empty if there is none. */
  public List<RowView> rows(String mnemonic) {
    return code.rows(mnemonic);
  }

  /** All mnemonics of the instruction table. */
  public List<String> mnemonics() {
    return code.mnemonics();
  }

  // ---- a Linux guest

  /** The processes of a Linux guest, or all threads; {@link BadInput} if it is none or they cannot be told. */
  public List<TaskView> tasks(boolean threads) {
    return linux().list(threads);
  }

  /** A structure of the Linux guest, by its own description of types; without an address its layout. */
  public FieldsView struct(String name, Long address) {
    return linux().struct(name, address);
  }

  /** Names of the Linux guest's structures that contain a text. */
  public List<String> structs(String part) {
    return linux().structs(part);
  }

  private LinuxTasks linux() {
    return LinuxTasks.of(spaces, symbols, machine.cpus());
  }

  /** What is known of the names. */
  public FieldsView symbols() {
    return LinuxSymbols.view(symbols);
  }

  /** The names at and around an address. */
  public FieldsView symbol(Address address) {
    long linear = spaces.linear(address);
    Symbols.Near near = symbols.near(linear);
    Symbols.Near next = symbols.after(linear);
    var fields = new ArrayList<Field>();
    fields.add(new Field("symbol", near == null ? "none" : near.toString()));
    if (near != null) {
      long start = linear - near.offset();
      fields.add(Field.hex("from", start, ""));
      List<String> others = symbols.allAt(start).stream().filter(n -> !n.equals(near.name())).toList();
      if (!others.isEmpty()) {
        fields.add(new Field("also", String.join(" ", others)));
      }
    }
    if (next != null) {
      fields.add(Field.hex("next", linear + next.offset(), next.name()));
    }
    return new FieldsView("0x" + Long.toHexString(linear), fields);
  }

  // ---- the machine around the processor

  /** Names of components with a state to look at. */
  public List<String> devices() {
    return devices.names();
  }

  /** The state of a component; disks and virtio devices by the meaning of their registers. */
  public FieldsView device(String name) {
    return peripherals.named(name).orElseGet(() -> devices.state(name));
  }

  /** Every disk: its image, and what becomes of writes. */
  public FieldsView disks() {
    return peripherals.disks();
  }

  /** Both IDE channels with their drives. */
  public List<FieldsView> ide() {
    return peripherals.ide();
  }

  /** The functions of the PCI bus. */
  public FieldsView pci() {
    return peripherals.pci();
  }

  /** The virtio devices with their queues. */
  public List<FieldsView> virtio() {
    return peripherals.virtio();
  }

  /** Topics about the board that this machine has something to show for. */
  public List<Board.Topic> board() {
    return Board.topics(machine);
  }

  /** A device or a group of them, decoded; {@link BadInput} if this machine has none. */
  public BoardView board(Board.Topic topic) {
    BoardView view = topic.view().apply(machine);
    if (view == null) {
      throw new BadInput("this machine has no " + topic.name() + ": it has "
          + board().stream().map(Board.Topic::name).collect(Collectors.joining(" ")));
    }
    return view;
  }

  /** What stands where in physical memory. */
  public FieldsView regions() {
    return devices.regions();
  }

  /** Who answers an address; ports too if it may be one. */
  public FieldsView probe(Address address) {
    return devices.probe(address, address instanceof Address.Physical p ? p.address() : spaces.physical(address));
  }

  /** Who answers a port. */
  public FieldsView probePort(int port) {
    return devices.probePort(port);
  }

  /** Who answers which ports. */
  public FieldsView ports() {
    return devices.ports();
  }

  /** Ports and memory the guest touched that nobody answers. */
  public List<Unknown> unknown() {
    return devices.unknown(symbols);
  }

  /** Memory, then ports, and what could not be connected because something else was there. */
  public List<FieldsView> mtree() {
    FieldsView conflicts = devices.conflicts();
    return conflicts.fields().isEmpty() ? List.of(regions(), ports()) : List.of(regions(), ports(), conflicts);
  }

  /** What was loaded. */
  public FieldsView image() {
    return devices.image(image);
  }

  // ---- for the session

  /** An offset in the current code segment. */
  Address inCode(long offset) {
    return code.inCode(offset);
  }

  /** What bytes would be at an address. */
  List<CodeLine> bytes(Address at, byte[] bytes, CodeSize size) {
    return code.bytes(at, bytes, size, symbols);
  }

  Spaces spaces() {
    return spaces;
  }

  Cpu cpu() {
    return cpu;
  }

  /** Name of the guest; empty on the bare machine. */
  String guest() {
    return guest;
  }

  Symbols symbolTable() {
    return symbols;
  }

  RegisterNames names() {
    return names;
  }

  Insn decode(Address at) {
    return code.decode(at);
  }
}
