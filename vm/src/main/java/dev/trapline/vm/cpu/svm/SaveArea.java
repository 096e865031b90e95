package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.svm.VmcbField;
import java.util.List;

/**
 * Which registers stand in which field of the state save area, and the two groups in which they are copied: by VMRUN and #VMEXIT
 * (APM2 15.5.1, 15.6), and by VMLOAD and VMSAVE (15.5.2). The host save area has the same layout.
 */
public final class SaveArea {
  /** How a register is copied from and to the save area. */
  private interface Register {
    void save(Cpu c, byte[] area);

    void load(Cpu c, byte[] area);
  }

  private interface Get {
    long of(Cpu c);
  }

  private interface Set {
    void to(Cpu c, long value);
  }

  private record Simple(VmcbField field, Get get, Set set) implements Register {
    @Override
    public void save(Cpu c, byte[] area) {
      field.set(area, get.of(c));
    }

    @Override
    public void load(Cpu c, byte[] area) {
      set.to(c, field.get(area));
    }
  }

  private interface Which {
    Segment of(Cpu c);
  }

  /** A segment register; a hidden part that is not present is one loaded with a null selector. */
  private record Segmented(VmcbField selector, VmcbField attributes, VmcbField limit, VmcbField base, Which which) implements Register {
    @Override
    public void save(Cpu c, byte[] area) {
      Segment s = which.of(c);
      selector.set(area, s.selector);
      attributes.set(area, s.unusable ? 0 : s.access & 0xff | s.access >> 4 & 0xf00);
      limit.set(area, s.limit);
      base.set(area, s.base);
    }

    @Override
    public void load(Cpu c, byte[] area) {
      Segment s = which.of(c);
      int packed = (int) attributes.get(area);
      s.set((int) selector.get(area), base.get(area), limit.get(area), packed & 0xff | (packed & 0xf00) << 4);
      s.unusable = !s.present();
    }
  }

  private static final List<Register> WORLD = List.of(
      segment(Vmcb.ES_SELECTOR, Vmcb.ES_ATTRIB, Vmcb.ES_LIMIT, Vmcb.ES_BASE, c -> c.seg[Cpu.ES]),
      segment(Vmcb.CS_SELECTOR, Vmcb.CS_ATTRIB, Vmcb.CS_LIMIT, Vmcb.CS_BASE, c -> c.seg[Cpu.CS]),
      segment(Vmcb.SS_SELECTOR, Vmcb.SS_ATTRIB, Vmcb.SS_LIMIT, Vmcb.SS_BASE, c -> c.seg[Cpu.SS]),
      segment(Vmcb.DS_SELECTOR, Vmcb.DS_ATTRIB, Vmcb.DS_LIMIT, Vmcb.DS_BASE, c -> c.seg[Cpu.DS]),
      simple(Vmcb.GDTR_LIMIT, c -> c.gdtLimit & 0xffff, (c, v) -> c.gdtLimit = (int) v & 0xffff),
      simple(Vmcb.GDTR_BASE, c -> c.gdtBase, (c, v) -> c.gdtBase = v),
      simple(Vmcb.IDTR_LIMIT, c -> c.idtLimit & 0xffff, (c, v) -> c.idtLimit = (int) v & 0xffff),
      simple(Vmcb.IDTR_BASE, c -> c.idtBase, (c, v) -> c.idtBase = v),
      simple(Vmcb.EFER, c -> c.efer, (c, v) -> c.efer = v),
      simple(Vmcb.CR4, c -> c.cr4, (c, v) -> c.cr4 = v),
      simple(Vmcb.CR3, c -> c.cr3, (c, v) -> c.cr3 = v),
      simple(Vmcb.CR0, c -> c.cr0, (c, v) -> c.cr0 = v),
      simple(Vmcb.RFLAGS, Cpu::rflags, Cpu::rflags),
      simple(Vmcb.RIP, c -> c.rip, (c, v) -> c.rip = v),
      simple(Vmcb.RSP, c -> c.r[Cpu.RSP], (c, v) -> c.r[Cpu.RSP] = v),
      simple(Vmcb.RAX, c -> c.r[Cpu.RAX], (c, v) -> c.r[Cpu.RAX] = v));

