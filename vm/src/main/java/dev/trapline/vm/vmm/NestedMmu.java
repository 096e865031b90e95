package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.Vmcb;
import java.util.List;
import java.util.Set;

/** Nested paging: the hardware walks the guest's own tables and then the monitor's (APM2 15.25). */
final class NestedMmu implements Mmu {
  /** EXITINFO1 of a nested fault, as in a page-fault error code. */
  private static final int WRITE = 2;

  private final Guest guest;
  private final NestedTable table;
  private final PhysicalMemory memory;

  NestedMmu(Guest guest, FrameTable frames) {
    this.guest = guest;
    this.memory = frames.memory();
    this.table = new NestedTable(frames, guest.name(), guest.account());
  }

  @Override
  public String name() {
    return "nested";
  }

  @Override
  public void prepare(Vcpu v) {
    // All virtual processors have the one table.
  }

  @Override
  public Owned owned(Vcpu v) {
    return new Owned(List.of(Owned.Field.of(Vmcb.NESTED_CTL, Vmcb.NP_ENABLE), Owned.Field.of(Vmcb.N_CR3, table.root())), Set.of());
  }

  @Override
  public void controls(Vcpu v) {
    // The guest has the real ones.
  }

  @Override
  public void fetched(Vcpu v) {
    v.shell().registersLoaded();
  }

  @Override
  public void stored(long gpa, int length) {
    // The hardware reads the guest's tables themselves.
  }

  @Override
  public void discarded(long gpa) {
    if (table.unmap(gpa)) {
      guest.vcpus().forEach(Vcpu::flush);
    }
  }

  @Override
  public void mapChanged() {
    table.clear();
    guest.vcpus().forEach(Vcpu::flush);
    guest.account().charge(Cost.FLUSH, 1);
  }

  @Override
  public void audit(AuditPlan.Level level, Findings findings) {
    if (level != AuditPlan.Level.FULL) {
      return;
    }
    new Reach(memory).walk(table.root(), 4, (at, step, gpa, entry) -> {
      boolean right = step > 1 || (entry & Reach.ADDRESS) == (guest.memory().host(gpa) & Reach.ADDRESS)
          && ((entry & Reach.RW) == 0 || guest.memory().writable(gpa));
      if (!right) {
        findings.add(Invariant.N1, String.format("nested entry at host %x of guest-physical %x", at, gpa), "is %x, the page is at %x, %s",
            entry, guest.memory().host(gpa), guest.memory().writable(gpa) ? "writable" : "read-only");
      }
      return true;
    });
  }

  @Override
  public void tops(Vcpu v, TopVisitor to) {
    to.top(table.root(), 4);
  }

  @Override
  public Answer fault(Vcpu v) {
    long gpa = Vmcb.EXITINFO2.get(v.vmcb());
    boolean store = (Vmcb.EXITINFO1.get(v.vmcb()) & WRITE) != 0;
    long hpa = guest.memory().host(gpa);
    boolean writable = guest.memory().writable(gpa);
    if (hpa < 0 || store && !writable) {
      return Answer.EMULATE;
    }
    table.map(gpa, hpa, writable);
    return Answer.RETRY;
  }
}
