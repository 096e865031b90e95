package dev.trapline.vm.svm;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The virtual machine control block (APM2 15.5, appendix B): one page of host-physical memory, control area first, state save area from
 * 400h. Every field stands here once; accessors, dumps and the processor's saving and loading follow from this table.
 */
public final class Vmcb {
  /** Size and alignment in bytes. */
  public static final int SIZE = 0x1000;
  /** Where the save area begins. */
  public static final int SAVE_AREA = 0x400;
  /** Where the bytes of the intercepted instruction stand. */
  public static final int GUEST_INSTRUCTION_BYTES = 0x0d1;
  /** How many of them there can be. */
  public static final int MAX_INSTRUCTION_BYTES = 15;

  /** Bits of {@link #V_INTR}. */
  public static final int V_TPR = 0xff;
  public static final int V_IRQ = 0x100;
  public static final int V_INTR_PRIO_SHIFT = 16;
  public static final int V_IGN_TPR = 0x10_0000;
  public static final int V_INTR_MASKING = 0x100_0000;
  /** Bits of {@link #INTERRUPT_STATE}. */
  public static final int INTERRUPT_SHADOW = 1;
  public static final int GUEST_INTERRUPT_MASK = 2;
  /** Bit of {@link #NESTED_CTL}. */
  public static final int NP_ENABLE = 1;
  /** Bit of {@link #LBR_CTL}. */
  public static final int LBR_VIRTUALIZATION = 1;
  /** Values of {@link #TLB_CONTROL}. */
  public static final int FLUSH_NOTHING = 0;
  public static final int FLUSH_ALL = 1;
  public static final int FLUSH_ASID = 3;
  public static final int FLUSH_ASID_NON_GLOBAL = 7;

  private static final List<VmcbField> ALL = new ArrayList<>();

  public static final VmcbField INTERCEPT_CR = control("INTERCEPT_CR", 0x000, 4, "CR reads 15:0, CR writes 31:16");
  public static final VmcbField INTERCEPT_DR = control("INTERCEPT_DR", 0x004, 4, "DR reads 15:0, DR writes 31:16");
  public static final VmcbField INTERCEPT_EXCEPTIONS = control("INTERCEPT_EXCEPTIONS", 0x008, 4, "exception vectors 0 to 31");
  public static final VmcbField INTERCEPT_MISC1 = control("INTERCEPT_MISC1", 0x00c, 4, "exit codes 60 to 7f: INTR to shutdown");
  public static final VmcbField INTERCEPT_MISC2 = control("INTERCEPT_MISC2", 0x010, 4,
      "exit codes 80 to 9f: VMRUN to RDPRU, CR write traps");
  public static final VmcbField INTERCEPT_MISC3 = control("INTERCEPT_MISC3", 0x014, 4, "exit codes a0 to bf");
  public static final VmcbField PAUSE_THRESHOLD = control("PAUSE_THRESHOLD", 0x03c, 2,
      "PAUSEs further apart than this reload the filter count");
  public static final VmcbField PAUSE_COUNT = control("PAUSE_COUNT", 0x03e, 2, "PAUSEs let pass before one exits");
  public static final VmcbField IOPM_BASE = control("IOPM_BASE", 0x040, 8, "physical address of the I/O permission map, 12 KiB");
  public static final VmcbField MSRPM_BASE = control("MSRPM_BASE", 0x048, 8, "physical address of the MSR permission map, 8 KiB");
  public static final VmcbField TSC_OFFSET = control("TSC_OFFSET", 0x050, 8, "added to the time-stamp counter the guest reads");
  public static final VmcbField ASID = control("ASID", 0x058, 4, "address space identifier, not 0");
  public static final VmcbField TLB_CONTROL = control("TLB_CONTROL", 0x05c, 1,
      "0 nothing, 1 flush all, 3 this ASID, 7 this ASID but global pages");
  public static final VmcbField V_INTR = control("V_INTR", 0x060, 4,
      "V_TPR 7:0, V_IRQ 8, V_GIF 9, priority 19:16, ignore TPR 20, masking 24");
  public static final VmcbField V_INTR_VECTOR = control("V_INTR_VECTOR", 0x064, 4, "vector of the virtual interrupt");
  public static final VmcbField INTERRUPT_STATE = control("INTERRUPT_STATE", 0x068, 8,
      "bit 0 interrupt shadow, bit 1 the guest's IF under V_INTR_MASKING");
  public static final VmcbField EXITCODE = control("EXITCODE", 0x070, 8, "why the guest was left");
  public static final VmcbField EXITINFO1 = control("EXITINFO1", 0x078, 8, "depends on the exit");
  public static final VmcbField EXITINFO2 = control("EXITINFO2", 0x080, 8, "depends on the exit");
  public static final VmcbField EXITINTINFO = control("EXITINTINFO", 0x088, 8,
      "the event whose delivery the exit interrupted; error code in 63:32");
  public static final VmcbField NESTED_CTL = control("NESTED_CTL", 0x090, 8, "bit 0 nested paging");
  public static final VmcbField AVIC_APIC_BAR = control("AVIC_APIC_BAR", 0x098, 8, "of no use here: the processor does not offer the feature");
  public static final VmcbField GHCB = control("GHCB", 0x0a0, 8, "of no use here: the processor does not offer the feature");
  public static final VmcbField EVENTINJ = control("EVENTINJ", 0x0a8, 8, "event to deliver on entry; error code in 63:32");
  public static final VmcbField N_CR3 = control("N_CR3", 0x0b0, 8, "root of the nested page table");
  public static final VmcbField LBR_CTL = control("LBR_CTL", 0x0b8, 8,
      "bit 0 last-branch registers are switched, bit 1 virtual VMLOAD and VMSAVE");
  public static final VmcbField CLEAN_BITS = control("CLEAN_BITS", 0x0c0, 4, "what software has not changed since the last exit");
  public static final VmcbField NRIP = control("NRIP", 0x0c8, 8, "address of the instruction after the intercepted one, or 0");
  public static final VmcbField GUEST_INSTRUCTION_LENGTH = control("GUEST_INSTRUCTION_LENGTH", 0x0d0, 1,
      "how many of the instruction's bytes follow, 0 to 15");

