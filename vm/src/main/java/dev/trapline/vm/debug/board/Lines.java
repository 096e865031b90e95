package dev.trapline.vm.debug.board;

import static dev.trapline.vm.debug.board.Look.field;
import static dev.trapline.vm.debug.board.Look.onOff;
import static dev.trapline.vm.debug.board.Look.set;

import dev.trapline.vm.debug.board.Look.Rows;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.device.SystemPorts;
import dev.trapline.vm.device.Uart;
import dev.trapline.vm.device.display.Screen;
import dev.trapline.vm.device.display.Vga;
import dev.trapline.vm.device.input.I8042;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.List;

/** What people type and read at: 16550A (National Semiconductor PC16550D), i8042, VGA. */
final class Lines {
  private static final int BASE_RATE = 115_200;
  private static final String[] PORTS = {"3F8h", "2F8h", "3E8h", "2E8h"};
  private static final String[] IRQS = {"4", "3", "4", "3"};
  private static final String[] PARITY = {"N", "O", "N", "E", "N", "M", "N", "S"};
  private static final int VBE_ENABLE = 4;

  private Lines() {}

  static BoardView uart(Machine machine) {
    List<Uart> all = Look.all(machine, Uart.class);
    Rows rows = new Rows("", "uart", "port", "irq", "line", "FIFO", "interrupts", "modem", "unread", "errors");
    for (int i = 0; i < all.size(); i++) {
      Uart.State s = all.get(i).state();
      int divisor = s.divisor() == 0 ? 0x10000 : s.divisor();
      int bits = 5 + (s.lcr() & 3);
      String line = BASE_RATE / divisor + " " + bits + PARITY[s.lcr() >> 3 & 7] + (set(s.lcr(), 4) ? bits == 5 ? "1.5" : "2" : "1")
          + (set(s.lcr(), 0x80) ? " DLAB" : "");
      int unread = s.received().length + s.waiting().length;
      rows.add("uart" + i, PORTS[i], IRQS[i], line, s.fifo() ? "trigger " + s.trigger() : "off",
          Look.bits(s.ier(), "received", "transmit", "line", "modem") + (s.emptyPending() ? " (transmit due)" : ""),
          Look.bits(s.mcr(), "DTR", "RTS", "OUT1", "OUT2", "loop"), unread, Look.bits(s.line() >> 1, "overrun", "parity", "framing", "break"));
    }
    return new BoardView("uart", List.of(), List.of(rows.view()));
  }

  static BoardView keyboard(Machine machine) {
    return Look.one(machine, I8042.class).map(Lines::controller)
        .orElseGet(() -> Look.one(machine, SystemPorts.class).map(Lines::minimal).orElse(null));
  }

  private static BoardView minimal(SystemPorts ports) {
    SystemPorts.State s = ports.state();
    return new BoardView("kbd", List.of(field("keyboard", "none on this board: the controller only"), field("A20", onOff(s.a20())),
        command(s.commandByte())), List.of());
  }

  private static Field command(int b) {
    return new Field("command byte", "0x%02x".formatted(b), Look.bits(b, "keyboard-interrupt", "mouse-interrupt", "system", "", "keyboard-off",
        "mouse-off", "translation"));
  }

  private static BoardView controller(I8042 device) {
    I8042.State s = device.state();
    var fields = new ArrayList<Field>();
    fields.add(command(s.ram()[0] & 0xff));
    fields.add(new Field("output buffer", s.output() < 0 ? "empty" : "0x%02x".formatted(s.output()), s.output() < 0 ? "" : s.aux() ? "from the mouse"
        : "from the keyboard"));
    fields.add(field("A20", onOff(s.a20())));
    fields.add(field("typed", s.typed().length + " key changes waiting"));
    fields.add(new Field("keyboard", Look.number(device, "keyboard", "scanning") != 0 ? "scanning" : "off", "set "
        + Look.number(device, "keyboard", "set") + ", LEDs " + Look.bits(Look.number(device, "keyboard", "leds"), "scroll", "num", "caps")
        + ", typematic 0x%02x".formatted(Look.number(device, "keyboard", "typematic"))));
    long id = Look.number(device, "mouse", "id");
    fields.add(new Field("mouse", Look.number(device, "mouse", "enabled") != 0 ? "reporting" : "off",
        (id == 0 ? "three buttons" : id == 3 ? "wheel" : "five buttons") + ", " + Look.number(device, "mouse", "rate") + " samples a second, resolution "
            + Look.number(device, "mouse", "resolution")));
    return new BoardView("kbd", fields, List.of());
  }

  static BoardView vga(Machine machine) {
    return machine.vga().map(vga -> new BoardView("vga", fields(vga), List.of())).orElse(null);
  }

  private static List<Field> fields(Vga vga) {
    Vga.State s = vga.state();
    String mode = switch (vga.screen()) {
      case Screen.Text t -> "text, " + t.columns() + " by " + t.lines().size();
      case Screen.Pixels p -> "graphics, " + p.width() + " by " + p.height();
    };
    int start = (s.crtc()[0xc] & 0xff) << 8 | s.crtc()[0xd] & 0xff;
    int cursor = (s.crtc()[0xe] & 0xff) << 8 | s.crtc()[0xf] & 0xff;
    boolean vbe = set(s.vbe()[VBE_ENABLE], 1);
    String[] windows = {"A0000h-BFFFFh", "A0000h-AFFFFh", "B0000h-B7FFFh", "B8000h-BFFFFh"};
    var fields = new ArrayList<Field>();
    fields.add(field("mode", mode));
    fields.add(field("memory window", windows[s.graphics()[6] >> 2 & 3]));
    fields.add(new Field("display start", Look.hex(start), "cursor at " + Look.hex(cursor)));
    fields.add(field("registers at", set(s.misc(), 1) ? "3Dxh (colour)" : "3Bxh (monochrome)"));
    fields.add(new Field("VBE", onOff(vbe), vbe ? "%d by %d, %d bits a pixel%s".formatted(s.vbe()[1], s.vbe()[2], s.vbe()[3],
        set(s.vbe()[VBE_ENABLE], 0x40) ? ", linear frame buffer" : ", banked") : ""));
    return fields;
  }
}
