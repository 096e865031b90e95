package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.AuditView;
import dev.trapline.vm.debug.view.BalloonView;
import dev.trapline.vm.debug.view.ExitView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.GuestView;
import dev.trapline.vm.debug.view.HoleView;
import dev.trapline.vm.debug.view.HolesView;
import dev.trapline.vm.debug.view.StatView;
import dev.trapline.vm.debug.view.VirtualView;
import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.VmcbField;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.vmm.Account;
import dev.trapline.vm.vmm.ExitLog;
import dev.trapline.vm.vmm.AuditPlan;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.Holes;
import dev.trapline.vm.vmm.Invariant;
import dev.trapline.vm.vmm.Monitor;
import dev.trapline.vm.vmm.MonitorException;
import dev.trapline.vm.vmm.Owner;
import dev.trapline.vm.vmm.Overhead;
import dev.trapline.vm.vmm.ShadowCounters;
import dev.trapline.vm.vmm.Translations;
import dev.trapline.vm.vmm.Vcpu;
import dev.trapline.vm.vmm.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the monitor can be asked: guests, exits, overheads, frames, VMCBs, shadow tables. Looking changes nothing. */
public final class MonitorViews {
  private static final long PAGE = 4096;

  private final Monitor monitor;
  /** The guest that commands are about. */
  private final Guest guest;

  MonitorViews(Monitor monitor, Guest guest) {
    this.monitor = monitor;
    this.guest = guest;
  }

  /** Name of the guest that commands are about. */
  public String name() {
    return guest.name();
  }

  /** Devices of all guests by kind: emulated, dedicated, partitioned, shared, nonexistent. */
  public List<VirtualView> virtual() {
    return monitor.guests().stream().flatMap(g -> VirtualViews.of(monitor, g).stream()).toList();
  }

  /** Balloons of all guests that have one. */
  public List<BalloonView> balloons() {
    return monitor.guests().stream().filter(g -> g.balloon().isPresent()).map(this::balloon).toList();
  }

  private BalloonView balloon(Guest g) {
    VirtioBalloon b = g.balloon().orElseThrow();
    return new BalloonView(g.name(), g.spec().machine().memory(), (long) b.wanted() * VirtioBalloon.PAGE, g.given(), monitor.frames().free(),
        b.statistics());
  }

