package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.CpuState;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.GuestSpec;
import dev.trapline.vm.vmm.Monitor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A machine on which single instructions are executed: the bare one, or a guest of a monitor by some technique. It is used again for every
 * experiment: all registers are set anew and memory is put back.
 */
final class Rig {
  private static final long MIB = 1L << 20;
  private static final int PAGE = PhysicalMemory.PAGE;
  private static final int PORT_PIC_MASK = 0x21;
  /** Instructions of a piece, on the bare machine and with the monitor's among them. Who is done spins. */
  private static final long BARE_TIME = 64;
  private static final long GUEST_TIME = 800;
  private static final int MOST_PIECES = 20;

  private final Layout at;
  private final Machine machine;
  /** Null on the bare machine. */
  private final Guest guest;
  private final String name;
  private final CpuState reset;
  private final Map<Start, CpuState> starts = new HashMap<>();
  /** What each of both places holds before an instruction. */
  private final byte[][] plain = new byte[2][];
  private final byte[][] expected = new byte[2][];
  private boolean touchedPort;

  private Rig(String name, Layout at, Machine machine, Guest guest) {
    this.name = name;
    this.at = at;
    this.machine = machine;
    this.guest = guest;
    this.reset = machine.cpu().state();
    at.writeTables(machine.memory());
    for (int place = 0; place < 2; place++) {
      plain[place] = at.image(place == 1);
      expected[place] = plain[place];
      machine.memory().poke(Layout.place(place == 1), plain[place], 0, Layout.SIZE);
    }
    machine.ports().out(PORT_PIC_MASK, 1, 0xff);
    machine.listen(e -> touchedPort |= e instanceof Event.Port);
  }

  private static MachineConfig config() {
    return MachineConfig.standard().withMemory(2 * MIB).withImage(BootImage.flat("spin", Layout.spinning(), BootImage.DEFAULT_ADDRESS, 32));
  }

  static Rig bare(Layout at) {
    return new Rig("bare", at, new Machine(config()), null);
  }

  static Rig guest(Layout at, String technique) {
    var host = new Machine(MachineConfig.standard().withMemory(8 * MIB).withPlatform(MachineConfig.Platform.PC));
    Guest guest = new Monitor(host).add(new GuestSpec("theory", config(), technique, "shadow", GuestSpec.STANDARD_WEIGHT, 0));
    guest.machine().run(1);
    return new Rig(technique, at, guest.machine(), guest);
  }

  String name() {
    return name;
  }

  /** Prepares for experiments with a sample. */
  void prepare(Sample sample) {
    for (int place = 0; place < 2; place++) {
      byte[] wanted = sample.memory(plain[place]);
      put(place, expected[place], wanted);
      expected[place] = wanted;
    }
  }

  private void put(int place, byte[] is, byte[] wanted) {
    for (int page = 0; page < Layout.SIZE; page += PAGE) {
      int first = Arrays.mismatch(is, page, page + PAGE, wanted, page, page + PAGE);
      if (first >= 0) {
        machine.memory().poke(Layout.place(place == 1) + page, wanted, page, PAGE);
      }
    }
  }

  /** Executes the sample's instruction from a state. */
  Outcome run(Sample sample, Start start) {
    Cpu c = machine.cpu();
    c.state(starts.computeIfAbsent(start, s -> first(s, c)));
    System.arraycopy(sample.general(), 0, c.r, 0, 16);
    c.rflags(sample.flags() | 2 | start.flags(at));
    c.registersLoaded();
    Reading before = Reading.of(c, at.old);
    touchedPort = false;
    long holes = holes();
    for (int i = 0; i < MOST_PIECES && (i == 0 || !settled(c)); i++) {
      machine.run(guest == null ? BARE_TIME : GUEST_TIME);
    }
    Reading after = Reading.of(c, at.old);
    List<Outcome.Change> changes = changes(at.moves(start.second()) ? 1 : 0);
    return new Outcome(before, after, changes, touchedPort, ended(), holes() - holes);
  }

  /** Whether nothing more will happen: the processor is halted, shut down or at a jump to itself. */
  private boolean settled(Cpu c) {
    boolean spins = c.rip >= 0 && c.rip < Layout.SIZE - 1 && PhysicalMemory.get(expected[0], (int) c.rip, 2) == Layout.SPIN;
    return spins || c.halted || c.shutdown || !lives();
  }

  private CpuState first(Start start, Cpu c) {
    c.state(reset);
    start.into(c, at);
    c.registersLoaded();
    return c.state();
  }

  private long holes() {
    return guest == null ? 0 : guest.holes().count();
  }

  /** Whether there can be further experiments. */
  boolean lives() {
    return guest == null || guest.alive();
  }

  /** What came of the machine, if it is not running any more. */
  private String ended() {
    if (guest != null && !guest.alive()) {
      return guest.broken().orElseGet(() -> guest.ended().map(Object::toString).orElse(""));
    }
    return machine.cpu().shutdown ? "shutdown: " + machine.cpu().shutdownReason : "";
  }

  /** What the instruction stored; memory is put back. */
  private List<Outcome.Change> changes(int place) {
    PhysicalMemory memory = machine.memory();
    var found = new java.util.ArrayList<Outcome.Change>();
    for (int page = 0; page < Layout.SIZE; page += PAGE) {
      byte[] frame = memory.readableFrame(Layout.place(place == 1) + page);
      byte[] was = expected[place];
      int first = Arrays.mismatch(frame, 0, PAGE, was, page, page + PAGE);
      if (first >= 0) {
        for (int i = first; i < PAGE; i++) {
          if (frame[i] != was[page + i]) {
            found.add(new Outcome.Change(page + i, frame[i]));
          }
        }
        memory.poke(Layout.place(place == 1) + page, was, page, PAGE);
      }
    }
    return found;
  }
}
