package dev.trapline.vm.machine.tables;

import static dev.trapline.vm.machine.tables.Aml.device;
import static dev.trapline.vm.machine.tables.Aml.eisaId;
import static dev.trapline.vm.machine.tables.Aml.giveBack;
import static dev.trapline.vm.machine.tables.Aml.integer;
import static dev.trapline.vm.machine.tables.Aml.irq;
import static dev.trapline.vm.machine.tables.Aml.join;
import static dev.trapline.vm.machine.tables.Aml.method;
import static dev.trapline.vm.machine.tables.Aml.name;
import static dev.trapline.vm.machine.tables.Aml.path;
import static dev.trapline.vm.machine.tables.Aml.ports;
import static dev.trapline.vm.machine.tables.Aml.resources;
import static dev.trapline.vm.machine.tables.Aml.when;

/** The AML of the differentiated system description table: the board's devices as operating systems ask for them. */
final class Dsdt {
  private static final int DEVICES = 32;
  private static final int PINS = 4;
  private static final String LINKS = "ABCD";
  /** Interrupts that a PCI interrupt line may be routed to. */
  private static final int[] CHOICES = {5, 10, 11};
  private static final int NOT_ROUTED = 0x80;
  private static final int[] SERIAL_PORTS = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
  private static final int[] SERIAL_IRQS = {4, 3, 4, 3};

  private final Board board;

  Dsdt(Board board) {
    this.board = board;
  }

  byte[] body() {
    return join(
        name("PICM", integer(0)),
        method("\\_PIC", 1, Aml.store(Aml.ARG0, path("PICM"))),
        name("\\_S5", Aml.list(integer(0), integer(0), integer(0), integer(0))),
        Aml.scope("\\_SB", rootBridge(), routing(), links(), processors(), hpet()));
  }

  // ---- the PCI bus

  private byte[] rootBridge() {
    return device("PCI0",
        name("_HID", eisaId("PNP0A03")),
        name("_UID", integer(0)),
        name("_CRS", resources(Aml.busNumbers(0, 0xff), ports(0xcf8, 8), Aml.portWindow(0, 0xcf7), Aml.portWindow(0xd00, 0xffff),
            Aml.memoryWindow(0xa0000, 0xbffff), Aml.memoryWindow(board.memoryWindow(), Board.MEMORY_WINDOW_END - 1))),
        name("PRTP", interruptTable(false)),
        name("PRTA", interruptTable(true)),
        method("_PRT", 0, when(path("PICM"), giveBack(path("PRTA"))), giveBack(path("PRTP"))),
        isaBridge());
  }

  /** Every pin of every slot: to a link device, or to an input of the I/O APIC. */
  private static byte[] interruptTable(boolean apic) {
    byte[][] entries = new byte[(DEVICES - 1) * PINS][];
    for (int i = 0; i < entries.length; i++) {
      int dev = 1 + i / PINS;
      int pin = i % PINS;
      int line = Board.pirq(dev, pin);
      byte[] source = apic ? integer(0) : path(link(line));
      byte[] index = integer(apic ? Board.PCI_INPUTS + line : 0);
      entries[i] = Aml.list(integer((long) dev << 16 | 0xffff), integer(pin), source, index);
    }
    return Aml.list(entries);
  }

  private static String link(int line) {
    return "LNK" + LINKS.charAt(line);
  }

  private static String register(int line) {
    return "PRQ" + line;
  }

  /** The bridge's routing registers by name. */
  private static byte[] routing() {
    return Aml.byteFields("PCI0.ISA_.PIRQ", register(0), register(1), register(2), register(3));
  }

  private static byte[] links() {
    byte[][] all = new byte[PINS][];
    for (int line = 0; line < PINS; line++) {
      all[line] = linkDevice(line);
    }
    return join(all);
  }

  private static byte[] linkDevice(int line) {
    byte[] register = path(register(line));
    return device(link(line),
        name("_HID", eisaId("PNP0C0F")),
        name("_UID", integer(line + 1)),
        name("_PRS", resources(Aml.interrupts(CHOICES))),
        name("NOW_", resources(Aml.interrupts(0))),
        method("_STA", 0, when(Aml.less(register, integer(NOT_ROUTED)), giveBack(integer(0xb))), giveBack(integer(9))),
        method("_DIS", 0, Aml.or(register, integer(NOT_ROUTED), register)),
        method("_CRS", Aml.SERIALIZED, Aml.wordField(path("NOW_"), 5, "NUMB"), Aml.store(integer(0), path("NUMB")),
            when(Aml.less(register, integer(NOT_ROUTED)), Aml.store(register, path("NUMB"))), giveBack(path("NOW_"))),
        method("_SRS", Aml.SERIALIZED | 1, Aml.wordField(Aml.ARG0, 5, "WANT"), Aml.store(path("WANT"), register)));
  }

  // ---- what stands behind the ISA bridge

  private byte[] isaBridge() {
    return device("ISA_",
        name("_ADR", integer(0x10000)),
        Aml.region("PIRQ", Aml.PCI_CONFIG, 0x60, 4),
        isaDevice("RTC_", "PNP0B00", ports(0x70, 2), irq(8)),
        isaDevice("TMR_", "PNP0100", ports(0x40, 4), irq(0)),
        isaDevice("PIC_", "PNP0000", ports(0x20, 2), ports(0xa0, 2), ports(0x4d0, 2)),
        isaDevice("FPU_", "PNP0C04", ports(0xf0, 1), irq(13)),
        isaDevice("KBD_", "PNP0303", ports(0x60, 1), ports(0x64, 1), irq(1)),
        isaDevice("MOU_", "PNP0F13", irq(12)),
        serialPorts(),
        isaDevice("SYSR", "PNP0C02", ports(0x80, 1), ports(0x92, 1), ports(0xb2, 2), ports(board.pmBase(), 64)));
  }

  private static byte[] isaDevice(String segment, String id, byte[]... descriptors) {
    return device(segment, name("_HID", eisaId(id)), name("_CRS", resources(descriptors)));
  }

  private byte[] serialPorts() {
    Bytes b = new Bytes();
    for (int n : board.serial()) {
      b.add(device("COM" + n, name("_HID", eisaId("PNP0501")), name("_UID", integer(n)),
          name("_CRS", resources(ports(SERIAL_PORTS[n - 1], 8), irq(SERIAL_IRQS[n - 1])))));
    }
    return b.toArray();
  }

  // ---- processors and HPET

  private byte[] processors() {
    Bytes b = new Bytes();
    for (int n = 0; n < board.processors(); n++) {
      b.add(Aml.processor("CPU" + n, n));
    }
    return b.toArray();
  }

  private byte[] hpet() {
    return board.hpet() == 0 ? new byte[0] : device("HPET", name("_HID", eisaId("PNP0103")), name("_UID", integer(0)),
        name("_CRS", resources(Aml.fixedMemory(Board.HPET, 0x400))));
  }
}
