package dev.trapline.vm.hostile;

import dev.trapline.vm.cpu.CpuType;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.svm.VmcbField;
import dev.trapline.vm.vmm.Cost;
import dev.trapline.vm.vmm.CostProfile;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.GuestSpec;
import dev.trapline.vm.vmm.Inspector;
import dev.trapline.vm.vmm.Isolation;
import dev.trapline.vm.vmm.Leak;
import dev.trapline.vm.vmm.Monitor;
import dev.trapline.vm.vmm.Vcpu;
import dev.trapline.vm.vmm.Violation;
import dev.trapline.vm.vmm.sched.Policy;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntSupplier;

/** A monitor with two guests: one that is attacked again and again, and the witness. */
final class Ring implements Inspector {
  private static final long MIB = 1L << 20;
  private static final long HOST_MEMORY = 16 * MIB;
  private static final long HOSTILE_MEMORY = 4 * MIB;
  /** Instructions a guest may run while the other waits: few, so that both go on. */
  private static final long SLICE = 2_000;
  /** An attack ends after so many exits, or instructions. */
  private static final int EXITS = 400;
  private static final long INSTRUCTIONS = 200_000;
  /** Instructions in which the witness, which has half of the processor, comes to its end for certain. */
  private static final long LONG_ENOUGH = 2_000_000;
  private static final int DISK = 64 << 10;
  private static final int DISKETTE = 1440 << 10;

  private final Tally tally;
  private final Witness expected;
  private final Leak leak;
  private final Monitor monitor;
  private final Guest hostile;
  private final Guest witness;
  private final Isolation isolation;
  private boolean leaking;
  private Random random;
  /** Seed of the attack under way, for messages. */
  private long attack;
  private long left;
  /** Instructions carried out for the guest that was left, before. */
  private long emulated;
  private boolean found;
  private boolean finishing;
  private IntSupplier bits = this::anyBit;
  /** Where a bit of the VMCB is flipped, and the byte as it was; -1 for none. */
  private int flipped = -1;
  private byte before;

  Ring(Tally tally, Technique beside, Witness expected, Leak leak) {
    this.tally = tally;
    this.expected = expected;
    this.leak = leak;
    this.monitor = monitor();
    Technique how = tally.technique();
    this.hostile = monitor.add(new GuestSpec("hostile", machine(), how.technique(), how.paging(), GuestSpec.STANDARD_WEIGHT, 0));
    this.witness = monitor.add(Witness.spec(beside));
    this.isolation = new Isolation(monitor);
    monitor.inspect(this);
  }

  private static Monitor monitor() {
    MachineConfig host = MachineConfig.standard().withMemory(HOST_MEMORY).withPlatform(MachineConfig.Platform.PC);
    return new Monitor(new Machine(host), Policy.of("round-robin", SLICE), CostProfile.standard());
  }

  /** A PC with everything a guest can do harm with. */
  private static MachineConfig machine() {
    VirtioConfig virtio = VirtioConfig.NONE.withConsoles(1).withEntropy(1).withCard(0x525400123456L, VirtioConfig.Wire.LOOP)
        .withCard(0x525400123457L, VirtioConfig.Wire.NET);
    return MachineConfig.standard().withMemory(HOSTILE_MEMORY).withPlatform(MachineConfig.Platform.PC).withCpu(CpuType.MAX).withVirtio(virtio)
        .withDrives(List.of(drive("disk", DISK, Drive.Attachment.IDE), drive("cd", DISK, Drive.Attachment.CDROM),
            drive("diskette", DISKETTE, Drive.Attachment.FLOPPY), drive("block", DISK, Drive.Attachment.VIRTIO)));
  }

  private static Drive drive(String name, int size, Drive.Attachment where) {
    return Drive.of(where, name, new byte[size]);
  }

  /** The witness's result without a neighbour. */
  static Witness alone(Technique how) {
    Monitor m = monitor();
    Guest g = m.add(Witness.spec(how));
    m.run(Long.MAX_VALUE);
    return Witness.of(g);
  }

  // ---- attacks

  /** So many attacks, or until there were so many exits, or one that did harm. */
  void attack(Random seeds, long exits, int most) {
    for (int i = 0; i < most && tally.exits < exits && !found; i++) {
      attack = seeds.nextLong();
      random = new Random(attack);
      try {
        one();
      } catch (RuntimeException escaped) {
        harm("escaped: " + escaped + where(escaped));
      }
    }
    if (!found) {
      finish();
    }
    tally.followed += isolation.followed();
  }

