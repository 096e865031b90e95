package dev.trapline.vm.vmm;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Steps for {@code scripts/guests/scenario.asm}, and what came of them on the bare machine or under the monitor. */
final class Scenario {
  static final long P = 1;
  static final long W = 2;
  static final long U = 4;
  static final long PS = 0x80;
  /** The linear address whose tables on all levels are the scenario's own: the second entry of the top. */
  static final long WINDOW = 0x40000000L;
  static final long WINDOW64 = 0x8000000000L;
  static final long TOP = 0x130000;
  private static final long MIB = 1L << 20;
  private static final long RECORDS = 0x1000000;
  private static final long RESULTS = 0x2000000;
  private static final long LIMIT = 5_000_000;
  private static final long ENOUGH = 20_000;

  /** Steps of the kernel, in its order. */
  private enum Step {
    END, LOAD, STORE4, STORE8, STORE16, EXCHANGE, DROP, TABLES, MODES, FILL, TOUCH, GATES, IMPLICIT, USER_LOAD, USER_STORE
  }

  private record Do(Step step, long address, long value) {}

  /**
   * What came of a run.
   *
   * @param results of the steps, in order
   * @param end how it ended; "runs on" if it did not within the limit, or what the monitor said
   */
  record Result(List<String> results, String end) {}

  private final int format;
  private final List<Do> steps = new ArrayList<>();

  Scenario(int format) {
    this.format = format;
  }

  private Scenario step(Step s, long address, long value) {
    steps.add(new Do(s, address, value));
    return this;
  }

  Scenario load(long linear) {
    return step(Step.LOAD, linear, 0);
  }

  Scenario store(long linear, int value) {
    return step(Step.STORE4, linear, value);
  }

  Scenario userLoad(long linear) {
    return step(Step.USER_LOAD, linear, 0);
  }

  Scenario userStore(long linear, int value) {
    return step(Step.USER_STORE, linear, value);
  }

  /** An entry of the size the format has. */
  Scenario entry(long table, int index, long value) {
    return format == 2 ? step(Step.STORE4, table + 4 * index, value) : step(Step.STORE8, table + 8 * index, value);
  }

  Scenario wide8(long address, long value) {
    return step(Step.STORE8, address, value);
  }

  Scenario wide16(long address, long value) {
    return step(Step.STORE16, address, value);
  }

  Scenario exchange(long address, long value) {
    return step(Step.EXCHANGE, address, value);
  }

  Scenario drop(long linear) {
    return step(Step.DROP, linear, 0);
  }

  Scenario tables(long root) {
    return step(Step.TABLES, root, 0);
  }

  Scenario modes(int mode) {
    return step(Step.MODES, mode, 0);
  }

  /** Entries from the first of a table on, each that much further than the one before. */
  Scenario fill(long table, int count, long first, long by) {
    step(Step.LOAD, TOP, first);
    return step(Step.FILL, table, by << 32 | count);
  }

  Scenario touch(long linear, int pages) {
    return step(Step.TOUCH, linear, pages);
  }

  Scenario gates(long at) {
    return step(Step.GATES, at, 0);
  }

  /** Loads a segment register with EFLAGS.AC set and the GDT in a window onto the kernel's image. */
  Scenario implicit(long window) {
    return step(Step.IMPLICIT, window, 0);
  }

  // ---- running it

  Result bare() {
    var m = new Machine(config());
    load(m);
    return result(m, m.run(LIMIT).toString());
  }

  Result nested() {
    return guest("nested", AuditPlan.of("full"), LIMIT, (g, m) -> { });
  }

  /** With shadow paging and audits after every exit. */
  Result shadow(BiConsumer<Guest, ShadowMmu> prepare) {
    return guest("shadow", AuditPlan.of("full"), LIMIT, prepare);
  }

  /** With shadow paging, a mistake in it and no audits: what becomes of the guest's own work. */
  Result unaudited(BiConsumer<Guest, ShadowMmu> prepare) {
    return guest("shadow", AuditPlan.OFF, LIMIT, prepare);
  }

  /** The same for what is not expected to end. */
  Result endless(BiConsumer<Guest, ShadowMmu> prepare) {
    return guest("shadow", AuditPlan.OFF, ENOUGH, prepare);
  }

  /** With shadow paging and an audit after each so many exits: for runs with many. */
  Result guestAuditedAt(int exits, BiConsumer<Guest, ShadowMmu> prepare) {
    return guest("shadow", AuditPlan.of("full:" + exits), LIMIT, prepare);
  }

  private Result guest(String paging, AuditPlan audits, long limit, BiConsumer<Guest, ShadowMmu> prepare) {
    var monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)));
    Guest g = monitor.add(GuestSpec.hvm("scenario", config(), paging));
    g.audits(audits);
    if (g.mmu() instanceof ShadowMmu s) {
      prepare.accept(g, s);
    }
    load(g.machine());
    monitor.run(limit);
    return result(g.machine(), g.broken().orElseGet(() -> g.ended().map(Outcome::toString).orElse("runs on")));
  }

  private MachineConfig config() {
    return MachineConfig.standard().withMemory(48 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withImage(TortureKernel.image("scenario.asm", format));
  }

  private void load(Machine m) {
    var records = ByteBuffer.allocate((steps.size() + 1) * 24).order(ByteOrder.LITTLE_ENDIAN);
    steps.forEach(s -> records.putInt(s.step().ordinal()).putInt(0).putLong(s.address()).putLong(s.value()));
    m.memory().poke(RECORDS, records.array(), 0, records.capacity());
  }

  private Result result(Machine m, String end) {
    var all = new ArrayList<String>();
    for (int i = 0; i < steps.size(); i++) {
      long r = m.memory().read(RESULTS + 8 * i, 8);
      if (steps.get(i).step() == Step.LOAD && i + 1 < steps.size() && steps.get(i + 1).step() == Step.FILL) {
        continue; // only there for its value
      }
      String what = (r >>> 32 & 0x80) != 0 ? "exception"
          : (r >>> 32 & 0x20) != 0 ? "#PF " + Long.toHexString(r >>> 32) : Long.toHexString(r);
      all.add(String.format("%s %x: %s", steps.get(i).step(), steps.get(i).address(), what));
    }
    return new Result(all, end.startsWith("Exit") ? "done" : end);
  }
}
