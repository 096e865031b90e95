package dev.trapline.vm.debug.board;

import static dev.trapline.vm.debug.board.Look.field;
import static dev.trapline.vm.debug.board.Look.set;

import dev.trapline.vm.debug.board.Look.Rows;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.device.disk.Floppy;
import dev.trapline.vm.device.disk.IsaDma;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.machine.Machine;
import java.util.List;
import java.util.Locale;

/** The diskette controller (Intel 82077AA) and ISA DMA (Intel 8237A). */
final class Disks {
  private static final String[] TRANSFER = {"verify", "to memory", "from memory", "?"};
  private static final String[] MODE = {"demand", "single", "block", "cascade"};
  private static final String[] RATES = {"500k", "300k", "250k", "1M"};
  private static final int DRIVES = 4;

  private Disks() {}

  /** Sizes as disks are sold and as programs count. */
  static String size(long bytes) {
    return bytes >= 1 << 20 ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20)) : bytes / 1024 + " KiB";
  }

  /** What lies in a drive and what became of it. */
  private static String medium(Medium m) {
    String kept = m.readOnly() ? "read only" : m.image().writable() ? "written to the file" : size(m.writtenBytes()) + " written, not to the file";
    return m.image().name() + ", " + size(m.size()) + ", " + kept;
  }

  static BoardView floppy(Machine machine) {
    Floppy f = machine.floppy();
    if (f == null) {
      return null;
    }
    Floppy.State s = f.state();
    Rows rows = new Rows("", "drive", "motor", "cylinder", "changed", "medium");
    for (int d = 0; d < 2; d++) {
      rows.add("fd" + d, set(s.dor(), 0x10 << d) ? "on" : "off", s.cylinder()[d], s.changed()[d] ? "yes" : "no",
          f.medium(d) == null ? "none" : medium(f.medium(d)));
    }
    return new BoardView("fdc", List.of(field("controller", set(s.dor(), 4) ? "on" : "held in reset"),
        field("DMA and interrupt", Look.onOff(set(s.dor(), 8))), field("data rate", RATES[s.rate()] + " bits a second"),
        field("phase", s.resultPhase() ? "result, " + (s.filled() - s.taken()) + " bytes to read" : s.filled() > 0 ? "command, " + s.filled()
            + " bytes taken" : "idle")), List.of(rows.view()));
  }

  static BoardView dma(Machine machine) {
    return Look.one(machine, IsaDma.class).map(d -> {
      IsaDma.State s = d.state();
      int[] pages = {7, 3, 1, 2, 0xf, 0xb, 9, 0xa};
      Rows rows = new Rows("", "channel", "address", "left", "mode", "");
      for (int c = 0; c < 2 * DRIVES; c++) {
        IsaDma.ControllerState k = s.controllers().get(c >> 2);
        int n = c & 3;
        long page = s.pages()[pages[c]] & 0xff;
        long address = c < DRIVES ? page << 16 | k.address()[n] : (page & 0xfe) << 16 | (long) k.address()[n] << 1;
        int mode = k.mode()[n];
        rows.add(c, "0x%06x".formatted(address), k.count()[n] + 1, MODE[mode >> 6 & 3] + " " + TRANSFER[mode >> 2 & 3] + (set(mode, 0x10) ? " auto" : "")
            + (set(mode, 0x20) ? " down" : ""), (set(k.mask(), 1 << n) ? "masked" : "") + (c == DRIVES ? " cascade" : ""));
      }
      return new BoardView("dma", List.of(), List.of(rows.view()));
    }).orElse(null);
  }
}