  private static String where(RuntimeException e) {
    StackTraceElement[] trace = e.getStackTrace();
    return trace.length == 0 ? "" : " at " + trace[0] + (trace.length == 1 ? "" : " from " + trace[1]);
  }

  private void one() {
    tally.attacks++;
    left = EXITS;
    flipped = -1;
    hostile.machine().restart();
    tally.kind().load(new Victim(hostile.machine(), random));
    hostile.machine().run(INSTRUCTIONS);
    tally.invalid += hostile.broken().filter(why -> why.contains("for INVALID")).isPresent() ? 1 : 0;
    tally.ended += hostile.ended().isPresent() ? 1 : 0;
    if (!found) {
      isolation.check().forEach(v -> harm(v.toString()));
      witnessed();
    }
  }

  /** The last attack goes on until the witness is at its end. */
  private void finish() {
    finishing = true;
    long before = tally.witnesses;
    witness.machine().run(LONG_ENOUGH);
    witnessed();
    if (!found && tally.witnesses == before) {
      harm("the witness does not come to its end");
    }
  }

  private void witnessed() {
    Witness now = Witness.of(witness);
    if (now == null) {
      return;
    }
    if (now.equals(expected)) {
      tally.witnesses++;
      witness.machine().reset();
    } else {
      harm("the witness came to " + now + ", alone to " + expected);
    }
  }

  private void harm(String what) {
    found = true;
    tally.violations.add(String.format("%s under %s, attack %x: %s", tally.kind(), tally.technique(), attack, what));
    monitor.host().requestStop();
  }

  // ---- at every entry and exit

  @Override
  public Optional<String> entering(Vcpu v) {
    if (!tally.kind().damages() || v.guest() != hostile) {
      return Optional.empty();
    }
    flip(v.vmcbAddress());
    List<Violation> wrong = isolation.check(v);
    tally.refused += wrong.isEmpty() ? 0 : 1;
    return wrong.stream().findFirst().map(Violation::toString);
  }

  private void flip(long vmcb) {
    PhysicalMemory memory = monitor.host().memory();
    int bit = bits.getAsInt();
    if (bit >= 0) {
      flipped = bit >> 3;
      before = (byte) memory.read(vmcb + flipped, 1);
      memory.write(vmcb + flipped, 1, before ^ 1 << (bit & 7));
    }
  }

  /** A bit of the VMCB, most of them in fields. */
  private int anyBit() {
    VmcbField f = Vmcb.fields().get(random.nextInt(Vmcb.fields().size()));
    return random.nextInt(4) == 0 ? random.nextInt(8 * Vmcb.SIZE) : 8 * f.offset() + random.nextInt(8 * f.bytes());
  }

  /** Says which bit of the VMCB is flipped before the next entry, counted from its beginning; -1 for none. */
  void bits(IntSupplier which) {
    bits = which;
  }

  Guest hostile() {
    return hostile;
  }

  /** A bit of the control area is mended; the save area was written anew by the exit. */
  private void mend(long vmcb) {
    if (flipped >= 0 && flipped < Vmcb.SAVE_AREA) {
      monitor.host().memory().write(vmcb + flipped, 1, before);
    }
    flipped = -1;
  }

  @Override
  public void left(Vcpu v, long exitCode) {
    emulated = v.guest().account().times(Cost.EMULATE);
  }

  @Override
  public void handled(Vcpu v, long exitCode) {
    boolean attacker = v.guest() == hostile;
    if (attacker) {
      mend(v.vmcbAddress());
      count();
    }
    if (leak != null && !leaking) {
      leaking = leak.put(monitor, hostile, witness);
    }
    for (Violation wrong : isolation.after(v)) {
      harm("after " + ExitCode.name(exitCode) + " of " + v + ": " + wrong);
    }
    if (finishing ? !witness.alive() : attacker && --left == 0) {
      monitor.host().requestStop();
    }
  }

  private void count() {
    tally.exits++;
    long steps = hostile.account().times(Cost.EMULATE) - emulated;
    tally.steps = Math.max(tally.steps, steps);
    if (steps > tally.mostSteps) {
      harm("the monitor carried out " + steps + " instructions for one exit");
    }
  }
}
