package dev.trapline.vm.theory;

import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the experiments with one row showed, each kind with the first evidence of it. */
public final class Finding {
  /** Kinds of sensitivity, and the machine's clock, which the model leaves out. */
  public enum Kind {
    /** It changed mode or resources without a trap. */
    CONTROL,
    /** Its effect depended on the mode. */
    MODE,
    /** Its effect depended on the real place, or on other privileged state. */
    LOCATION,
    /** Its effect depended on the time. */
    CLOCK
  }

  /**
   * One experiment that showed it.
   *
   * @param instruction text of the instruction
   * @param state the state, or both
   * @param what what was different; values of the first and of the second state
   */
  public record Evidence(String instruction, String state, List<String> what) {}

  /**
   * A technique and the bare machine.
   *
   * @param first evidence of the first experiment with another outcome; null if there was none
   * @param differences how many had another outcome
   * @param predicted how many the monitor's watch counted
   * @param wrong experiments in which watch and outcome disagree, the first few
   */
  public record Comparison(Evidence first, int differences, int predicted, List<Evidence> wrong) {
    private static final Comparison NONE = new Comparison(null, 0, 0, List.of());
    private static final int MOST = 8;

    private Comparison plus(Evidence e, boolean differs, boolean holed) {
      var all = new ArrayList<>(wrong);
      if (differs != holed && all.size() < MOST) {
        all.add(e);
      }
      return new Comparison(first == null && differs ? e : first, differences + (differs ? 1 : 0), predicted + (holed ? 1 : 0), all);
    }
  }

  private final Row row;
  private int samples;
  private int completed;
  private Evidence trapsInUserMode;
  private Evidence completesInUserMode;
  private final Map<Kind, Evidence> kinds = new EnumMap<>(Kind.class);
  private final Map<String, Comparison> comparisons = new TreeMap<>();

  Finding(Row row) {
    this.row = row;
  }

  void sample() {
    samples++;
  }

  void completed() {
    completed++;
  }

  /** A pair of states that differ in the mode alone. */
  void pair(Evidence e, boolean supervisorTrapped, boolean userTrapped) {
    if (!supervisorTrapped && userTrapped && trapsInUserMode == null) {
      trapsInUserMode = e;
    }
    if (!userTrapped && completesInUserMode == null) {
      completesInUserMode = e;
    }
  }

  void sensitive(Kind kind, Evidence e) {
    kinds.putIfAbsent(kind, e);
  }

  void compared(String technique, Evidence e, boolean differs, boolean holed) {
    comparisons.merge(technique, Comparison.NONE.plus(e, differs, holed), (old, one) -> old.plus(e, differs, holed));
  }

  // ---- what it says

  public Row row() {
    return row;
  }

  /** Instructions tried; none if the row does not exist in the mode. */
  public int samples() {
    return samples;
  }

  /** Whether it ever did its work: a row that raises #UD whatever the mode tells nothing. */
  public boolean executed() {
    return completed > 0;
  }

  /** It trapped in user mode wherever it did not in supervisor mode, and never completed in user mode. */
  public boolean privileged() {
    return trapsInUserMode != null && completesInUserMode == null;
  }

  /** Control-sensitive or behaviour-sensitive. */
  public boolean sensitive() {
    return is(Kind.CONTROL) || is(Kind.MODE) || is(Kind.LOCATION);
  }

  public boolean is(Kind kind) {
    return kinds.containsKey(kind);
  }

  /** Why it is called so; null if it is not. */
  public Evidence evidence(Kind kind) {
    return kinds.get(kind);
  }

  /** A pair of states with a trap in user mode alone; null if there is none. */
  public Evidence trap() {
    return trapsInUserMode;
  }

  /** How a technique compares with the bare machine. */
  public Comparison comparison(String technique) {
    return comparisons.getOrDefault(technique, Comparison.NONE);
  }
}
