package dev.trapline.vm.theory;

import dev.trapline.vm.isa.Row;
import dev.trapline.vm.theory.Finding.Evidence;
import dev.trapline.vm.theory.Finding.Kind;
import dev.trapline.vm.theory.Start.Displacement;
import dev.trapline.vm.theory.Start.Level;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Executes rows in every state of the experiment on the bare machine and under the techniques, and compares. What a row is called follows
 * from outcomes alone; nothing here asks the row.
 */
public final class Sweep {
  private static final List<Displacement> SPACE = List.of(Displacement.PLACE, Displacement.CONTROL, Displacement.INTERRUPTS);

  private final Layout at;
  private final Rig bare;
  private final Map<String, Rig> guests = new LinkedHashMap<>();
  private final Hook hook;

  /** Falsifies outcomes, so that tests can see the sweep notice. */
  interface Hook {
    Hook NONE = (rig, sample, start, outcome) -> outcome;

    Outcome after(String rig, Sample sample, Start start, Outcome outcome);
  }

  /**
   * A sweep in 32-bit protected mode with paging, in 64-bit mode, or of real mode against virtual-8086 mode.
   *
   * @param bits 16, 32 or 64
   * @param techniques names of the monitor's techniques to compare
   */
  public Sweep(int bits, List<String> techniques) {
    this(bits, techniques, Hook.NONE);
  }

  Sweep(int bits, List<String> techniques, Hook hook) {
    if (bits != 16 && bits != 32 && bits != 64) {
      throw new IllegalArgumentException("mode " + bits + ": 16, 32 or 64 expected");
    }
    this.at = new Layout(bits);
    this.hook = hook;
    this.bare = Rig.bare(at);
    techniques.forEach(t -> guests.put(t, Rig.guest(at, t)));
  }

  /** All experiments with one row. */
  public Finding of(Row row) {
    var finding = new Finding(row);
    for (Sample sample : Samples.of(row, at)) {
      finding.sample();
      sample(sample, finding);
    }
    return finding;
  }

  private void sample(Sample sample, Finding finding) {
    Map<Level, Map<Displacement, Outcome>> outcomes = new EnumMap<>(Level.class);
    bare.prepare(sample);
    for (Level level : Level.values()) {
      Map<Displacement, Outcome> here = new EnumMap<>(Displacement.class);
      for (Displacement d : Displacement.values()) {
        here.put(d, run(bare, sample, new Start(level, d)));
      }
      outcomes.put(level, here);
      one(sample, level, here, finding);
    }
    pairs(sample, outcomes.get(Level.SUPERVISOR), outcomes.get(Level.USER), finding);
    guests.replaceAll((technique, g) -> compare(g, sample, outcomes, finding) ? g : Rig.guest(at, technique));
  }

  private Outcome run(Rig rig, Sample sample, Start start) {
    return hook.after(rig.name(), sample, start, rig.run(sample, start));
  }

  private static Evidence evidence(Sample s, String state, List<String> what) {
    return new Evidence(s.text(), state, what);
  }

  /** In one mode: does it change resources, and what does its effect depend on? */
  private static void one(Sample sample, Level level, Map<Displacement, Outcome> here, Finding finding) {
    Outcome plain = here.get(Displacement.NONE);
    here.forEach((d, o) -> {
      if (!o.trapped()) {
        finding.completed();
        List<String> changed = o.resourcesChanged();
        if (!changed.isEmpty() || o.port()) {
          finding.sensitive(Kind.CONTROL, evidence(sample, level + ", " + d.text, o.port() ? List.of("an I/O port") : changed));
        }
      }
    });
    for (Displacement d : SPACE) {
      dependence(Kind.LOCATION, sample, level + ", " + d.text, plain, here.get(d), finding);
    }
    dependence(Kind.CLOCK, sample, level + ", " + Displacement.TIME.text, plain, here.get(Displacement.TIME), finding);
  }

  private static void dependence(Kind kind, Sample sample, String state, Outcome a, Outcome b, Finding finding) {
    if (!a.trapped() && !b.trapped()) {
      List<String> different = a.effectDifferences(b);
      if (!different.isEmpty()) {
        finding.sensitive(kind, evidence(sample, state, different));
      }
    }
  }

  private static void pairs(Sample sample, Map<Displacement, Outcome> supervisor, Map<Displacement, Outcome> user, Finding finding) {
    supervisor.forEach((d, s) -> {
      Outcome u = user.get(d);
      List<String> vectors = List.of("vector " + s.vector() + "/" + u.vector());
      finding.pair(evidence(sample, "both modes, " + d.text, vectors), s.trapped(), u.trapped());
      dependence(Kind.MODE, sample, "both modes, " + d.text, s, u, finding);
    });
  }

  /** Whether the guest lives afterwards. */
  private boolean compare(Rig guest, Sample sample, Map<Level, Map<Displacement, Outcome>> outcomes, Finding finding) {
    guest.prepare(sample);
    outcomes.forEach((level, here) -> here.forEach((d, expected) -> {
      if (d != Displacement.TIME && guest.lives()) {
        Outcome o = run(guest, sample, new Start(level, d));
        List<String> different = finding.is(Kind.CLOCK) && o.vector() == expected.vector() ? List.of() : expected.differences(o);
        var e = evidence(sample, level + ", " + d.text, different);
        finding.compared(guest.name(), e, !different.isEmpty(), o.holes() > 0);
      }
    }));
    return guest.lives();
  }
}
