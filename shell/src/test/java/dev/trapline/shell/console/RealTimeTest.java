package dev.trapline.shell.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Pacing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pacing on a clock that the test moves. */
class RealTimeTest {
  private static final long PER_SECOND = 100_000_000;
  private static final long MS = 1_000_000;
  private static final long MS_OF_GUEST = PER_SECOND / 1000;
  private long host = 7 * MS;
  private long slept;
  private long cutAfter = Long.MAX_VALUE;
  private final RealTime time = new RealTime(PER_SECOND, () -> host, this::sleep, new Semaphore(0));

  private boolean sleep(long nanos) {
    long n = Math.min(nanos, cutAfter);
    slept += n;
    host += n;
    return n < nanos;
  }

  @Test
  void waitingTakesAsLongAsTheGuestThinks() {
    assertEquals(10 * MS_OF_GUEST, time.pass(0, 10 * MS_OF_GUEST));
    assertEquals(10 * MS, slept);
    host += 4 * MS;
    assertEquals(20 * MS_OF_GUEST, time.pass(11 * MS_OF_GUEST, 20 * MS_OF_GUEST));
    assertEquals(16 * MS, slept, "4 ms of 10 were computed away");
  }

  @Test
  void shortWaitsAddUp() {
    for (int i = 0; i < 100; i++) {
      time.pass(i * MS_OF_GUEST / 10, (i + 1) * MS_OF_GUEST / 10);
    }
    assertTrue(slept > 9 * MS && slept <= 10 * MS, "slept " + slept);
  }

  @Test
  void aLateGuestDoesNotRush() {
    time.pass(0, MS_OF_GUEST);
    host += 10_000 * MS;
    slept = 0;
    time.pass(2 * MS_OF_GUEST, 12 * MS_OF_GUEST);
    assertEquals(10 * MS, slept);
  }

  @Test
  void whoIsWokenHasPassedWhatWasWaited() {
    cutAfter = 3 * MS;
    assertEquals(3 * MS_OF_GUEST, time.pass(0, 10 * MS_OF_GUEST));
  }

  private static Session typist(Path folder) throws IOException {
    Path guest = Files.writeString(folder.resolve("typist.asm"), """
        bits 32
        org 0x100000
          mov esp, stack
          mov eax, tick
          mov [idt + 64], ax
          mov [idt + 66], cs
          mov word [idt + 68], 0x8e00
          shr eax, 16
          mov [idt + 70], ax
          lidt [idtr]
          mov al, 0xfe
          out 0x21, al
          mov al, 0x34
          out 0x43, al
          xor al, al
          out 0x40, al
          out 0x40, al
          sti
        wait:
          hlt
          mov dx, 0x3fd
          in al, dx
          test al, 1
          jz wait
          mov al, 3
          out 0xf4, al
        tick:
          push eax
          mov al, 0x20
          out 0x20, al
          pop eax
          iret
        idtr:
          dw 127
          dd idt
        align 8
        idt:
          times 128 db 0
          times 256 db 0
        stack:
        """);
    return Sessions.open(MachineConfig.standard().withMemory(4 << 20), Image.assembled(guest, ""));
  }

  /** Pacing that lets the k-th wait be cut by a key, and records where. */
  private record Cut(Session session, int[] waits, long[] typedAt) implements Pacing {
    @Override
    public long pass(long now, long event) {
      if (++waits[0] == 5) {
        typedAt[0] = (now + event) / 2;
        session.interrupt();
        return typedAt[0];
      }
      return event;
    }

    @Override
    public void wake() {
      // Nobody sleeps here.
    }
  }

  @Test
  void inputInAPauseEntersThereAndTheHashKnowsOfNoPacing(@TempDir Path folder) throws IOException {
    Session paced = typist(folder);
    long[] at = new long[1];
    paced.pacing(new Cut(paced, new int[1], at));
    Stop stop = paced.resume();
    while (stop instanceof Stop.Interrupted) {
      assertEquals(at[0], stop.at().count());
      paced.type("k".getBytes(StandardCharsets.US_ASCII));
      stop = paced.resume();
    }
    Session free = typist(folder);
    free.untilCount(at[0]);
    free.type("k".getBytes(StandardCharsets.US_ASCII));
    assertEquals(3, assertInstanceOf(Stop.Exit.class, stop).value());
    assertEquals(stop, free.resume());
    assertEquals(paced.stateHash(), free.stateHash());
  }
}
