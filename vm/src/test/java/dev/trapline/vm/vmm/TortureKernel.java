package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.isa.asm.Source;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs {@code scripts/guests/torture.asm} over records, on the bare machine or as a guest, and reads what it wrote. */
final class TortureKernel {
  static final int KINDS = 9;
  /** Most records in one run: results fill what is behind {@link #RESULTS}. */
  static final int MOST = 400_000;
  private static final long MIB = 1L << 20;
  private static final long COUNT = 0x140000;
  private static final long RECORDS = 0x1000000;
  private static final long RESULTS = 0x2000000;
  private static final int RECORD_SIZE = 40;
  private static final long LIMIT = 1L << 40;

  /**
   * What is tried.
   *
   * @param mode CR0.WP, CR4.SMEP, CR4.SMAP, EFER.NXE, CR4.PSE from bit 0
   * @param reload flush by a load of CR3, not by INVLPG
   * @param entries of levels 1 to 4 at indices 0 to 3
   */
  record Trial(int mode, boolean reload, long... entries) {
    @Override
    public String toString() {
      var text = new StringBuilder(String.format("mode %02x%s", mode, reload ? " reload" : ""));
      for (int level = entries.length; level >= 1; level--) {
        text.append(String.format(" L%d=%x", level, entries[level - 1]));
      }
      return text.toString();
    }
  }

  private final MachineConfig config;

  /** @param format 2, 3 or 4 */
  TortureKernel(int format) {
    this.config = MachineConfig.standard().withMemory(48 * MIB).withImage(image("torture.asm", format));
  }

  /** A kernel of {@code scripts/guests} for a format of tables. */
  static BootImage image(String file, int format) {
    Path at = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(at.resolve("LICENSE"))) {
      at = at.getParent();
    }
    var options = new Assembler.Options(Map.of("FORMAT", Integer.toString(format)), CodeSize.BITS32);
    byte[] program = new Assembler(X86.set()).assemble(file, Source.folder(at.resolve("scripts/guests")), options).bytes();
    return BootImage.auto(file, program, "");
  }

  int[] bare(List<Trial> trials) {
    var m = new Machine(config);
    load(m, trials);
    assertEquals(new Outcome.Exit(16), m.run(LIMIT));
    return results(m, trials);
  }

  /** As a guest; {@code prepare} may set it up further. */
  int[] guest(String technique, String paging, AuditPlan audits, List<Trial> trials) {
    var monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)));
    Guest g = monitor.add(new GuestSpec("torture", config, technique, paging, GuestSpec.STANDARD_WEIGHT, 0));
    g.audits(audits);
    load(g.machine(), trials);
    monitor.run(LIMIT);
    assertEquals("", g.broken().orElse(""));
    assertEquals(new Outcome.Exit(16), g.ended().orElseThrow(() -> new AssertionError(technique + " with " + paging + " does not end")));
    return results(g.machine(), trials);
  }

  private static void load(Machine m, List<Trial> trials) {
    if (trials.size() > MOST) {
      throw new IllegalArgumentException(trials.size() + " records: at most " + MOST);
    }
    var records = ByteBuffer.allocate(trials.size() * RECORD_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (Trial t : trials) {
      records.putInt(t.mode()).putInt(t.reload() ? 1 : 0);
      for (int level = 4; level >= 1; level--) {
        records.putLong(level <= t.entries().length ? t.entries()[level - 1] : 0);
      }
    }
    m.memory().poke(RECORDS, records.array(), 0, records.capacity());
    m.memory().write(COUNT, 4, trials.size());
  }

  private static int[] results(Machine m, List<Trial> trials) {
    byte[] bytes = new byte[trials.size() * KINDS * 4];
    m.memory().peek(RESULTS, bytes, 0, bytes.length);
    int[] all = new int[trials.size() * KINDS];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(all);
    return all;
  }
}
