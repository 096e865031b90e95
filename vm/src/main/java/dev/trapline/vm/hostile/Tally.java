package dev.trapline.vm.hostile;

import java.util.ArrayList;
import java.util.List;

/** What adds up to a {@link Row}. */
final class Tally {
  private final Hostile kind;
  private final Technique technique;
  long attacks;
  long exits;
  long followed;
  long refused;
  long invalid;
  long ended;
  long steps;
  long witnesses;
  /** How many {@link #steps} may be. */
  long mostSteps = Experiment.MOST_STEPS;
  final List<String> violations = new ArrayList<>();

  Tally(Hostile kind, Technique technique) {
    this.kind = kind;
    this.technique = technique;
  }

  Hostile kind() {
    return kind;
  }

  Technique technique() {
    return technique;
  }

  Row row() {
    return new Row(kind, technique, attacks, exits, followed, refused, invalid, ended, steps, witnesses, List.copyOf(violations));
  }
}