  public static final VmcbField ES_SELECTOR = save("ES_SELECTOR", 0x400, 2, "ES selector");
  public static final VmcbField ES_ATTRIB = save("ES_ATTRIB", 0x402, 2,
      "ES attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField ES_LIMIT = save("ES_LIMIT", 0x404, 4, "ES limit in bytes");
  public static final VmcbField ES_BASE = save("ES_BASE", 0x408, 8, "ES base");
  public static final VmcbField CS_SELECTOR = save("CS_SELECTOR", 0x410, 2, "CS selector");
  public static final VmcbField CS_ATTRIB = save("CS_ATTRIB", 0x412, 2,
      "CS attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField CS_LIMIT = save("CS_LIMIT", 0x414, 4, "CS limit in bytes");
  public static final VmcbField CS_BASE = save("CS_BASE", 0x418, 8, "CS base");
  public static final VmcbField SS_SELECTOR = save("SS_SELECTOR", 0x420, 2, "SS selector");
  public static final VmcbField SS_ATTRIB = save("SS_ATTRIB", 0x422, 2,
      "SS attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField SS_LIMIT = save("SS_LIMIT", 0x424, 4, "SS limit in bytes");
  public static final VmcbField SS_BASE = save("SS_BASE", 0x428, 8, "SS base");
  public static final VmcbField DS_SELECTOR = save("DS_SELECTOR", 0x430, 2, "DS selector");
  public static final VmcbField DS_ATTRIB = save("DS_ATTRIB", 0x432, 2,
      "DS attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField DS_LIMIT = save("DS_LIMIT", 0x434, 4, "DS limit in bytes");
  public static final VmcbField DS_BASE = save("DS_BASE", 0x438, 8, "DS base");
  public static final VmcbField FS_SELECTOR = save("FS_SELECTOR", 0x440, 2, "FS selector");
  public static final VmcbField FS_ATTRIB = save("FS_ATTRIB", 0x442, 2,
      "FS attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField FS_LIMIT = save("FS_LIMIT", 0x444, 4, "FS limit in bytes");
  public static final VmcbField FS_BASE = save("FS_BASE", 0x448, 8, "FS base");
  public static final VmcbField GS_SELECTOR = save("GS_SELECTOR", 0x450, 2, "GS selector");
  public static final VmcbField GS_ATTRIB = save("GS_ATTRIB", 0x452, 2,
      "GS attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField GS_LIMIT = save("GS_LIMIT", 0x454, 4, "GS limit in bytes");
  public static final VmcbField GS_BASE = save("GS_BASE", 0x458, 8, "GS base");
  public static final VmcbField GDTR_SELECTOR = save("GDTR_SELECTOR", 0x460, 2, "GDTR selector");
  public static final VmcbField GDTR_ATTRIB = save("GDTR_ATTRIB", 0x462, 2,
      "GDTR attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField GDTR_LIMIT = save("GDTR_LIMIT", 0x464, 4, "GDTR limit in bytes");
  public static final VmcbField GDTR_BASE = save("GDTR_BASE", 0x468, 8, "GDTR base");
  public static final VmcbField LDTR_SELECTOR = save("LDTR_SELECTOR", 0x470, 2, "LDTR selector");
  public static final VmcbField LDTR_ATTRIB = save("LDTR_ATTRIB", 0x472, 2,
      "LDTR attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField LDTR_LIMIT = save("LDTR_LIMIT", 0x474, 4, "LDTR limit in bytes");
  public static final VmcbField LDTR_BASE = save("LDTR_BASE", 0x478, 8, "LDTR base");
  public static final VmcbField IDTR_SELECTOR = save("IDTR_SELECTOR", 0x480, 2, "IDTR selector");
  public static final VmcbField IDTR_ATTRIB = save("IDTR_ATTRIB", 0x482, 2,
      "IDTR attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField IDTR_LIMIT = save("IDTR_LIMIT", 0x484, 4, "IDTR limit in bytes");
  public static final VmcbField IDTR_BASE = save("IDTR_BASE", 0x488, 8, "IDTR base");
  public static final VmcbField TR_SELECTOR = save("TR_SELECTOR", 0x490, 2, "TR selector");
  public static final VmcbField TR_ATTRIB = save("TR_ATTRIB", 0x492, 2,
      "TR attributes: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11");
  public static final VmcbField TR_LIMIT = save("TR_LIMIT", 0x494, 4, "TR limit in bytes");
  public static final VmcbField TR_BASE = save("TR_BASE", 0x498, 8, "TR base");
  public static final VmcbField CPL = save("CPL", 0x4cb, 1, "privilege level");
  public static final VmcbField EFER = save("EFER", 0x4d0, 8, "extended feature enables");
  public static final VmcbField CR4 = save("CR4", 0x548, 8, "control register 4");
  public static final VmcbField CR3 = save("CR3", 0x550, 8, "control register 3");
  public static final VmcbField CR0 = save("CR0", 0x558, 8, "control register 0");
  public static final VmcbField DR7 = save("DR7", 0x560, 8, "debug control");
  public static final VmcbField DR6 = save("DR6", 0x568, 8, "debug status");
  public static final VmcbField RFLAGS = save("RFLAGS", 0x570, 8, "flags");
  public static final VmcbField RIP = save("RIP", 0x578, 8, "instruction pointer");
  public static final VmcbField RSP = save("RSP", 0x5d8, 8, "stack pointer");
  public static final VmcbField RAX = save("RAX", 0x5f8, 8, "accumulator");
  public static final VmcbField STAR = save("STAR", 0x600, 8, "SYSCALL selectors");
  public static final VmcbField LSTAR = save("LSTAR", 0x608, 8, "SYSCALL target, 64-bit");
  public static final VmcbField CSTAR = save("CSTAR", 0x610, 8, "SYSCALL target, compatibility mode");
  public static final VmcbField SFMASK = save("SFMASK", 0x618, 8, "flags SYSCALL clears");
  public static final VmcbField KERNEL_GS_BASE = save("KERNEL_GS_BASE", 0x620, 8, "what SWAPGS exchanges");
  public static final VmcbField SYSENTER_CS = save("SYSENTER_CS", 0x628, 8, "SYSENTER selector");
  public static final VmcbField SYSENTER_ESP = save("SYSENTER_ESP", 0x630, 8, "SYSENTER stack");
  public static final VmcbField SYSENTER_EIP = save("SYSENTER_EIP", 0x638, 8, "SYSENTER target");
  public static final VmcbField CR2 = save("CR2", 0x640, 8, "page-fault address");
  public static final VmcbField G_PAT = save("G_PAT", 0x668, 8, "the guest's page attribute table, used with nested paging");
  public static final VmcbField DBGCTL = save("DBGCTL", 0x670, 8, "DEBUGCTL, with LBR virtualization");
  public static final VmcbField BR_FROM = save("BR_FROM", 0x678, 8, "last branch from");
  public static final VmcbField BR_TO = save("BR_TO", 0x680, 8, "last branch to");
  public static final VmcbField LASTEXCPFROM = save("LASTEXCPFROM", 0x688, 8, "last exception from");
  public static final VmcbField LASTEXCPTO = save("LASTEXCPTO", 0x690, 8, "last exception to");

  private Vmcb() {}

  private static VmcbField control(String name, int offset, int bytes, String meaning) {
    return add(new VmcbField(name, offset, bytes, VmcbField.Area.CONTROL, meaning));
  }

  private static VmcbField save(String name, int offset, int bytes, String meaning) {
    return add(new VmcbField(name, offset, bytes, VmcbField.Area.SAVE, meaning));
  }

  private static VmcbField add(VmcbField f) {
    ALL.add(f);
    return f;
  }

  /** All fields in the order of their offsets. */
  public static List<VmcbField> fields() {
    return Collections.unmodifiableList(ALL);
  }

  // ---- intercepts: the bit of exit code c, for c below C0h, is bit c mod 32 of word c div 32

  /** Whether the intercept of an exit code is set. */
  public static boolean intercepts(byte[] vmcb, int exitCode) {
    return (PhysicalMemory.get(vmcb, exitCode >> 5 << 2, 4) >>> (exitCode & 31) & 1) != 0;
  }

  /** Sets or clears the intercept of an exit code. */
  public static void intercept(byte[] vmcb, int exitCode, boolean on) {
    int at = exitCode >> 5 << 2;
    long bit = 1L << (exitCode & 31);
    long word = PhysicalMemory.get(vmcb, at, 4);
    PhysicalMemory.put(vmcb, at, 4, on ? word | bit : word & ~bit);
  }

  /** The same in memory. */
  public static void intercept(PhysicalMemory memory, long vmcb, int exitCode, boolean on) {
    long at = vmcb + (exitCode >> 5 << 2);
    long bit = 1L << (exitCode & 31);
    long word = memory.read(at, 4);
    memory.write(at, 4, on ? word | bit : word & ~bit);
  }

  /** A copy of the VMCB at a physical address, without side effects. */
  public static byte[] copy(PhysicalMemory memory, long vmcb) {
    byte[] b = new byte[SIZE];
    memory.peek(vmcb, b, 0, SIZE);
    return b;
  }

  /** One line for each field that is not zero: offset, name, value, meaning. */
  public static List<String> dump(byte[] vmcb) {
    List<String> out = new ArrayList<>();
    for (VmcbField f : ALL) {
      long v = f.get(vmcb);
      if (v != 0) {
        out.add(String.format("%03x %-24s %s  %s", f.offset(), f.name(), hex(v, f.bytes()), f.meaning()));
      }
    }
    return out;
  }

  private static String hex(long value, int bytes) {
    return String.format("%16s", String.format("%0" + 2 * bytes + "x", value));
  }
}
