package dev.trapline.vm.debug.board;

import static dev.trapline.vm.debug.board.Look.field;
import static dev.trapline.vm.debug.board.Look.set;

import dev.trapline.vm.debug.board.Look.Rows;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.TableView;
import dev.trapline.vm.device.FwCfg;
import dev.trapline.vm.device.pci.PowerManagement;
import dev.trapline.vm.machine.Machine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** ACPI (6.0, chapters 4 and 5): the registers, and the tables as a guest finds them in memory. */
final class Acpi {
  private static final int FIRST = 0xe0000;
  private static final int LAST = 0xfffff;
  private static final int HEADER = 36;
  private static final int MOST = 1 << 20;

  private Acpi() {}

  static BoardView acpi(Machine machine) {
    return Look.one(machine, PowerManagement.class).map(p -> {
      PowerManagement.State s = p.state();
      String[] events = {"timer", "", "", "", "bus-master", "global", "", "", "power-button", "sleep-button", "rtc", "", "", "", "", "wake"};
      TableView tables = tables(machine);
      return new BoardView("acpi", List.of(
          field("mode", set(s.control(), 1) ? "ACPI (SCI_EN)" : "legacy"),
          new Field("status", "0x%04x".formatted(s.status()), Look.bits(s.status(), events)),
          new Field("enable", "0x%04x".formatted(s.enable()), Look.bits(s.enable(), events)),
          new Field("general events", "0x%04x".formatted(s.generalStatus()), "enabled 0x%04x".formatted(s.generalEnable())),
          new Field("last command", "0x%02x".formatted(s.command()), "port B2h")), tables.rows().isEmpty() ? List.of() : List.of(tables));
    }).orElse(null);
  }

  private static TableView tables(Machine machine) {
    Rows rows = new Rows("tables", "name", "at", "bytes", "revision", "by", "checksum");
    long rsdp = rsdp(machine);
    if (rsdp >= 0) {
      rows.add("RSDP", Look.hex(rsdp), HEADER, read(machine, rsdp + 15, 1), text(machine, rsdp + 9, 6), good(machine, rsdp, 20));
      long root = read(machine, rsdp + 16, 4);
      table(machine, root, rows);
      long length = read(machine, root + 4, 4);
      for (long at = root + HEADER; at + 4 <= root + Math.min(length, MOST); at += 4) {
        long table = read(machine, at, 4);
        table(machine, table, rows);
        if (text(machine, table, 4).equals("FACP")) {
          rows.add("FACS", Look.hex(read(machine, table + 36, 4)), read(machine, read(machine, table + 36, 4) + 4, 4), "", "", "");
          table(machine, read(machine, table + 40, 4), rows);
        }
      }
    }
    return rows.view();
  }

  private static void table(Machine machine, long at, Rows rows) {
    long length = read(machine, at + 4, 4);
    rows.add(text(machine, at, 4), Look.hex(at), length, read(machine, at + 8, 1), text(machine, at + 10, 6) + " " + text(machine, at + 16, 8),
        good(machine, at, length));
  }

  private static long rsdp(Machine machine) {
    for (long at = FIRST; at < LAST; at += 16) {
      if (text(machine, at, 8).equals("RSD PTR") && good(machine, at, 20).equals("good")) {
        return at;
      }
    }
    return -1;
  }

  private static byte[] bytes(Machine machine, long at, int n) {
    byte[] b = new byte[n];
    machine.memory().peek(at, b, 0, n);
    return b;
  }

  private static String text(Machine machine, long at, int n) {
    return new String(bytes(machine, at, n), StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "").strip();
  }

  private static long read(Machine machine, long at, int n) {
    ByteBuffer b = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    b.put(bytes(machine, at, n));
    return b.getLong(0);
  }

  private static String good(Machine machine, long at, long length) {
    if (length < 0 || length > MOST) {
      return "length " + length + "?";
    }
    int sum = 0;
    for (byte b : bytes(machine, at, (int) length)) {
      sum += b;
    }
    return (sum & 0xff) == 0 ? "good" : "wrong";
  }

  static BoardView fwCfg(Machine machine) {
    return Look.one(machine, FwCfg.class).map(f -> {
      Rows rows = new Rows("files", "name", "bytes");
      f.files().forEach((name, content) -> rows.add(name, content.length));
      FwCfg.State s = f.state();
      return new BoardView("fwcfg", List.of(new Field("selected", "0x%04x".formatted(s.selected()), "at byte " + s.offset())),
          f.files().isEmpty() ? List.of() : List.of(rows.view()));
    }).orElse(null);
  }
}
