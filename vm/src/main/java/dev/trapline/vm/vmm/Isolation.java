package dev.trapline.vm.vmm;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether guests are held in: invariants O1 to O6 of all of them at once. Looking changes nothing.
 *
 * @see Invariant
 */
public final class Isolation {
  private final Monitor monitor;
  private long followed;

  public Isolation(Monitor monitor) {
    this.monitor = monitor;
  }

  /** How many ways to a frame were followed so far: entries of tables, translations, pages of devices. */
  public long followed() {
    return followed;
  }

  /** What any guest reaches that is not its own, or might. */
  public List<Violation> check() {
    List<Violation> all = new ArrayList<>();
    for (Guest g : monitor.guests()) {
      var findings = new Findings(g.name());
      OwnerAudit owners = audit(g, findings);
      owners.reach();
      owners.beside();
      followed += owners.followed();
      all.addAll(findings.all());
    }
    return all;
  }

  /** The same behind an exit of one virtual processor: what the hardware remembers can have grown for this one alone. */
  public List<Violation> after(Vcpu v) {
    List<Violation> all = new ArrayList<>();
    for (Guest g : monitor.guests()) {
      var findings = new Findings(g.name());
      OwnerAudit owners = audit(g, findings);
      owners.reach();
      owners.unremembered();
      if (v.guest() == g) {
        owners.remembered(v);
      }
      followed += owners.followed();
      all.addAll(findings.all());
    }
    return all;
  }

  /** The same of what the hardware is about to go by for one virtual processor: its VMCB and its tables. */
  public List<Violation> check(Vcpu v) {
    var findings = new Findings(v.guest().name());
    OwnerAudit owners = audit(v.guest(), findings);
    owners.control(v);
    owners.reach();
    followed += owners.followed();
    return findings.all();
  }

  private OwnerAudit audit(Guest g, Findings findings) {
    return new OwnerAudit(g, monitor.frames(), findings);
  }
}
