package dev.trapline.vm.svm;

import java.util.Map;
import java.util.TreeMap;

/**
 * Exit codes (APM2 appendix C). Codes below C0h are also the places of their intercept bits, see {@link Vmcb#intercepts}.
 *
 * @param code as the processor writes it into EXITCODE
 * @param name the manual's, without {@code VMEXIT_}
 * @param meaning for people, one line
 */
public record ExitCode(long code, String name, String meaning) {
  public static final int CR_READ = 0x00;
  public static final int CR_WRITE = 0x10;
  public static final int DR_READ = 0x20;
  public static final int DR_WRITE = 0x30;
  /** Exception 0; vector n is n further. */
  public static final int EXCEPTION = 0x40;
  public static final int INTR = 0x60;
  public static final int NMI = 0x61;
  public static final int SMI = 0x62;
  public static final int INIT = 0x63;
  public static final int VINTR = 0x64;
  public static final int CR0_SEL_WRITE = 0x65;
  public static final int RDTSC = 0x6e;
  public static final int CPUID = 0x72;
  public static final int IRET = 0x74;
  public static final int SWINT = 0x75;
  public static final int PAUSE = 0x77;
  public static final int HLT = 0x78;
  public static final int INVLPG = 0x79;
  public static final int IOIO = 0x7b;
  public static final int MSR = 0x7c;
  public static final int TASK_SWITCH = 0x7d;
  public static final int FERR_FREEZE = 0x7e;
  public static final int SHUTDOWN = 0x7f;
  public static final int VMRUN = 0x80;
  public static final int VMMCALL = 0x81;
  public static final int RDPMC = 0x6f;
  public static final int RSM = 0x73;
  public static final int INVD = 0x76;
  public static final int INVLPGA = 0x7a;
  public static final int VMLOAD = 0x82;
  public static final int VMSAVE = 0x83;
  public static final int STGI = 0x84;
  public static final int CLGI = 0x85;
  public static final int SKINIT = 0x86;
  public static final int ICEBP = 0x88;
  public static final int MONITOR = 0x8a;
  public static final int MWAIT = 0x8b;
  public static final int XSETBV = 0x8d;
  public static final int NPF = 0x400;
  public static final int INVALID = -1;

  private static final String[] SYSTEM = {
    "INTR physical maskable interrupt", "NMI non-maskable interrupt", "SMI system management interrupt", "INIT INIT signal",
    "VINTR the guest could take a virtual interrupt", "CR0_SEL_WRITE a bit of CR0 other than TS or MP changed", "IDTR_READ SIDT",
    "GDTR_READ SGDT", "LDTR_READ SLDT", "TR_READ STR", "IDTR_WRITE LIDT", "GDTR_WRITE LGDT", "LDTR_WRITE LLDT", "TR_WRITE LTR",
    "RDTSC RDTSC", "RDPMC RDPMC", "PUSHF PUSHF", "POPF POPF", "CPUID CPUID", "RSM RSM", "IRET IRET", "SWINT INT n", "INVD INVD",
    "PAUSE PAUSE", "HLT HLT", "INVLPG INVLPG", "INVLPGA INVLPGA", "IOIO IN, OUT, INS or OUTS", "MSR RDMSR or WRMSR",
    "TASK_SWITCH task switch", "FERR_FREEZE the processor waits for an x87 interrupt", "SHUTDOWN triple fault", "VMRUN VMRUN",
    "VMMCALL VMMCALL", "VMLOAD VMLOAD", "VMSAVE VMSAVE", "STGI STGI", "CLGI CLGI", "SKINIT SKINIT", "RDTSCP RDTSCP", "ICEBP INT1",
    "WBINVD WBINVD", "MONITOR MONITOR", "MWAIT MWAIT", "MWAIT_CONDITIONAL MWAIT with the monitor armed", "XSETBV XSETBV",
    "RDPRU RDPRU"};

  private static final Map<Long, ExitCode> TABLE = table();

  private static Map<Long, ExitCode> table() {
    var map = new TreeMap<Long, ExitCode>();
    for (int i = 0; i < 16; i++) {
      put(map, CR_READ + i, "CR" + i + "_READ", "CR" + i + " read");
      put(map, CR_WRITE + i, "CR" + i + "_WRITE", "CR" + i + " written");
      put(map, DR_READ + i, "DR" + i + "_READ", "DR" + i + " read");
      put(map, DR_WRITE + i, "DR" + i + "_WRITE", "DR" + i + " written");
    }
    for (int i = 0; i < 32; i++) {
      put(map, EXCEPTION + i, "EXCP" + i, "exception " + i);
    }
    for (int i = 0; i < SYSTEM.length; i++) {
      int space = SYSTEM[i].indexOf(' ');
      put(map, INTR + i, SYSTEM[i].substring(0, space), SYSTEM[i].substring(space + 1));
    }
    put(map, NPF, "NPF", "nested page fault");
    put(map, INVALID, "INVALID", "the VMCB holds a state that cannot be entered");
    return map;
  }

  private static void put(Map<Long, ExitCode> map, long code, String name, String meaning) {
    map.put(code, new ExitCode(code, name, meaning));
  }

  /** The row of a code, or null if there is none. */
  public static ExitCode of(long code) {
    return TABLE.get(code);
  }

  /** The name of a code, or the number of one without. */
  public static String name(long code) {
    ExitCode e = of(code);
    return e == null ? Long.toHexString(code) : e.name;
  }

  /** All codes, in ascending order. */
  public static Iterable<ExitCode> all() {
    return TABLE.values();
  }
}
