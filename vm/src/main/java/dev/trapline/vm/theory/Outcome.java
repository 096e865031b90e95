package dev.trapline.vm.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What an instruction came to: registers before and after, what it stored.
 *
 * @param port whether it reached an I/O port
 * @param ended why the machine does not run any more; empty if it does
 * @param holes how often the monitor's watch said that it escapes
 */
record Outcome(Reading before, Reading after, List<Change> changes, boolean port, String ended, long holes) {
  /** One byte of the program's memory that has another value now. */
  record Change(int at, byte value) {}

  /** Exceptions that are faults: these are what the model calls a trap. Vectors 1, 3 and 4 are the software interrupts INT1, INT3, INTO. */
  private static final Set<Integer> FAULTS = Set.of(0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19);

  /** The vector whose handler the machine came to, or -1. */
  int vector() {
    long offset = after.rip() - Layout.HANDLERS;
    return offset >= 0 && offset < 256L * Layout.HANDLER_SIZE ? (int) offset / Layout.HANDLER_SIZE : -1;
  }

  /** Whether it trapped. */
  boolean trapped() {
    return FAULTS.contains(vector());
  }

  /** What it changed of mode and resources. */
  List<String> resourcesChanged() {
    return Reading.resourceDifferences(before, after);
  }

  /** Where the effects on what the program sees differ. */
  List<String> effectDifferences(Outcome other) {
    return with(Reading.effectDifferences(before, after, other.before, other.after), other);
  }

  /** Where two outcomes differ at all. */
  List<String> differences(Outcome other) {
    List<String> all = with(Reading.allDifferences(after, other.after), other);
    if (!ended.equals(other.ended)) {
      all = new ArrayList<>(all);
      all.add("ended '" + ended + "'/'" + other.ended + "'");
    }
    return all;
  }

  private List<String> with(List<String> registers, Outcome other) {
    if (changes.equals(other.changes)) {
      return registers;
    }
    var all = new ArrayList<>(registers);
    all.add("memory " + shown(changes, other.changes) + "/" + shown(other.changes, changes));
    return all;
  }

  /** The first bytes that are in one and not in the other. */
  private static String shown(List<Change> of, List<Change> but) {
    var text = new StringBuilder();
    int n = 0;
    for (Change c : of) {
      if (!but.contains(c) && n++ < 8) {
        text.append(n == 1 ? String.format("%x:", c.at()) : "").append(String.format("%02x", c.value() & 0xff));
      }
    }
    return n == 0 ? "as before" : text.toString();
  }
}
