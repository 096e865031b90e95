package dev.trapline.vm.machine;

import dev.trapline.vm.device.display.Screen;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Assertions;

/** Somebody in front of a machine: watches its serial console and its text screen, and types. */
final class Operator {
  /** Instructions between two looks. */
  private static final long GLANCE = 2_000_000;

  private final Machine machine;
  private final StringBuilder serial = new StringBuilder();

  Operator(MachineConfig config) {
    machine = new Machine(config);
    machine.console(b -> serial.append((char) b));
  }

  Machine machine() {
    return machine;
  }

  /** All the serial console has printed, a char for each byte. */
  String serial() {
    return serial.toString();
  }

  /** The lines of the text screen; empty in graphics modes. */
  String screen() {
    return machine.vga().map(v -> v.screen() instanceof Screen.Text t ? t.text() : "").orElse("");
  }

  /** Runs until the screen shows a text. */
  void untilScreen(String text, long most) {
    for (long end = machine.cpu().count + most; !screen().contains(text); glance(text, end)) { }
  }

  /** Runs until the serial console has printed a text after a place; gives the place after it. */
  int untilSerial(String text, int from, long most) {
    long end = machine.cpu().count + most;
    while (serial.indexOf(text, from) < 0) {
      glance(text, end);
    }
    return serial.indexOf(text, from) + text.length();
  }

  private void glance(String text, long end) {
    Outcome o = machine.run(GLANCE);
    if (!(o instanceof Outcome.Limit) || machine.cpu().count > end) {
      Assertions.fail("'" + text + "' has not come: " + o + "\n" + serial.substring(Math.max(0, serial.length() - 2000)) + "\n" + screen());
    }
  }

  void typeKeys(String text) {
    text.chars().forEach(c -> Assertions.assertTrue(machine.typeKey((char) c)));
  }

  void typeSerial(String text) {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      machine.type(b & 0xff);
    }
  }
}
