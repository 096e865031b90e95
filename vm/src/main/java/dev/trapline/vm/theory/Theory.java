package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.theory.Finding.Comparison;
import dev.trapline.vm.theory.Finding.Evidence;
import dev.trapline.vm.theory.Finding.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the experiments say of the instruction set as a whole, and whether it is what Popek and Goldberg, Robin and Irvine say. */
public final class Theory {
  /** The monitor's technique in which the sensitive unprivileged instructions escape, and the one in which nothing does. */
  public static final String TRAP = "trap";
  public static final String HVM = "hvm";

  /**
   * All rows of one name.
   *
   * @param rows how many the mode has of it
   * @param sensitive how many of these are sensitive
   * @param kinds P privileged, C control-sensitive, M mode-sensitive, L location-sensitive
   * @param trap in how many experiments {@code trap} differed from the bare machine
   * @param watched how many of these {@code info holes} counted
   * @param hvm in how many {@code hvm} differed
   * @param intercept the intercept SVM has for it; empty for none
   * @param list its section on Robin and Irvine's list, or why it is not on it
   * @param example one experiment that shows why it is sensitive
   */
  public record Line(String name, int rows, int sensitive, String kinds, int trap, int watched, int hvm, String intercept, String list,
      String example) {}

  /**
   * Something that is claimed.
   *
   * @param against what speaks against it; empty if it holds
   */
  public record Claim(String text, List<String> against) {
    public boolean holds() {
      return against.isEmpty();
    }
  }

  private final int bits;
  private final Sweep sweep;
  private final List<Finding> findings = new ArrayList<>();
  private boolean all;

  /**
   * With both techniques.
   *
   * @param bits 32 for protected mode, 64 for 64-bit mode; 16 for real mode as supervisor mode and virtual-8086 mode as user mode
   */
  public Theory(int bits) {
    this(bits, new Sweep(bits, List.of(TRAP, HVM)));
  }

  Theory(int bits, Sweep sweep) {
    this.bits = bits;
    this.sweep = sweep;
  }

  /** Makes the experiments with all rows. */
  public void run() {
    run(row -> true);
    all = true;
  }

  /** Makes the experiments with all rows of some mnemonics; how many rows these are. */
  public int run(Set<String> mnemonics) {
    return run(row -> mnemonics.contains(row.mnemonic()));
  }

  private int run(Predicate<Row> wanted) {
    List<Row> rows = X86.set().rows().stream().filter(wanted).toList();
    rows.forEach(row -> findings.add(sweep.of(row)));
    return rows.size();
  }

  /** What was found, row by row. */
  public List<Finding> findings() {
    return List.copyOf(findings);
  }

  private List<Finding> known() {
    return findings.stream().filter(f -> f.samples() > 0).toList();
  }

  /** Instructions tried. */
  public int samples() {
    return findings.stream().mapToInt(Finding::samples).sum();
  }

  /** Mnemonics of rows that never complete here: they belong to features this processor does not have, or are there to raise #UD. */
  public Set<String> undefined() {
    return known().stream().filter(f -> !f.executed()).map(f -> f.row().mnemonic()).collect(Collectors.toCollection(TreeSet::new));
  }

  /** How many rows of the mode are innocuous. */
  public int innocuous() {
    return (int) known().stream().filter(f -> !f.sensitive() && !f.privileged()).count();
  }

  // ---- by name

  private Map<String, List<Finding>> byName() {
    return known().stream().collect(Collectors.groupingBy(f -> RobinIrvine.name(f.row()), LinkedHashMap::new, Collectors.toList()));
  }

  private static boolean escapes(Finding f) {
    return f.sensitive() && !f.privileged();
  }

  /** The sensitive instructions that are not privileged: what keeps x86 from being virtualizable in the classic way. */
  public List<Line> holes() {
    return lines(Theory::escapes);
  }

  /** The privileged instructions. */
  public List<Line> privileged() {
    return lines(Finding::privileged);
  }

  private List<Line> lines(Predicate<Finding> wanted) {
    var lines = new ArrayList<Line>();
    byName().forEach((name, of) -> {
      if (of.stream().anyMatch(wanted)) {
        lines.add(line(name, of, of.stream().filter(wanted).toList()));
      }
    });
    return lines;
  }

