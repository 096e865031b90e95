package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.cpu.Cpu;

/** VMLOAD and VMSAVE (APM2 15.5.2): the registers that VMRUN and #VMEXIT leave alone. */
public final class HostState {
  private HostState() {}

  /** VMLOAD from a VMCB. */
  public static void load(Cpu c, long vmcb) {
    SaveArea.loadRest(c, Page.at(c.mem.physical(), vmcb).bytes());
    c.modeChanged();
  }

  /** VMSAVE into a VMCB. */
  public static void save(Cpu c, long vmcb) {
    Page page = Page.at(c.mem.physical(), vmcb);
    SaveArea.saveRest(c, page.bytes());
    page.close();
  }
}
