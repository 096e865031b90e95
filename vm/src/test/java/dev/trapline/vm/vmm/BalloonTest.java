package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateJson;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests that give memory up, and what becomes of it. The driver of the balloon is here; the guest's code counts in one page for ever. */
class BalloonTest {
  private static final long MIB = 1L << 20;
  private static final int PAGE = 4096;
  /** Where the guest counts. */
  private static final long COUNTER = 0x300000;
  /** Where in its code the address of the counter is. */
  private static final long COUNTED = 0x100002;
  private static final long BELOW = 0x2f0000;
  /** {@code again: inc dword [300000h]; jmp again}. */
  private static final byte[] COUNTS = {(byte) 0xff, 0x05, 0x00, 0x00, 0x30, 0x00, (byte) 0xeb, (byte) 0xf8};

  private final Monitor monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(64 * MIB)
      .withPlatform(MachineConfig.Platform.PC)));

  private static MachineConfig counting() {
    return MachineConfig.standard().withMemory(16 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.flat("counts", COUNTS, 0x100000, 32)).withVirtio(VirtioConfig.NONE.withBalloon());
  }

  /** A driver that gives the pages from 4 MiB up, as many as it is asked for. */
  private static final class Balloon {
    private static final long FIRST = 0x400000;
    private static final long INFLATE = 0x200000;
    private static final long DEFLATE = 0x201000;
    private static final long REPORTS = 0x202000;
    private static final long NUMBERS = 0x203000;

    private final Machine machine;
    private final VirtioDriver driver;
    private final VirtioDriver.Ring inflate;
    private final VirtioDriver.Ring deflate;
    final VirtioDriver.Ring reports;
    private int has;

    Balloon(Machine m) {
      machine = m;
      driver = new VirtioDriver(m.ports(), m.memory(), VirtioDriver.find(m.ports(), 5).orElseThrow(), 0);
      driver.begin(1L << 32 | 3);
      inflate = driver.ring(0, INFLATE);
      deflate = driver.ring(1, DEFLATE);
      reports = driver.ring(2, REPORTS);
      driver.start();
    }

    /** Says what the host has got, then does what it wants. */
    void follow() {
      driver.device(4, 4, has);
      int wanted = (int) driver.device(0, 4);
      if (wanted > has) {
        send(inflate, LongStream.range(has, wanted).map(i -> FIRST + i * PAGE).toArray());
      } else if (wanted < has) {
        send(deflate, LongStream.range(wanted, has).map(i -> FIRST + i * PAGE).toArray());
      }
      has = wanted;
    }

    void give(long... pages) {
      send(inflate, pages);
    }

    void send(VirtioDriver.Ring to, long... pages) {
      for (int i = 0; i < pages.length; i++) {
        machine.memory().write(NUMBERS + 4L * i, 4, pages[i] / PAGE);
      }
      to.put(0, NUMBERS, 4 * pages.length, false);
      to.ring();
    }
  }

  private void run() {
    monitor.run(250_000);
  }

  @Test
  void whatAGuestGivesUpIsFreeAndWhatItTakesBackIsNot() {
    Guest guest = monitor.add(GuestSpec.hvm("a", counting(), "nested"));
    var balloon = new Balloon(guest.machine());
    guest.machine().memory().write(Balloon.FIRST, 8, 42);
    run();
    long free = monitor.frames().free();
    guest.balloon(MIB);
    run();
    assertEquals(free, monitor.frames().free(), "nothing happens without the driver");
    balloon.follow();
    run();
    assertEquals(free + MIB, monitor.frames().free());
    assertEquals(MIB, guest.given());
    guest.balloon(MIB / 4);
    balloon.follow();
    assertEquals(256, guest.balloon().orElseThrow().actual());
    run();
    assertEquals(free + MIB / 4, monitor.frames().free());
    assertEquals(0, guest.machine().memory().read(Balloon.FIRST, 8), "a page given up has lost what was in it");
    assertEquals(free + MIB / 4 - PAGE, monitor.frames().free(), "it was touched and has a frame again");
  }

  /** Everybody who could remember the way to a frame must have forgotten it: shadow and nested tables, the processor's translations. */
  @ParameterizedTest
  @CsvSource({"hvm, nested", "hvm, shadow", "trap, shadow"})
  void aFrameGivenUpIsNotReachedAnyMore(String technique, String paging) {
    Guest guest = monitor.add(new GuestSpec("a", counting(), technique, paging, 1, 0));
    var balloon = new Balloon(guest.machine());
    run();
    long frame = guest.memory().host(COUNTER);
    assertTrue(guest.machine().memory().read(COUNTER, 4) > 1000);
    balloon.give(COUNTER, BELOW);
    run();
    assertEquals(PAGE, guest.given(), "the counter's page was used again, the other was not");
    assertTrue(guest.memory().host(COUNTER) != frame, "lowest first: it has the other's frame");
    var stranger = new Owner.Monitor("what had none");
    assertEquals(frame, monitor.frames().take(stranger));
    run();
    assertEquals(stranger, monitor.frames().owner(frame));
    assertEquals(0, monitor.frames().memory().read(frame, 8), "nobody has written there");
    long counted = guest.machine().memory().read(COUNTER, 4);
    assertTrue(counted > 1000 && counted < 300_000, "the guest began anew in an empty frame: " + counted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested", "shadow"})
  void aGuestThatUsesWhatItGaveUpWhenThereIsNoneIsStoppedAloneAndSaysWhy(String paging) {
    Guest guest = monitor.add(GuestSpec.hvm("a", counting(), paging));
    Guest other = monitor.add(GuestSpec.hvm("b", counting(), "nested"));
    var balloon = new Balloon(guest.machine());
    run();
    balloon.give(Balloon.FIRST);
    run();
    assertEquals(PAGE, guest.given());
    while (monitor.frames().free() > 0) {
      monitor.frames().take(new Owner.Monitor("everything"));
    }
    run();
    assertTrue(guest.alive());
    guest.machine().memory().write(COUNTED, 4, Balloon.FIRST);
    run();
    assertEquals("guest 1 uses page 400000, which it had given up, and none of the host's frames is free", guest.broken().orElseThrow());
    assertTrue(other.alive());
  }

  @Test
  void whatCannotBeIsRefusedInOneLine() {
    Guest guest = monitor.add(GuestSpec.hvm("a", counting(), "nested"));
    var balloon = new Balloon(guest.machine());
    assertEquals("guest a: 16384 KiB of its 16384 KiB cannot be given up",
        assertThrows(MonitorException.class, () -> guest.balloon(16 * MIB)).getMessage());
    guest.balloon(2 * MIB);
    balloon.follow();
    run();
    while (monitor.frames().free() >= MIB) {
      monitor.frames().take(new Owner.Monitor("much"));
    }
    assertEquals("guest a: 2048 KiB to be given back, 1020 KiB of the host's memory are free",
        assertThrows(MonitorException.class, () -> guest.balloon(0)).getMessage());
    Guest none = new Monitor(new Machine(MachineConfig.standard().withMemory(64 * MIB).withPlatform(MachineConfig.Platform.PC)))
        .add(GuestSpec.hvm("b", NetworkTest.idle(VirtioConfig.NONE), "nested"));
    assertEquals("guest b has no balloon: start it with --balloon", assertThrows(MonitorException.class, () -> none.balloon(0)).getMessage());
  }

  @Test
  void pagesOutsideMemoryStopTheDevice() {
    Guest guest = monitor.add(GuestSpec.hvm("a", counting(), "nested"));
    var balloon = new Balloon(guest.machine());
    balloon.give(0xa0000, Balloon.FIRST);
    run();
    assertEquals("balloon page outside RAM", guest.balloon().orElseThrow().reason());
    assertEquals(0, guest.given());
  }

  @Test
  void memoryIsKeptFreeByAskingWhoHasMost() {
    Guest a = monitor.add(GuestSpec.hvm("a", counting(), "nested"));
    Guest b = monitor.add(GuestSpec.hvm("b", counting(), "shadow"));
    List<Balloon> drivers = List.of(new Balloon(a.machine()), new Balloon(b.machine()));
    run();
    long free = monitor.frames().free();
    monitor.reserve(free + 4 * MIB);
    for (int i = 0; i < 20; i++) {
      run();
      drivers.forEach(Balloon::follow);
    }
    assertTrue(monitor.frames().free() >= free + 4 * MIB, () -> free + " " + monitor.frames().free());
    assertEquals(2 * MIB, a.given());
    assertEquals(2 * MIB, b.given());
    monitor.reserve(free - 8 * MIB);
    for (int i = 0; i < 20; i++) {
      run();
      drivers.forEach(Balloon::follow);
    }
    assertEquals(0, a.given() + b.given(), "there is plenty again");
    monitor.reserve(free + 100 * MIB);
    for (int i = 0; i < 40; i++) {
      run();
      drivers.forEach(Balloon::follow);
    }
    assertEquals(8 * MIB, a.given(), "half of its memory stays with each");
  }

  @Test
  void statisticsAreOfNow() {
    Guest guest = monitor.add(GuestSpec.hvm("a", counting(), "nested"));
    var balloon = new Balloon(guest.machine());
    VirtioBalloon device = guest.balloon().orElseThrow();
    statistic(balloon, guest, 1 << 20);
    run();
    assertEquals(List.of(), device.statistics(), "nobody has asked");
    device.ask();
    run();
    assertEquals(0, balloon.reports.take());
    statistic(balloon, guest, 2 << 20);
    run();
    assertEquals(List.of("free 2048 KiB"), device.statistics());
    String state = StateJson.write(StateForm.apart(device.state()));
    device.state(device.state());
    assertEquals(state, StateJson.write(StateForm.apart(device.state())));
  }

  private static void statistic(Balloon balloon, Guest guest, long value) {
    guest.machine().memory().write(0x204000, 2, 4);
    guest.machine().memory().write(0x204002, 8, value);
    balloon.reports.put(0, 0x204000, 10, false);
    balloon.reports.ring();
  }
}
