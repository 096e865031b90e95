package dev.trapline.vm.device.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.StateForm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Controller, keyboard and mouse against the PS/2 technical reference's commands and answers. */
class I8042Test {
  private long now;
  private boolean irq1;
  private boolean irq12;
  private int resets;
  private final Scheduler scheduler = new Scheduler(() -> now, () -> {});
  private final PortMap ports = new PortMap();
  private final I8042 kbd = new I8042(scheduler, 100_000_000, on -> irq1 = on, on -> irq12 = on, () -> resets++);

  I8042Test() {
    kbd.connect(ports);
  }

  private int status() {
    return ports.in(0x64, 1);
  }

  private void command(int... bytes) {
    ports.out(0x64, 1, bytes[0]);
    for (int i = 1; i < bytes.length; i++) {
      ports.out(0x60, 1, bytes[i]);
    }
  }

  /** Everything there is to read, letting time pass. */
  private int[] drain() {
    List<Integer> out = new ArrayList<>();
    for (int quiet = 0; quiet < 3; ) {
      if ((status() & 1) != 0) {
        out.add(ports.in(0x60, 1));
        quiet = 0;
      } else {
        now += 1_000_000;
        scheduler.runDue(now);
        quiet++;
      }
    }
    return out.stream().mapToInt(Integer::intValue).toArray();
  }

  private void keyboard(int send, int... answers) {
    ports.out(0x60, 1, send);
    assertArrayEquals(answers, drain(), String.format("after %02Xh", send));
  }

  private void mouse(int send, int... answers) {
    command(0xd4, send);
    for (int a : answers) {
      assertEquals(0x21, status() & 0x21, "a byte of the mouse");
      assertEquals(a, ports.in(0x60, 1), String.format("after %02Xh", send));
    }
    assertEquals(0, status() & 1);
  }

  /** Translation off, interrupts off. */
  private void plain() {
    command(0x60, 4);
  }

  @Test
  void theControllerTestsItself() {
    command(0xaa);
    assertArrayEquals(new int[] {0x55}, drain());
    command(0xab);
    assertArrayEquals(new int[] {0}, drain());
    command(0xa9);
    assertArrayEquals(new int[] {0}, drain());
    command(0x60, 0x47);
    command(0x20);
    assertArrayEquals(new int[] {0x47}, drain());
    command(0xa7);
    command(0x20);
    assertArrayEquals(new int[] {0x67}, drain());
    command(0xd2, 0x99);
    assertEquals(1, status() & 0x21);
    assertArrayEquals(new int[] {0x99}, drain());
    command(0xd3, 0x98);
    assertEquals(0x21, status() & 0x21);
    assertArrayEquals(new int[] {0x98}, drain());
  }

  @Test
  void keyboardCommandsAreAnswered() {
    plain();
    keyboard(0xff, 0xfa, 0xaa);
    keyboard(0xee, 0xee);
    keyboard(0xf2, 0xfa, 0xab, 0x83);
    keyboard(0xed, 0xfa);
    keyboard(0x05, 0xfa);
    assertEquals(5, kbd.state().keyboard().leds());
    keyboard(0xf3, 0xfa);
    keyboard(0x20, 0xfa);
    keyboard(0xf0, 0xfa);
    keyboard(0x00, 0xfa, 0x02);
    keyboard(0xf0, 0xfa);
    keyboard(0x01, 0xfa);
    keyboard(0xf0, 0xfa);
    keyboard(0x00, 0xfa, 0x01);
    keyboard(0xfe, 0x01);
    keyboard(0xf6, 0xfa);
    keyboard(0xf5, 0xfa);
    keyboard(0xf4, 0xfa);
    keyboard(0xf1, 0xfe);
    keyboard(0xed, 0xfa);
    keyboard(0xf4, 0xfa);
  }

  @Test
  void keysComeInTheSetAskedFor() {
    plain();
    kbd.key(0x1e, true);
    kbd.key(0x1e, false);
    kbd.key(ScanCodes.EXTENDED | 0x48, true);
    kbd.key(ScanCodes.EXTENDED | 0x48, false);
    assertArrayEquals(new int[] {0x1c, 0xf0, 0x1c, 0xe0, 0x75, 0xe0, 0xf0, 0x75}, drain());
    keyboard(0xf0, 0xfa);
    keyboard(0x01, 0xfa);
    kbd.key(ScanCodes.EXTENDED | 0x48, true);
    kbd.key(ScanCodes.EXTENDED | 0x48, false);
    assertArrayEquals(new int[] {0xe0, 0x48, 0xe0, 0xc8}, drain());
  }

