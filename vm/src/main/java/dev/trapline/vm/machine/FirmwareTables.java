package dev.trapline.vm.machine;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.device.FwCfg;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.machine.tables.AcpiTables;
import dev.trapline.vm.machine.tables.Board;
import dev.trapline.vm.machine.tables.MpTable;
import dev.trapline.vm.machine.tables.Smbios;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tables of this machine: described from what answers at ports, addresses and in PCI configuration space, then put into memory
 * for a system started without a BIOS, and handed to a BIOS as files of fw_cfg.
 *
 * <p>In memory the FACS stands at E0000h and the other ACPI tables behind it; what systems look for stands in free room of the
 * firmware ROM.
 */
final class FirmwareTables {
  /** The root pointer, which the Linux boot protocol hands over. */
  static final long RSDP = MemoryMap.ROM + 0x6000;
  private static final long SMBIOS_ENTRY = MemoryMap.ROM + 0x6040;
  private static final long MP_POINTER = MemoryMap.ROM + 0x6080;
  private static final long MP_TABLE = MemoryMap.ROM + 0x60a0;
  private static final long SMBIOS = MemoryMap.ROM + 0x7000;
  private static final int POWER_MANAGEMENT_BASE = PciBoard.PM_BASE;
  private static final int FILE_NAME = 56;
  private static final int LOADER_ENTRY = 128;
  private static final String TABLES = "etc/acpi/tables";
  private static final String ROOT = "etc/acpi/rsdp";

  private final Cpu cpu;
  private final PhysicalMemory memory;
  private final PortMap ports;
  private final PciBus bus;
  private final MemoryMap map;
  private final int processors;

  FirmwareTables(Cpu cpu, PhysicalMemory memory, PortMap ports, PciBus bus, MemoryMap map, int processors) {
    this.cpu = cpu;
    this.memory = memory;
    this.ports = ports;
    this.bus = bus;
    this.map = map;
    this.processors = processors;
  }

  private Board board() {
    Cpuid.Leaf leaf = cpu.cpuid.leaf(cpu, 1, 0);
    int hpet = memory.isMmio(Board.HPET) ? (int) memory.read(Board.HPET, 4) : 0;
    List<Integer> serial = IntStream.rangeClosed(1, 4).filter(n -> answers("com" + n)).boxed().toList();
    List<Integer> pins = bus.functions().entrySet().stream().filter(e -> e.getValue().config(PciFunction.INTERRUPT_PIN, 1) != 0)
        .map(e -> e.getKey() >> 3 << 2 | e.getValue().config(PciFunction.INTERRUPT_PIN, 1) - 1).distinct().toList();
    return new Board(processors, leaf.eax(), leaf.edx(), memory.isMmio(Board.IO_APIC), hpet, serial, POWER_MANAGEMENT_BASE,
        PciBoard.MEMORY_WINDOW, pins, map.highEnd(), map.above4G());
  }

  private boolean answers(String port) {
    return ports.ranges().stream().anyMatch(r -> r.name().equals(port));
  }

  // ---- without a BIOS

  /** Puts all tables into memory. */
  void place() {
    Board board = board();
    AcpiTables acpi = AcpiTables.build(board, MemoryMap.TABLES, MemoryMap.FACS);
    if (acpi.bytes().length > MemoryMap.ROM - MemoryMap.TABLES) {
      throw new IllegalStateException("ACPI tables of " + acpi.bytes().length + " bytes");
    }
    put(MemoryMap.FACS, AcpiTables.facs());
    put(MemoryMap.TABLES, acpi.bytes());
    put(RSDP, AcpiTables.rsdp(MemoryMap.TABLES + acpi.rsdt(), MemoryMap.TABLES + acpi.xsdt()));
    Smbios smbios = Smbios.of(board);
    put(SMBIOS_ENTRY, smbios.entry(SMBIOS));
    put(SMBIOS, smbios.structures());
    if (board.apics()) {
      put(MP_POINTER, MpTable.pointer(MP_TABLE));
      put(MP_TABLE, MpTable.table(board));
    }
  }

  private void put(long at, byte[] bytes) {
    memory.poke(at, bytes, 0, bytes.length);
  }

  // ---- for a BIOS

