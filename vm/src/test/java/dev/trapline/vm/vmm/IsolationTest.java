package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.PermissionMaps;
import dev.trapline.vm.svm.Vmcb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What guests can reach: nothing wrong while all is well, and each kind of leak, put in on purpose, is found. */
class IsolationTest {
  private static final long MIB = 1L << 20;

  private Monitor monitor;
  private Isolation isolation;
  private Guest nested;
  private Guest shadow;
  private Guest trap;

  private static MachineConfig mini() {
    Path at = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(at.resolve("LICENSE"))) {
      at = at.getParent();
    }
    byte[] program = new Assembler(X86.set()).assemble(at.resolve("scripts/guests/mini.asm")).bytes();
    return MachineConfig.standard().withMemory(16 * MIB).withImage(BootImage.auto("mini", program, ""));
  }

  @BeforeEach
  void threeGuestsUnderWay() {
    monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(64 * MIB).withPlatform(MachineConfig.Platform.PC)));
    isolation = new Isolation(monitor);
    nested = monitor.add(GuestSpec.hvm("nested", mini(), "nested"));
    shadow = monitor.add(GuestSpec.hvm("shadow", mini(), "shadow"));
    trap = monitor.add(new GuestSpec("trap", mini(), "trap", "shadow", GuestSpec.STANDARD_WEIGHT, 0));
    monitor.run(1_500_000);
  }

  /** Where the bytes of a guest's first mapped page are: host-physical address of the entry. */
  private long leafEntry(Guest g) {
    List<Long> leaves = new ArrayList<>();
    g.mmu().tops(g.vcpus().getFirst(), (table, level) -> new Reach(monitor.host().memory()).walk(table, level, (at, step, address, entry) -> {
      if (step == 1) {
        leaves.add(at);
      }
      return !monitor.frames().owner(entry & Reach.ADDRESS).toString().contains("deprivileged");
    }));
    return leaves.getFirst();
  }

  private void mapTo(Guest g, long hpa) {
    long at = leafEntry(g);
    PhysicalMemory memory = monitor.host().memory();
    memory.write(at, 8, memory.read(at, 8) & 0xfff | hpa);
  }

  private Violation only() {
    List<Violation> found = isolation.check();
    assertEquals(1, found.size(), found::toString);
    return found.getFirst();
  }

  private void found(Guest g, Invariant what, String part) {
    Violation v = only();
    assertEquals(g.name(), v.guest());
    assertEquals(what, v.invariant(), v::toString);
    assertTrue(v.values().contains(part), v::toString);
  }

  private long top(Guest g) {
    List<Long> tops = new ArrayList<>();
    g.mmu().tops(g.vcpus().getFirst(), (table, level) -> tops.add(table));
    return tops.getFirst();
  }

  private static long frame(Guest g) {
    return g.memory().base() + 0x10_0000;
  }

  @Test
  void nothingIsReachedAfterAnyExit() {
    List<Violation> found = new ArrayList<>();
    monitor.inspect(new Inspector() {
      @Override
      public Optional<String> entering(Vcpu v) {
        found.addAll(isolation.check(v));
        return Optional.empty();
      }

      @Override
      public void left(Vcpu v, long exitCode) {
        found.addAll(isolation.check());
      }

      @Override
      public void handled(Vcpu v, long exitCode) {
        found.addAll(isolation.check());
      }
    });
    monitor.run(400_000);
    assertEquals(List.of(), found);
    assertTrue(isolation.followed() > 1_000, () -> isolation.followed() + " ways");
  }

  @Test
  void aFrameGivenToTwoGuests() {
    mapTo(nested, frame(shadow));
    found(nested, Invariant.O1, "guest 2");
  }

  @Test
  void aFrameGivenToTwoGuestsByShadowTables() {
    mapTo(shadow, frame(nested));
    found(shadow, Invariant.O1, "guest 1");
  }

  @Test
  void aFrameOfTheMonitor() {
    mapTo(shadow, nested.vcpus().getFirst().vmcbAddress());
    found(shadow, Invariant.O1, "VMCB of nested/0");
  }

  @Test
  void aFrameOfTheMonitorBelowADeprivilegedGuest() {
    mapTo(trap, top(trap));
    found(trap, Invariant.O1, "shadow tables of trap");
  }

  @Test
  void aFrameOfNobody() {
    mapTo(trap, 60 * MIB);
    found(trap, Invariant.O1, "free");
  }

  @Test
  void aTableThatIsTheGuestsOwn() {
    PhysicalMemory memory = monitor.host().memory();
    memory.write(top(nested) + 8 * 5, 8, frame(nested) | 7);
    found(nested, Invariant.O2, "guest 1");
  }

  @Test
  void devicesThatStoreToAFrameTakenAway() {
    long pa = nested.memory().host(0x2000);
    monitor.host().memory().readableFrame(pa);
    monitor.frames().release(pa);
    assertEquals(pa, monitor.frames().take(new Owner.OfGuest(shadow.id())));
    assertTrue(isolation.check().stream().anyMatch(v -> v.invariant() == Invariant.O4 && v.guest().equals("nested")
        && v.place().equals("page 2000") && v.values().contains("guest 2")));
  }

  @Test
  void translationsThatWereNotDropped() {
    Vcpu v = running();
    List<Long> pages = new ArrayList<>();
    monitor.host().cpu().mem.cached(v.asid(),
        (linear, access, user, ac, frame, pa) -> pages.add(frame == null ? pa : v.guest().memory().addressOf(frame)));
    monitor.frames().release(pages.getFirst());
    assertTrue(isolation.check().stream().anyMatch(x -> x.invariant() == Invariant.O3 && x.values().contains("free")));
  }

  /** The virtual processor of {@link #nested} or {@link #shadow} that the hardware has, with translations. */
  private Vcpu running() {
    while (monitor.running() == null || monitor.running().guest() == trap) {
      monitor.run(1_000);
    }
    return monitor.running();
  }

  @Test
  void aVmcbThatIsNotWhatTheMonitorMadeIt() {
    Vcpu v = running();
    assertTrue(v.entered());
    PhysicalMemory memory = monitor.host().memory();
    long asid = Vmcb.ASID.get(memory, v.vmcbAddress());
    Vmcb.ASID.set(memory, v.vmcbAddress(), asid + 1);
    assertEquals(Invariant.O5, only().invariant());
    Vmcb.ASID.set(memory, v.vmcbAddress(), asid);
    assertEquals(List.of(), isolation.check());
    Vmcb.intercept(memory, v.vmcbAddress(), ExitCode.VMLOAD, false);
    assertTrue(only().values().contains("intercept of VMLOAD is off"), only()::toString);
  }

  @Test
  void aPermissionMapThatLetsAPortThrough() {
    PhysicalMemory memory = monitor.host().memory();
    long map = Vmcb.IOPM_BASE.get(nested.vcpus().getFirst().vmcb());
    memory.write(map + (0xcf8 >> 3), 1, 0xfe);
    List<Violation> found = isolation.check();
    assertTrue(found.stream().allMatch(v -> v.invariant() == Invariant.O6 && v.values().startsWith("monitor: permission maps: the byte at")),
        found::toString);
    assertEquals(3, found.size(), "each guest's audit tells");
  }

  /** Every port leaves; of the MSRs, those that VMLOAD and VMSAVE switch do not (APM2 15.5.2). */
  @Test
  void whatThePermissionMapsLetThrough() {
    PhysicalMemory memory = monitor.host().memory();
    byte[] vmcb = nested.vcpus().getFirst().vmcb();
    byte[] ports = new byte[PermissionMaps.IO_SIZE];
    memory.peek(Vmcb.IOPM_BASE.get(vmcb), ports, 0, ports.length);
    assertEquals(0x10000 + 3, IntStream.range(0, 0x10000 + 3).filter(p -> (ports[p >> 3] >> (p & 7) & 1) != 0).count());
    byte[] msrs = new byte[PermissionMaps.MSR_SIZE];
    memory.peek(Vmcb.MSRPM_BASE.get(vmcb), msrs, 0, msrs.length);
    List<Integer> through = new ArrayList<>();
    for (int base : new int[] {0, 0xc000_0000, 0xc001_0000}) {
      IntStream.range(base, base + 0x2000).filter(m -> (msrs[PermissionMaps.msrBit(m) >> 3] >> (PermissionMaps.msrBit(m) & 7) & 3) != 3)
          .forEach(through::add);
    }
    assertEquals(List.of(0x174, 0x175, 0x176, 0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084, 0xc000_0100, 0xc000_0101, 0xc000_0102),
        through);
  }
}