  /** What only the guest has there. */
  private static final List<Register> GUEST = List.of(
      simple(Vmcb.CPL, c -> c.cpl, (c, v) -> c.cpl = (int) v & 3),
      simple(Vmcb.CR2, c -> c.cr2, (c, v) -> c.cr2 = v),
      simple(Vmcb.DR6, c -> c.dr[6], (c, v) -> c.dr[6] = v & 0xe00fL | 0xffff0ff0L),
      simple(Vmcb.DR7, c -> c.dr[7], (c, v) -> c.dr[7] = v & 0xffff2fffL | 0x400));

  /** What LBR virtualization switches (APM2 15.23). */
  private static final List<Register> BRANCHES = List.of(msr(Vmcb.DBGCTL, Msrs.DEBUGCTL), msr(Vmcb.BR_FROM, Msrs.BR_FROM),
      msr(Vmcb.BR_TO, Msrs.BR_TO), msr(Vmcb.LASTEXCPFROM, Msrs.INT_FROM), msr(Vmcb.LASTEXCPTO, Msrs.INT_TO));

  private static final List<Register> LOADED = List.of(
      segment(Vmcb.FS_SELECTOR, Vmcb.FS_ATTRIB, Vmcb.FS_LIMIT, Vmcb.FS_BASE, c -> c.seg[Cpu.FS]),
      segment(Vmcb.GS_SELECTOR, Vmcb.GS_ATTRIB, Vmcb.GS_LIMIT, Vmcb.GS_BASE, c -> c.seg[Cpu.GS]),
      segment(Vmcb.TR_SELECTOR, Vmcb.TR_ATTRIB, Vmcb.TR_LIMIT, Vmcb.TR_BASE, c -> c.tr),
      segment(Vmcb.LDTR_SELECTOR, Vmcb.LDTR_ATTRIB, Vmcb.LDTR_LIMIT, Vmcb.LDTR_BASE, c -> c.ldtr),
      msr(Vmcb.KERNEL_GS_BASE, Msrs.KERNEL_GS_BASE), msr(Vmcb.STAR, Msrs.STAR), msr(Vmcb.LSTAR, Msrs.LSTAR),
      msr(Vmcb.CSTAR, Msrs.CSTAR), msr(Vmcb.SFMASK, Msrs.SFMASK), msr(Vmcb.SYSENTER_CS, Msrs.SYSENTER_CS),
      msr(Vmcb.SYSENTER_ESP, Msrs.SYSENTER_ESP), msr(Vmcb.SYSENTER_EIP, Msrs.SYSENTER_EIP));

  private SaveArea() {}

  private static Register simple(VmcbField field, Get get, Set set) {
    return new Simple(field, get, set);
  }

  private static Register segment(VmcbField selector, VmcbField attributes, VmcbField limit, VmcbField base, Which which) {
    return new Segmented(selector, attributes, limit, base, which);
  }

  private static Register msr(VmcbField field, int place) {
    return simple(field, c -> c.msrs.at(place), (c, v) -> c.msrs.at(place, v));
  }

  private static void save(List<Register> registers, Cpu c, byte[] area) {
    for (int i = 0; i < registers.size(); i++) {
      registers.get(i).save(c, area);
    }
  }

  private static void load(List<Register> registers, Cpu c, byte[] area) {
    for (int i = 0; i < registers.size(); i++) {
      registers.get(i).load(c, area);
    }
  }

  public static void saveHost(Cpu c, byte[] area) {
    save(WORLD, c, area);
  }

  public static void loadHost(Cpu c, byte[] area) {
    load(WORLD, c, area);
  }

  public static void saveGuest(Cpu c, byte[] area) {
    save(WORLD, c, area);
    save(GUEST, c, area);
  }

  public static void loadGuest(Cpu c, byte[] area) {
    load(WORLD, c, area);
    load(GUEST, c, area);
  }

  static void saveBranches(Cpu c, byte[] area) {
    save(BRANCHES, c, area);
  }

  static void loadBranches(Cpu c, byte[] area) {
    load(BRANCHES, c, area);
  }

  /** VMSAVE. */
  public static void saveRest(Cpu c, byte[] area) {
    save(LOADED, c, area);
  }

  /** VMLOAD. */
  public static void loadRest(Cpu c, byte[] area) {
    load(LOADED, c, area);
  }
}
