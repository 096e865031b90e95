package dev.trapline.vm.svm;

/** The states VMRUN refuses with VMEXIT_INVALID (APM2 15.5.1). */
public final class Consistency {
  private static final long PE = 1;
  private static final long PG = 1L << 31;
  private static final long CD = 1L << 30;
  private static final long NW = 1L << 29;
  private static final long PAE = 1L << 5;
  private static final long LME = 1L << 8;
  private static final long SVME = 1L << 12;
  private static final long HIGH = -1L << 32;
  /** L and D/B of a packed attribute field. */
  private static final int LONG = 0x200;
  private static final int DEFAULT_32 = 0x400;

  /**
   * What the processor can do.
   *
   * @param efer defined bits of EFER
   * @param cr4 defined bits of CR4
   * @param physicalBits address width
   * @param asids address space identifiers
   * @param hostPaging whether CR0.PG of the host is set, which nested paging needs
   */
  public record Limits(long efer, long cr4, int physicalBits, int asids, boolean hostPaging) {
    boolean beyond(long address) {
      return address >>> physicalBits != 0;
    }
  }

  private Consistency() {}

  /** Why a VMCB cannot be entered, or null if it can. */
  public static String check(byte[] vmcb, Limits limits) {
    String control = control(vmcb, limits);
    return control != null ? control : state(vmcb, limits);
  }

  private static String control(byte[] v, Limits limits) {
    long asid = Vmcb.ASID.get(v);
    if (!Vmcb.intercepts(v, ExitCode.VMRUN)) {
      return "the VMRUN intercept is clear";
    }
    if (asid == 0 || asid >= limits.asids) {
      return "ASID " + asid + " is not one of 1 to " + (limits.asids - 1);
    }
    if (Vmcb.intercepts(v, ExitCode.IOIO) && limits.beyond((Vmcb.IOPM_BASE.get(v) & -4096L) + PermissionMaps.IO_LAST)) {
      return "the I/O permission map reaches beyond physical memory";
    }
    if (Vmcb.intercepts(v, ExitCode.MSR) && limits.beyond((Vmcb.MSRPM_BASE.get(v) & -4096L) + PermissionMaps.MSR_SIZE - 1)) {
      return "the MSR permission map reaches beyond physical memory";
    }
    long event = Vmcb.EVENTINJ.get(v);
    if (EventWord.valid(event) && !EventWord.injectable(event)) {
      return "the injected event has type " + EventWord.type(event) + " and vector " + EventWord.vector(event);
    }
    return nested(v, limits);
  }

  private static String nested(byte[] v, Limits limits) {
    if ((Vmcb.NESTED_CTL.get(v) & Vmcb.NP_ENABLE) == 0) {
      return null;
    }
    if (!limits.hostPaging) {
      return "nested paging while the host's own is off";
    }
    if (limits.beyond(Vmcb.N_CR3.get(v))) {
      return "N_CR3 lies beyond physical memory";
    }
    return validPat(Vmcb.G_PAT.get(v)) ? null : "G_PAT has an unknown memory type";
  }

  private static boolean validPat(long pat) {
    for (int i = 0; i < 64; i += 8) {
      long type = pat >>> i & 0xff;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private static String state(byte[] v, Limits limits) {
    long efer = Vmcb.EFER.get(v);
    long cr0 = Vmcb.CR0.get(v);
    long cr4 = Vmcb.CR4.get(v);
    if ((efer & SVME) == 0) {
      return "EFER.SVME is clear";
    }
    if ((efer & ~limits.efer) != 0) {
      return "reserved bits of EFER are set";
    }
    if ((cr0 & (CD | NW)) == NW) {
      return "CR0.NW is set and CR0.CD is not";
    }
    if ((cr0 & HIGH) != 0) {
      return "the upper half of CR0 is not zero";
    }
    if ((cr4 & ~limits.cr4) != 0) {
      return "reserved bits of CR4 are set";
    }
    if (((Vmcb.DR6.get(v) | Vmcb.DR7.get(v)) & HIGH) != 0) {
      return "the upper half of DR6 or DR7 is not zero";
    }
    return longMode(v, efer, cr0, cr4, limits);
  }

  private static String longMode(byte[] v, long efer, long cr0, long cr4, Limits limits) {
    if ((efer & LME) == 0 || (cr0 & PG) == 0) {
      return null;
    }
    if ((cr4 & PAE) == 0) {
      return "long mode without CR4.PAE";
    }
    if ((cr0 & PE) == 0) {
      return "long mode without CR0.PE";
    }
    int code = (int) Vmcb.CS_ATTRIB.get(v);
    if ((code & LONG) != 0 && (code & DEFAULT_32) != 0) {
      return "CS.L and CS.D are both set";
    }
    return limits.beyond(Vmcb.CR3.get(v)) ? "reserved bits of CR3 are set" : null;
  }
}