  /** Sets the items that firmware and guests look for. */
  void describe(FwCfg cfg) {
    Board board = board();
    cfg.number(FwCfg.RAM_SIZE, 8, map.highEnd() + map.above4G());
    cfg.number(FwCfg.NO_GRAPHIC, 2, 0);
    cfg.number(FwCfg.PROCESSORS, 2, processors);
    cfg.number(FwCfg.MOST_PROCESSORS, 2, processors);
    cfg.number(FwCfg.BOOT_MENU, 2, 0);
    cfg.item(FwCfg.UUID, new byte[16]);
    cfg.item(FwCfg.NUMA, new byte[8 + 8 * processors]);
    cfg.file("etc/e820", e820());
    cfg.file("etc/boot-fail-wait", number(-1));
    cfg.file("etc/system-states", new byte[] {(byte) 0x80, 0, 0, 1, 2, (byte) 0x80});
    Smbios smbios = Smbios.of(board);
    cfg.file("etc/smbios/smbios-anchor", smbios.entry(0));
    cfg.file("etc/smbios/smbios-tables", smbios.structures());
    acpi(cfg, board);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private byte[] e820() {
    List<MemoryMap.Entry> ram = new ArrayList<>(List.of(new MemoryMap.Entry(0, map.highEnd(), MemoryMap.USABLE)));
    if (map.above4G() > 0) {
      ram.add(new MemoryMap.Entry(4 * MemoryMap.GIB, map.above4G(), MemoryMap.USABLE));
    }
    ByteBuffer b = ByteBuffer.allocate(20 * ram.size()).order(ByteOrder.LITTLE_ENDIAN);
    ram.forEach(e -> b.putLong(e.start()).putLong(e.length()).putInt(e.type()));
    return b.array();
  }

  /** Tables with addresses from 0, and a script that has the BIOS move them. */
  private void acpi(FwCfg cfg, Board board) {
    int after = AcpiTables.FACS_SIZE;
    AcpiTables acpi = AcpiTables.build(board, after, 0);
    byte[] all = new byte[after + acpi.bytes().length];
    System.arraycopy(AcpiTables.facs(), 0, all, 0, after);
    System.arraycopy(acpi.bytes(), 0, all, after, acpi.bytes().length);
    Script script = new Script();
    script.allocate(TABLES, AcpiTables.FACS_SIZE, 1);
    script.allocate(ROOT, 16, 2);
    acpi.pointers().forEach(p -> script.addPointer(TABLES, after + p.offset(), p.size()));
    script.addPointer(ROOT, AcpiTables.RSDP_RSDT, 4);
    script.addPointer(ROOT, AcpiTables.RSDP_XSDT, 8);
    acpi.tables().forEach(t -> script.checksum(TABLES, after + t.offset() + AcpiTables.CHECKSUM, after + t.offset(), t.length()));
    script.checksum(ROOT, AcpiTables.RSDP_CHECKSUM, 0, AcpiTables.RSDP_FIRST);
    script.checksum(ROOT, AcpiTables.RSDP_EXTENDED_CHECKSUM, 0, AcpiTables.RSDP_SIZE);
    acpi.tables().forEach(t -> all[after + t.offset() + AcpiTables.CHECKSUM] = 0);
    byte[] root = AcpiTables.rsdp(after + acpi.rsdt(), after + acpi.xsdt());
    root[AcpiTables.RSDP_CHECKSUM] = 0;
    root[AcpiTables.RSDP_EXTENDED_CHECKSUM] = 0;
    cfg.file(TABLES, all);
    cfg.file(ROOT, root);
    cfg.file("etc/table-loader", script.bytes());
  }

  /** Commands of {@code etc/table-loader}: allocate, add a pointer, add a checksum. */
  private static final class Script {
    private final ByteBuffer out = ByteBuffer.allocate(64 * LOADER_ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    private int count;

    private int command(int number, String file) {
      int at = count++ * LOADER_ENTRY;
      out.putInt(at, number).put(at + 4, file.getBytes(StandardCharsets.US_ASCII));
      return at + 4 + FILE_NAME;
    }

    /** Zone 1 is high memory, 2 the F segment. */
    void allocate(String file, int alignment, int zone) {
      int at = command(1, file);
      out.putInt(at, alignment).put(at + 4, (byte) zone);
    }

    /** Adds where {@link #TABLES} went. */
    void addPointer(String file, int offset, int size) {
      int at = command(2, file);
      out.put(at, TABLES.getBytes(StandardCharsets.US_ASCII)).putInt(at + FILE_NAME, offset).put(at + FILE_NAME + 4, (byte) size);
    }

    void checksum(String file, int at, int start, int length) {
      int fields = command(3, file);
      out.putInt(fields, at).putInt(fields + 4, start).putInt(fields + 8, length);
    }

    byte[] bytes() {
      return Arrays.copyOf(out.array(), count * LOADER_ENTRY);
    }
  }
}
