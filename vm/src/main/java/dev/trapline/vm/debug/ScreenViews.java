package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.PictureView;
import dev.trapline.vm.debug.view.ScreenView;
import dev.trapline.vm.device.display.Screen;
import dev.trapline.vm.device.display.Vga;
import dev.trapline.vm.machine.Machine;
import java.util.List;

/** The monitor of a machine that has one. */
final class ScreenViews {
  private ScreenViews() {}

  private static Vga vga(Machine machine) {
    return machine.vga().orElseThrow(() -> new BadInput("this machine has no screen: 'boot --screen', --bios or a Linux kernel give it one"));
  }

  static ScreenView screen(Machine machine) {
    return switch (vga(machine).screen()) {
      case Screen.Text t -> {
        Screen.Cursor c = t.cursor();
        yield new ScreenView(false, t.lines().stream().map(String::stripTrailing).toList(), t.columns(), t.lines().size(),
            c.visible() ? c.row() : -1, c.column());
      }
      case Screen.Pixels p -> new ScreenView(true, List.of(), p.width(), p.height(), -1, 0);
    };
  }

  static PictureView picture(Machine machine) {
    Screen.Pixels p = vga(machine).pixels();
    return new PictureView(p.width(), p.height(), p.argb());
  }

  /** Whether a text screen shows this now; the text may have several lines. */
  static boolean shows(Machine machine, String text) {
    return machine.vga().isPresent() && machine.vga().get().screen() instanceof Screen.Text t
        && String.join("\n", t.lines().stream().map(String::stripTrailing).toList()).contains(text.replace("\r", ""));
  }
}
