package dev.trapline.vm.hostile;

import dev.trapline.vm.vmm.Leak;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Lets hostile guests run beside a witness, and tells what came of it. The same seed gives the same rows. */
public final class Experiment {
  /** The most instructions the monitor may carry out for one exit: the steps of one repeated instruction, and deliveries. */
  public static final long MOST_STEPS = 5000;
  /** Attacks on one monitor before the next one is made. */
  private static final int PER_MONITOR = 16;
  /** Violations after which a row ends. */
  private static final int ENOUGH = 5;

  private final long seed;
  private final Leak leak;
  private final Map<Technique, Witness> alone = new EnumMap<>(Technique.class);

  public Experiment(long seed) {
    this(seed, Optional.empty());
  }

  /**
   * With a fault of the monitor, which is to be found.
   *
   * @param leak put into each monitor as soon as it can be
   */
  public Experiment(long seed, Optional<Leak> leak) {
    this.seed = seed;
    this.leak = leak.orElse(null);
  }

  /** Whether there is such a row: a deprivileged guest has no VMCB. */
  public static boolean applies(Hostile kind, Technique how) {
    return !(kind.damages() && how == Technique.TRAP);
  }

  /** Attacks of a kind until there were so many exits. */
  public Row run(Hostile kind, Technique how, long exits) {
    var tally = new Tally(kind, how);
    var random = new Random(seed * 31 + kind.ordinal() * 7L + how.ordinal());
    for (int n = 0; tally.exits < exits && tally.violations.size() < ENOUGH; n++) {
      Technique beside = Technique.values()[n % Technique.values().length];
      new Ring(tally, beside, witness(beside), leak).attack(random, exits, PER_MONITOR);
    }
    return tally.row();
  }

  /** The witness's result when nobody is beside it. */
  private Witness witness(Technique how) {
    return alone.computeIfAbsent(how, Ring::alone);
  }

}
