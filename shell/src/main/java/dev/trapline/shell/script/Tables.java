package dev.trapline.shell.script;

import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.view.DescriptorView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.GateView;
import dev.trapline.vm.debug.view.TableRegister;
import dev.trapline.vm.debug.view.WalkView;
import java.util.List;

/** Descriptor tables and page tables as a processor sees them. Looking changes nothing, accessed bits included. */
public final class Tables {
  private final Session session;

  Tables(Session session) {
    this.session = session;
  }

  /** The entries of the GDT: {@code selector raw kind base limit dpl present}. */
  public List<DescriptorView> getGdt() {
    return session.inspect().gdt();
  }

  /** The register GDTR: {@code base limit}. */
  public TableRegister getGdtr() {
    return register("gdtr");
  }

  /** The register IDTR: {@code base limit}. */
  public TableRegister getIdtr() {
    return register("idtr");
  }

  private TableRegister register(String name) {
    return session.inspect().registers().tables().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  /** The entries of the LDT. */
  public List<DescriptorView> getLdt() {
    return session.inspect().ldt();
  }

  /** The gates of the IDT: {@code vector name kind selector offset symbol dpl ist present}. */
  public List<GateView> getIdt() {
    return session.inspect().idt();
  }

  /** The task state segment. */
  public FieldsView getTss() {
    return session.inspect().tss();
  }

  /** How an address translates, level by level: {@code mapped physical pageBytes rights steps faults}. */
  public WalkView walk(Object where) {
    return session.inspect().walk(new Memory(session).address(where));
  }
}