  /** Asks the guest to do without some of its memory. @throws BadInput if it cannot, or the host has not what it would get back */
  public void balloon(long bytes) {
    try {
      guest.balloon(bytes);
    } catch (MonitorException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  /** All guests. */
  public List<GuestView> guests() {
    return monitor.guests().stream().map(this::guest).toList();
  }

  private GuestView guest(Guest g) {
    String state = g.alive() ? waits(g) : text(g.over());
    return new GuestView(g.id(), g.name(), g.spec().technique(), g.spec().paging(), g.spec().machine().memory(), g.vcpus().size(),
        g.spec().weight(), g.spec().cap(), state, monitor.ran(g),
        g.vcpus().stream().mapToLong(v -> v.task().waited()).sum(), g.account().count(), g == guest);
  }

  /** Instructions the guest's processors have executed. */
  public long executed() {
    return monitor.ran(guest);
  }

  /** Nanoseconds of the host's time the guest took, since {@link Guests#clock}. */
  public long hostNanoseconds() {
    return monitor.took(guest);
  }

  private String waits(Guest g) {
    return monitor.runs(g) ? "running" : g.vcpus().stream().anyMatch(Vcpu::ready) ? "ready" : "waiting";
  }

  private static String text(Outcome o) {
    return switch (o) {
      case Outcome.PowerOff p -> "powered off";
      case Outcome.Exit e -> "exit " + e.status();
      case Outcome.ResetRequested r -> "reset";
      case Outcome.TripleFault t -> "triple fault";
      case Outcome.Dead d -> "halted for ever";
      case Outcome.Broken b -> "broken";
      default -> o.getClass().getSimpleName();
    };
  }

  /** The guest's exits by reason, the most frequent first. */
  public List<ExitView> exits() {
    long all = Math.max(1, guest.account().exits().stream().mapToLong(Account.Line::sum).sum());
    return guest.account().exits().stream().map(l -> exit(l, all)).toList();
  }

  private static ExitView exit(Account.Line l, long all) {
    ExitCode code = ExitCode.of(l.reason());
    return new ExitView(ExitCode.name(l.reason()), l.count(), l.least(), l.average(), l.most(), 100.0 * l.sum() / all,
        code == null ? "" : code.meaning());
  }

  /** The guest's exits since an earlier look, the most frequent first. */
  public List<StatView> statistics(ExitTally since) {
    return ExitTally.of(guest.account()).since(since);
  }

  /** The exits up to now, to compare with later. */
  public ExitTally tally() {
    return ExitTally.of(guest.account());
  }

  /** Number of the last exit of a virtual processor, 0 if it has had none. */
  public long lastExit(int processor) {
    return vcpu(processor).log().last();
  }

  /** What led to an exit and what was done. @throws BadInput if there was none of the number, or it is too long ago */
  public FieldsView why(int processor, long serial, Inspector inspector) {
    Vcpu v = vcpu(processor);
    return new ExitStory(v, v.log().find(serial).orElseThrow(() -> new BadInput("no exit #%d of %s: the last is #%d, and %d are kept"
        .formatted(serial, v, v.log().last(), ExitLog.KEPT)))).view(inspector, inspector.symbolTable());
  }

  /** What the guest's kernel executed, deprivileged, that the bare machine would have answered otherwise. */
  public HolesView holes(Symbols symbols) {
    return new HolesView(guest.name(), guest.spec().technique(), guest.holes().all().stream().map(h -> hole(h, symbols)).toList());
  }

  private static HoleView hole(Holes.Hole h, Symbols symbols) {
    return new HoleView(h.mnemonic(), h.what(), h.count(), h.places().stream().map(p -> place(p, symbols)).toList());
  }

  private static HoleView.Place place(Holes.Place p, Symbols symbols) {
    Symbols.Near near = symbols.near(p.linear());
    return new HoleView.Place(p.rip(), near == null ? "" : near.toString(), p.count());
  }

  /** The guest's modelled cycles that are not its own progress, by kind. */
  public FieldsView overheads() {
    long all = Math.max(1, guest.account().overheads().values().stream().mapToLong(Long::longValue).sum());
    var fields = new ArrayList<Field>();
    guest.account().overheads().forEach((kind, cycles) -> fields.add(new Field(name(kind), String.format("%,d cycles  %4.1f%%", cycles, 100.0 * cycles / all), kind.meaning())));
    return new FieldsView("overheads of " + guest.name() + ", modelled", fields);
  }

  /** The same as numbers. */
  public Map<String, Long> overheadCycles() {
    Map<String, Long> cycles = new LinkedHashMap<>();
    guest.account().overheads().forEach((kind, n) -> cycles.put(name(kind), n));
    return cycles;
  }

  private static String name(Overhead kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Who owns the frame of an address, and where its owner knows it. */
  public FieldsView owner(long host) {
    Owner owner = monitor.frames().owner(host);
    var fields = new ArrayList<Field>();
    fields.add(new Field("owner", owner instanceof Owner.OfGuest g ? name(g) : owner.toString()));
    for (Guest g : monitor.guests()) {
      g.real(host).ifPresent(gpa -> fields.add(Field.hex("in " + g.name(), gpa, "guest-physical")));
    }
    for (Guest g : monitor.guests()) {
      g.mappedBy(host).forEach(m -> fields.add(new Field("mapped in " + g.name(), m)));
    }
    return new FieldsView("frame 0x" + Long.toHexString(host & -PAGE) + " of host-physical memory", fields);
  }

  private String name(Owner.OfGuest owner) {
    return owner + " (" + monitor.guests().get(owner.id() - 1).name() + ")";
  }

  /** The host-physical address behind a guest-physical one. @throws BadInput if no memory stands there */
  public long host(long gpa) {
    long host = translations(0).host(gpa);
    if (host < 0) {
      throw new BadInput("p:0x" + Long.toHexString(gpa) + " of " + guest.name() + ": no memory stands there");
    }
    return host;
  }

  /** Who owns host-physical memory. */
  public FieldsView frames() {
    var fields = new ArrayList<Field>();
    monitor.frames().byOwner().forEach((owner, bytes) -> fields.add(new Field(owner, String.format("%,d KiB", bytes >> 10))));
    return new FieldsView("host-physical memory by owner", fields);
  }

  /** The translations of a virtual processor as the hardware has them. */
  Translations translations(int processor) {
    return new Translations(monitor, vcpu(processor));
  }

  private Vcpu vcpu(int processor) {
    List<Vcpu> all = guest.vcpus();
    if (processor < 0 || processor >= all.size()) {
      throw new BadInput("guest " + guest.name() + " has no processor " + processor + ": 0 to " + (all.size() - 1));
    }
    return all.get(processor);
  }

  /** The VMCB of a virtual processor, field by field as it is in host memory; those that are zero are left out. */
  public FieldsView vmcb(int processor) {
    Vcpu v = vcpu(processor);
    byte[] bytes = Vmcb.copy(monitor.host().memory(), v.vmcbAddress());
    var fields = new ArrayList<Field>();
    for (VmcbField f : Vmcb.fields()) {
      if (f.get(bytes) != 0) {
        fields.add(Field.hex(f.name(), f.get(bytes), f.meaning()));
      }
    }
    return new FieldsView(String.format("VMCB of %s at host-physical %x, as the last exit or entry left it", v, v.vmcbAddress()), fields);
  }

  /** What shadow paging had to do for the guest. @throws BadInput if it has none */
  public FieldsView shadow() {
    ShadowCounters c = guest.shadow().orElseThrow(() -> new BadInput("guest " + guest.name() + " has nested paging: no shadow tables"));
    return new FieldsView("shadow paging of " + guest.name(), List.of(
        new Field("pages", Integer.toString(c.pages()), "shadow pages now"),
        count("true faults", c.trueFaults(), "the guest's tables forbid the access: given to the guest"),
        count("hidden faults", c.hiddenFaults(), "only the shadow entry was missing"),
        count("trace faults", c.traceFaults(), "stores into the guest's tables"),
        count("device faults", c.deviceFaults(), "no memory there: emulated"),
        count("unsyncs", c.unsyncs(), "tables the guest may store into unseen until the next flush"),
        count("syncs", c.syncs(), "tables compared and traced again"),
        count("evictions", c.evictions(), "shadow pages taken for others"),
        count("floods", c.floods(), "tables written without being used, given up"),
        count("flushes", c.flushes(), "loads of CR3 and the like"),
        count("invalidations", c.invalidations(), "INVLPG")));
  }

  /** Audits the guest's tables as they are now: each invariant, and what violates it. */
  public List<AuditView> audit() {
    List<Violation> found = monitor.audit(guest, AuditPlan.Level.FULL);
    var out = new ArrayList<AuditView>();
    for (Invariant i : Invariant.values()) {
      List<Violation> of = found.stream().filter(v -> v.invariant() == i).toList();
      if (!of.isEmpty() || i.concerns(guest.spec().paging())) {
        out.add(new AuditView(i.name(), i.claim(), of.size(), of.isEmpty() ? "" : of.getFirst().place() + ": " + of.getFirst().values()));
      }
    }
    return out;
  }

  private static Field count(String name, long n, String note) {
    return new Field(name, String.format("%,d", n), note);
  }
}
