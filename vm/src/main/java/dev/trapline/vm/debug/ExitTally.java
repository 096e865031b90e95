package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.StatView;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.vmm.Account;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many exits of each reason there were up to some moment, and what they cost. */
public final class ExitTally {
  /** Before the first exit. */
  public static final ExitTally NOTHING = new ExitTally(Map.of());

  private final Map<Long, Account.Line> lines;

  private ExitTally(Map<Long, Account.Line> lines) {
    this.lines = lines;
  }

  static ExitTally of(Account account) {
    Map<Long, Account.Line> lines = new HashMap<>();
    account.exits().forEach(l -> lines.put(l.reason(), l));
    return new ExitTally(lines);
  }

  /** What came since an earlier one, the most frequent first. */
  List<StatView> since(ExitTally earlier) {
    var out = new ArrayList<Account.Line>();
    for (Account.Line l : lines.values()) {
      Account.Line before = earlier.lines.get(l.reason());
      // A guest that was reset counts anew.
      boolean anew = before == null || before.count() > l.count();
      long count = anew ? l.count() : l.count() - before.count();
      if (count > 0) {
        out.add(new Account.Line(l.reason(), count, l.least(), anew ? l.sum() : l.sum() - before.sum(), l.most()));
      }
    }
    long samples = Math.max(1, out.stream().mapToLong(Account.Line::count).sum());
    long cycles = Math.max(1, out.stream().mapToLong(Account.Line::sum).sum());
    return out.stream().sorted(Comparator.comparingLong(Account.Line::count).reversed().thenComparing(Account.Line::reason))
        .map(l -> view(l, samples, cycles)).toList();
  }

  private static StatView view(Account.Line l, long samples, long cycles) {
    ExitCode code = ExitCode.of(l.reason());
    return new StatView(ExitCode.name(l.reason()), l.count(), 100.0 * l.count() / samples, 100.0 * l.sum() / cycles, l.sum(), l.least(),
        l.most(), l.average(), code == null ? "" : code.meaning());
  }
}
