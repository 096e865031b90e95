package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.svm.Vmcb;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The last exits of a virtual processor: what led to each, what was done, and what it came to. Kept in arrays: logging allocates nothing. */
public final class ExitLog {
  /** How many are kept. */
  public static final int KEPT = 4096;

  /**
   * One exit.
   *
   * @param serial its number, counted over the virtual processor from 1
   * @param time of the guest, in instructions
   * @param linear address of the instruction the guest stood at
   * @param meaning what shadow paging made of a fault; empty for other exits
   * @param carriedOut how many instructions the monitor carried out for it
   * @param injected EVENTINJ at the entry after it, 0 for nothing
   * @param resume where the guest went on; the last two are 0 while it is not entered again
   * @param costs modelled cycles by what they were for
   */
  public record Entry(long serial, long time, long code, long info1, long info2, long rip, long linear, Optional<Event.Cause> meaning,
      long carriedOut, long injected, long resume, Map<Cost, Long> costs) {
    /** Modelled cycles in all. */
    public long cycles() {
      return costs.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static final int COSTS = Cost.values().length;
  private static final int FIELDS = 9;
  /** CS_ATTRIB: a 64-bit code segment. */
  private static final int LONG_CODE = 0x200;

  private final long[] fields = new long[KEPT * FIELDS];
  private final int[] times = new int[KEPT * COSTS];
  private final byte[] causes = new byte[KEPT];
  private final Account account;
  private final CostProfile profile;
  private long last;
  private boolean open;

  ExitLog(Account account, CostProfile profile) {
    this.account = account;
    this.profile = profile;
  }

  private static int slot(long serial) {
    return (int) (serial % KEPT);
  }

  /** A guest was left, of which the area of its VMCB says why and where. */
  void begin(long serial, long time, long code, byte[] vmcb) {
    close(0, 0);
    int at = slot(serial) * FIELDS;
    long rip = Vmcb.RIP.get(vmcb);
    fields[at] = serial;
    fields[at + 1] = time;
    fields[at + 2] = code;
    fields[at + 3] = Vmcb.EXITINFO1.get(vmcb);
    fields[at + 4] = Vmcb.EXITINFO2.get(vmcb);
    fields[at + 5] = rip;
    fields[at + 6] = wide(vmcb) ? rip : Vmcb.CS_BASE.get(vmcb) + rip & 0xffffffffL;
    fields[at + 7] = 0;
    fields[at + 8] = 0;
    causes[slot(serial)] = 0;
    account.present(times, slot(serial) * COSTS);
    last = serial;
    open = true;
  }

  /** Whether the guest is in 64-bit mode. */
  private static boolean wide(byte[] vmcb) {
    return (Vmcb.EFER.get(vmcb) & Control.LMA) != 0 && (Vmcb.CS_ATTRIB.get(vmcb) & LONG_CODE) != 0;
  }

  /** What shadow paging makes of the fault that the last exit was for. */
  void meaning(Event.Cause cause) {
    causes[slot(last)] = (byte) (cause.ordinal() + 1);
  }

  /** The guest goes on. */
  void close(long injected, long resume) {
    if (open) {
      int at = slot(last) * FIELDS;
      fields[at + 7] = injected;
      fields[at + 8] = resume;
      difference();
      open = false;
    }
  }

  private void difference() {
    int at = slot(last) * COSTS;
    int[] now = new int[COSTS];
    account.present(now, 0);
    for (int i = 0; i < COSTS; i++) {
      times[at + i] = now[i] - times[at + i];
    }
  }

  /** Number of the last exit; 0 if there was none. */
  public long last() {
    return last;
  }

  /** An exit by its number; empty if there was none or it is no longer kept. */
  public Optional<Entry> find(long serial) {
    int slot = slot(Math.max(0, serial));
    int at = slot * FIELDS;
    if (serial <= 0 || fields[at] != serial) {
      return Optional.empty();
    }
    Map<Cost, Long> costs = costs(serial);
    Optional<Event.Cause> meaning = causes[slot] == 0 ? Optional.empty() : Optional.of(Event.Cause.values()[causes[slot] - 1]);
    return Optional.of(new Entry(serial, fields[at + 1], fields[at + 2], fields[at + 3], fields[at + 4], fields[at + 5], fields[at + 6],
        meaning, costs.getOrDefault(Cost.EMULATE, 0L) / profile.of(Cost.EMULATE), fields[at + 7], fields[at + 8], costs));
  }

  private Map<Cost, Long> costs(long serial) {
    int at = slot(serial) * COSTS;
    int[] now = new int[COSTS];
    if (open && serial == last) {
      account.present(now, 0);
    }
    Map<Cost, Long> costs = new EnumMap<>(Cost.class);
    for (Cost c : Cost.values()) {
      int n = open && serial == last ? now[c.ordinal()] - times[at + c.ordinal()] : times[at + c.ordinal()];
      if (n > 0) {
        costs.put(c, (long) n * profile.of(c));
      }
    }
    return costs;
  }
}