  private static Line line(String name, List<Finding> all, List<Finding> wanted) {
    String kinds = (wanted.getFirst().privileged() ? "P" : "-") + (any(wanted, Kind.CONTROL) ? "C" : "-")
        + (any(wanted, Kind.MODE) ? "M" : "-") + (any(wanted, Kind.LOCATION) ? "L" : "-");
    Intercept intercept = wanted.getFirst().row().intercept();
    return new Line(name, all.size(), (int) wanted.stream().filter(Finding::sensitive).count(), kinds,
        sum(wanted, TRAP, Comparison::differences), sum(wanted, TRAP, Comparison::predicted), sum(wanted, HVM, Comparison::differences),
        intercept == Intercept.NONE ? "" : intercept.name(), RobinIrvine.place(name), example(wanted));
  }

  private static boolean any(List<Finding> of, Kind kind) {
    return of.stream().anyMatch(f -> f.is(kind));
  }

  private static int sum(List<Finding> of, String technique, Function<Comparison, Integer> count) {
    return of.stream().mapToInt(f -> count.apply(f.comparison(technique))).sum();
  }

  private static String example(List<Finding> of) {
    for (Kind kind : List.of(Kind.MODE, Kind.LOCATION, Kind.CONTROL)) {
      for (Finding f : of) {
        if (f.is(kind)) {
          return text(f.evidence(kind));
        }
      }
    }
    return of.getFirst().trap() == null ? "" : text(of.getFirst().trap());
  }

  /** One experiment as a line. */
  public static String text(Evidence e) {
    return e.instruction() + ": " + e.state() + ": " + e.what().stream().limit(2).collect(Collectors.joining(", "));
  }

  // ---- what is claimed

  /** All claims that can be judged by what was run: those on the list as a whole only after {@link #run()}. */
  public List<Claim> claims() {
    var claims = new ArrayList<Claim>();
    claims.add(new Claim("what is sensitive and not privileged is on Robin and Irvine's list, or known not to be", unknown()));
    if (all) {
      claims.add(new Claim("every name on the list that the mode has is sensitive and not privileged",
          missing(Theory::escapes, n -> true)));
    }
    if (all && bits > 16) { // the hardware does not run real and virtual-8086 mode for trap: its engine does
      claims.add(new Claim("trap: every name on the list escapes, but INT n",
          missing(f -> escapes(f) && f.comparison(TRAP).differences() > 0, n -> !RobinIrvine.caught(n))));
    }
    claims.add(new Claim("trap: only what is sensitive and not privileged differs from the bare machine",
        against(f -> f.comparison(TRAP).differences() > 0 && !escapes(f), f -> text(f.comparison(TRAP).first()))));
    claims.add(new Claim("trap: info holes counts exactly what differs",
        against(f -> !f.comparison(TRAP).wrong().isEmpty(), f -> text(f.comparison(TRAP).wrong().getFirst()))));
    claims.add(new Claim("hvm: nothing differs from the bare machine",
        against(f -> f.comparison(HVM).differences() > 0, f -> text(f.comparison(HVM).first()))));
    claims.add(new Claim("the table of instructions calls privileged and sensitive what the experiment does", tableErrors()));
    return claims;
  }

  private List<String> unknown() {
    return against(f -> escapes(f) && RobinIrvine.place(RobinIrvine.name(f.row())).isEmpty(), f -> example(List.of(f)));
  }

  private List<String> missing(Predicate<Finding> shown, Predicate<String> wanted) {
    Map<String, List<Finding>> names = byName();
    return RobinIrvine.in(bits).stream().filter(wanted).filter(n -> names.getOrDefault(n, List.of()).stream().noneMatch(shown)).toList();
  }

  private List<String> against(Predicate<Finding> wrong, Function<Finding, String> why) {
    return known().stream().filter(wrong).map(f -> f.row() + " (" + why.apply(f) + ")").toList();
  }

  private List<String> tableErrors() {
    return known().stream().filter(Finding::executed)
        .filter(f -> escapes(f) && !f.row().is(Attr.SENSITIVE) || bits > 16 && f.row().is(Attr.SENSITIVE) && !escapes(f)
            || f.row().is(Attr.CPL0) && !f.privileged())
        .map(f -> f.row() + ": sensitive and not privileged " + escapes(f) + ", privileged " + f.privileged()).toList();
  }
}