  @Test
  void theControllerTranslatesToSet1() {
    assertTrue(kbd.type('A'));
    kbd.key(0x41, true);
    kbd.key(ScanCodes.EXTENDED | 0x1d, false);
    assertArrayEquals(new int[] {0x2a, 0x1e, 0x9e, 0xaa, 0x41, 0xe0, 0x9d}, drain());
  }

  @Test
  void everyCharacterHasItsKey() {
    for (char c = ' '; c < 0x7f; c++) {
      assertTrue(kbd.type(c), "character " + c);
    }
    assertTrue(kbd.type('\n') && kbd.type('\003') && kbd.type('\033'));
    assertFalse(kbd.type('ä'));
    for (int set1 = 1; set1 < 0x59; set1++) {
      if (set1 != 0x55) {
        assertEquals(set1, ScanCodes.translate(ScanCodes.set2(set1)));
      }
    }
  }

  @Test
  void interruptsFollowTheOutputBuffer() {
    command(0x60, 0x47);
    command(0xa8);
    ports.out(0x60, 1, 0xee);
    assertTrue(irq1);
    ports.in(0x60, 1);
    assertFalse(irq1);
    command(0xd4, 0xf4);
    assertTrue(irq12);
    assertFalse(irq1);
    ports.in(0x60, 1);
    assertFalse(irq12);
  }

  @Test
  void aDisabledKeyboardKeepsItsKeys() {
    plain();
    command(0xad);
    kbd.type('x');
    assertEquals(0, drain().length);
    command(0xae);
    assertArrayEquals(new int[] {0x22, 0xf0, 0x22}, drain());
    keyboard(0xf5, 0xfa);
    kbd.type('x');
    assertEquals(0, drain().length);
    assertEquals(Scheduler.NEVER, scheduler.nextEvent(), "keys nobody takes keep nobody awake");
    keyboard(0xf4, 0xfa, 0x22, 0xf0, 0x22);
  }

  @Test
  void theMouseAnswersAndReports() {
    command(0x60, 0x44);
    mouse(0xff, 0xfa, 0xaa, 0);
    mouse(0xf2, 0xfa, 0);
    mouse(0xe8, 0xfa);
    mouse(3, 0xfa);
    mouse(0xf3, 0xfa);
    mouse(60, 0xfa);
    mouse(0xe9, 0xfa, 0, 3, 60);
    mouse(0xf4, 0xfa);
    kbd.mouse(5, -3, 0, 1);
    assertArrayEquals(new int[] {0x29, 5, 0xfd}, drain());
    kbd.mouse(300, 0, 0, 0);
    assertArrayEquals(new int[] {8, 255, 0, 8, 45, 0}, drain());
  }

  @Test
  void theWheelComesWithTheKnock() {
    command(0x60, 0x44);
    for (int rate : new int[] {200, 100, 80}) {
      mouse(0xf3, 0xfa);
      mouse(rate, 0xfa);
    }
    mouse(0xf2, 0xfa, 3);
    mouse(0xf4, 0xfa);
    kbd.mouse(1, 1, -1, 4);
    assertArrayEquals(new int[] {0x0c, 1, 1, 0xff}, drain());
  }

  @Test
  void resetAndA20() {
    command(0xd0);
    assertEquals(3, drain()[0] & 3);
    command(0xd1, 0xdd);
    assertEquals(0, ports.in(0x92, 1) & 2);
    ports.out(0x92, 1, 2);
    assertEquals(2, ports.in(0x92, 1) & 2);
    assertEquals(0, resets);
    command(0xfe);
    assertEquals(1, resets);
    ports.out(0x92, 1, 3);
    command(0xd1, 0xfe);
    assertEquals(3, resets);
  }

  @Test
  void stateComesBack() {
    kbd.type('q');
    ports.out(0x60, 1, 0xf2);
    var saved = kbd.state();
    I8042 other = new I8042(new Scheduler(() -> now, () -> {}), 100_000_000, on -> {}, on -> {}, () -> {});
    other.state(saved);
    assertEquals(StateForm.apart(saved).toString(), StateForm.apart(other.state()).toString());
  }
}
