package dev.trapline.vm.device.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateJson;
import dev.trapline.vm.state.StateForm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A learning switch: who gets which frame, and when. */
class LanSwitchTest {
  private static final long PER_SECOND = 100_000_000;
  private final List<String> log = new ArrayList<>();
  private final LanSwitch lan = make();

  private LanSwitch make() {
    var s = new LanSwitch("lan0", PER_SECOND);
    for (int i = 0; i < 3; i++) {
      int port = i;
      s.port("guest" + i, f -> log.add(port + "<" + f[11] + (f.length > 60 ? "+" : "")));
    }
    return s;
  }

  /** A frame of some length between cards whose addresses end in a number; 255 is everybody. */
  private static byte[] frame(int to, int from, int length) {
    byte[] f = new byte[length];
    f[0] = (byte) (to == 255 ? 0xff : 2);
    f[5] = (byte) to;
    f[6] = 2;
    f[11] = (byte) from;
    return f;
  }

  private List<String> out() {
    lan.runDue(lan.nextEvent());
    List<String> got = List.copyOf(log);
    log.clear();
    return got;
  }

  @Test
  void whatIsNotKnownGoesEverywhereAndWhatIsKnownToOne() {
    lan.take(0, frame(1, 10, 60), 0);
    assertEquals(List.of("1<10", "2<10"), out());
    lan.take(1, frame(10, 1, 60), 0);
    assertEquals(List.of("0<1"), out());
    lan.take(0, frame(1, 10, 60), 0);
    assertEquals(List.of("1<10"), out());
    lan.take(0, frame(255, 10, 60), 0);
    assertEquals(List.of("1<10", "2<10"), out());
    lan.take(0, frame(10, 11, 60), 0);
    assertEquals(List.of(), out(), "for one who is where it comes from");
    lan.take(2, frame(1, 10, 60), 0);
    lan.take(1, frame(10, 1, 60), 1);
    assertEquals(List.of("1<10"), out());
    assertEquals(List.of("2<1"), out(), "the card was moved to another port");
    assertEquals(new LanSwitch.State(lan.state().known(), List.of(), 4, 2, 1, 0), lan.state());
  }

  @Test
  void timeIsTenMicrosecondsAndANanosecondForEachBit() {
    lan.take(0, frame(255, 1, 1000), 5_000);
    assertEquals(5_000 + 1_000 + 800, lan.nextEvent());
    lan.take(1, frame(255, 2, 60), 5_000);
    assertEquals(5_000 + 1_000 + 48, lan.nextEvent());
    lan.take(2, frame(255, 3, 60), 5_000);
    assertEquals(List.of("0<2", "2<2", "0<3", "1<3"), out(), "short ones before the long one, the first in first");
    assertEquals(List.of("1<1+", "2<1+"), out());
    assertEquals(LanSwitch.NEVER, lan.nextEvent());
  }

  @Test
  void damagedAndTooManyFramesAreDropped() {
    lan.take(0, new byte[13], 0);
    lan.take(0, new byte[1519], 0);
    assertEquals(2, lan.state().dropped());
    for (int i = 0; i < 1030; i++) {
      lan.take(0, frame(255, i & 0x7f, 60), i);
    }
    assertEquals(2 + 6, lan.state().dropped());
  }

  @Test
  void aStateGoesOnWhereItWasTaken() {
    lan.take(0, frame(1, 10, 60), 0);
    lan.take(1, frame(10, 1, 200), 0);
    LanSwitch.State kept = lan.state();
    List<String> first = out();
    LanSwitch other = make();
    other.state(kept);
    other.runDue(other.nextEvent());
    assertEquals(first, List.copyOf(log));
    lan.state(kept);
    assertEquals(StateJson.write(StateForm.apart(kept)), StateJson.write(StateForm.apart(lan.state())));
    var one = new LanSwitch("small", PER_SECOND);
    assertThrows(StateException.class, () -> one.state(kept));
  }
}
