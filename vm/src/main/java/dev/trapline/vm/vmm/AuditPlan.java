package dev.trapline.vm.vmm;

import java.util.Locale;

/**
 * When guests' tables are audited and how much of them.
 *
 * @param level what is looked at
 * @param every exits of a guest between two audits: 1 for after each
 */
public record AuditPlan(Level level, int every) {
  /** How much an audit looks at. */
  public enum Level {
    /** Nothing. */
    OFF,
    /** Tables that changed since the last audit, the roots and the TLB. */
    ENTRIES,
    /** All tables, the reverse map, and every host frame that can be reached from the registers. */
    FULL
  }

  public static final AuditPlan OFF = new AuditPlan(Level.OFF, 1);

  /** @throws MonitorException if the number is not positive */
  public AuditPlan {
    if (every < 1) {
      throw MonitorException.of("audit: every %d exits: 1 or more expected", every);
    }
  }

  /**
   * A level, or a level and a number: {@code entries}, {@code full:100}.
   *
   * @throws MonitorException if it is none
   */
  public static AuditPlan of(String text) {
    String[] parts = text.split(":", 2);
    for (Level l : Level.values()) {
      if (l.name().toLowerCase(Locale.ROOT).equals(parts[0]) && (parts.length == 1 || parts[1].matches("[0-9]{1,9}"))) {
        return new AuditPlan(l, parts.length == 1 ? 1 : Integer.parseInt(parts[1]));
      }
    }
    throw MonitorException.of("audit '%s': off, entries or full expected, with :N for each Nth exit", text);
  }
}
