package dev.trapline.vm.cpu;

import dev.trapline.vm.state.StateException;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/** The model-specific registers (SDM 4 chapter 2, APM2 appendix A): one row each, and the values of one processor. */
public final class Msrs {
  /** Places of registers that instructions use. */
  static final int TSC_OFFSET = 0;
  public static final int SYSENTER_CS = 1;
  public static final int SYSENTER_ESP = 2;
  public static final int SYSENTER_EIP = 3;
  public static final int STAR = 4;
  public static final int LSTAR = 5;
  public static final int CSTAR = 6;
  public static final int SFMASK = 7;
  public static final int KERNEL_GS_BASE = 8;
  static final int TSC_AUX = 9;
  static final int VM_CR = 10;
  public static final int VM_HSAVE_PA = 11;
  static final int SVM_KEY = 12;
  static final int TSC_RATIO = 13;
  public static final int DEBUGCTL = 14;
  public static final int BR_FROM = 15;
  public static final int BR_TO = 16;
  public static final int INT_FROM = 17;
  public static final int INT_TO = 18;
  private static final int NAMED = 19;
  /** VM_CR: SVM_LOCK and SVMDIS (APM2 15.30.1). */
  private static final int SVM_LOCK = 8;
  private static final int SVMDIS = 0x10;
  /** A ratio of one, as TSC_RATIO has it: 8 integer bits over 32 fraction bits. */
  private static final long RATIO_ONE = 1L << 32;
  private static final int PAT = 0x277;
  /** The slot of the table's second row. */
  private static final int APIC_BASE = NAMED + 1;
  private static final int TSC_DEADLINE = 0x6e0;
  private static final int EFER = 0xc000_0080;
  private static final int HWCR = 0xc001_0015;
  /** HWCR.McStatusWrEn. */
  private static final int STATUS_WRITES = 1 << 18;
  private static final int MACHINE_CHECK_BANKS = 5;
  private static final long BOOT_PROCESSOR = 0x100;
  private static final long APIC_ENABLED = 0xfee00800L;

  private static final long HIGH32 = 0xffffffffL << 32;
  private static final long BEYOND_PHYSICAL = -1L << Control.PHYSICAL_BITS;

  private static final List<Msr> TABLE = new Table().rows;
  private static final int SLOTS = NAMED + TABLE.size();
  private static final Map<Integer, Msr> BY_NUMBER = index();

  /**
   * Accesses to a register that does not exist.
   *
   * @param firstRip where the processor was behind the first of them, linear
   */
  public record Unknown(int number, long reads, long writes, long firstRip) {}

  private final long[] value = new long[SLOTS];
  private final TreeMap<Integer, Unknown> unknown = new TreeMap<>();

  Msrs() {
    Arrays.setAll(value, i -> i < NAMED ? i == TSC_RATIO ? RATIO_ONE : 0 : Table.initial(TABLE.get(i - NAMED).number()));
  }

  private static Map<Integer, Msr> index() {
    var map = new HashMap<Integer, Msr>();
    for (Msr m : TABLE) {
      map.put(m.number(), m);
    }
    return Map.copyOf(map);
  }

  /** All registers, in table order. */
  public static List<Msr> table() {
    return TABLE;
  }

  /** The row of a number, or null. */
  public static Msr row(int number) {
    return BY_NUMBER.get(number);
  }

  /** RDMSR: an unknown number is counted and raises #GP(0). */
  public long read(Cpu c, int number) {
    Msr row = known(c, number, false);
    Long given = Telling.heard(c, EventKind.MSR) ? Telling.ask(c, new Event.Msr(false, number, 0)) : null;
    long v = given == null ? row.read().get(c) : given;
    Telling.happened(c, EventKind.MSR, new Event.Msr(false, number, v));
    return v;
  }

  /** WRMSR: reserved bits, a read-only register and an unknown number raise #GP(0). */
  public void write(Cpu c, int number, long v) {
    Msr row = known(c, number, true);
    if (row.write() == null || (v & row.reserved()) != 0) {
      throw c.gp(0);
    }
    Event told = new Event.Msr(true, number, v);
    if (Telling.may(c, EventKind.MSR, told)) {
      row.write().set(c, v);
      Telling.happened(c, EventKind.MSR, told);
    }
  }

  private Msr known(Cpu c, int number, boolean write) {
    Msr row = BY_NUMBER.get(number);
    if (row == null || !c.cpuid.hasMsr(feature(number)) || number == EFER && c.cpuid.efer() == 0) {
      unknown.merge(number, new Unknown(number, write ? 0 : 1, write ? 1 : 0, c.seg[Cpu.CS].base + c.rip),
          (old, one) -> new Unknown(number, old.reads + one.reads, old.writes + one.writes, old.firstRip));
      throw c.gp(0);
    }
    return row;
  }

  /** The feature a register belongs to, by the name of CPUID's bit; null if it exists whatever CPUID says. */
  private static String feature(int number) {
    return switch (number) {
      case 0x10 -> "tsc";
      case 0x174, 0x175, 0x176 -> "sep";
      case 0x277 -> "pat";
      case 0xc000_0081, 0xc000_0083, 0xc000_0082, 0xc000_0084 -> "syscall";
      case 0xc000_0100, 0xc000_0101, 0xc000_0102 -> "lm";
      case 0xc000_0103 -> "rdtscp";
      case 0xc000_0104 -> "tsc_scale";
      case 0xc001_0114, 0xc001_0115, 0xc001_0116, 0xc001_0117 -> "svm";
      case 0xc001_0118 -> "svm_lock";
      case TSC_DEADLINE -> "tsc_deadline_timer";
      default -> number == 0xfe || number >= 0x200 && number < 0x300 ? "mtrr" : null;
    };
  }

  /** Accesses to unknown registers in ascending order of their numbers. */
  public List<Unknown> unknown() {
    return List.copyOf(unknown.values());
  }

  /** The stored values, for saving; the layout is this class's own. */
  public long[] values() {
    return value.clone();
  }

  /** Restores what {@link #values} gave. */
  public void values(long[] saved) {
    if (saved.length != value.length) {
      throw new StateException(saved.length + " MSR values, " + value.length + " expected");
    }
    System.arraycopy(saved, 0, value, 0, value.length);
  }

  /** Power-up values; the time-stamp counter starts at 0 whatever has been counted before. */
  static long[] powerUp(Cpu c) {
    long[] v = new Msrs().values();
    v[TSC_OFFSET] = -c.timeOfReset();
    if (c.model.apic()) {
      v[APIC_BASE] = APIC_ENABLED | (c.model.index() == 0 ? BOOT_PROCESSOR : 0);
    }
    return v;
  }

  /** Whether VM_CR.SVMDIS forbids EFER.SVME. */
  static boolean svmDisabled(Cpu c) {
    return (c.msrs.value[VM_CR] & SVMDIS) != 0;
  }

  /** With SVM_LOCK set, SVM_LOCK and SVMDIS stay as they are; SVMDIS cannot be set while SVM is in use. */
  private static void vmCr(Cpu c, long v) {
    long old = c.msrs.value[VM_CR];
    if ((v & SVMDIS) != 0 && (c.efer & Control.SVME) != 0) {
      throw c.gp(0);
    }
    long fixed = (old & SVM_LOCK) != 0 ? SVM_LOCK | SVMDIS : 0;
    c.msrs.value[VM_CR] = v & ~fixed | old & fixed;
  }

  /** A non-zero key can be set while SVM_LOCK is clear; writing the same one later clears SVM_LOCK (APM2 15.30.2). */
  private static void svmKey(Cpu c, long v) {
    if ((c.msrs.value[VM_CR] & SVM_LOCK) == 0) {
      c.msrs.value[SVM_KEY] = v;
    } else if (v != 0 && v == c.msrs.value[SVM_KEY]) {
      c.msrs.value[VM_CR] &= ~SVM_LOCK;
    }
  }

  /** The page attribute table. */
  public static long pat(Cpu c) {
    return BY_NUMBER.get(PAT).read().get(c);
  }

  /** Sets the page attribute table; the caller has checked it. */
  public static void pat(Cpu c, long v) {
    BY_NUMBER.get(PAT).write().set(c, v);
  }

  /** Whether a value may be a page attribute table. */
  public static boolean validPat(long v) {
    return Table.patTypes(v);
  }

  /** The register at a place. */
  public long at(int place) {
    return value[place];
  }

  /** Stores the register at a place, unchecked. */
  public void at(int place, long v) {
    value[place] = v;
  }

  /** Takes over the branch records and their control, which without LBR virtualization no world switch changes (APM2 15.23). */
  public void branches(Msrs from) {
    System.arraycopy(from.value, DEBUGCTL, value, DEBUGCTL, INT_TO - DEBUGCTL + 1);
  }

  /** The time-stamp counter: retired instructions plus what software has set. */
  public static long tsc(Cpu c) {
    long host = c.time() + c.msrs.value[TSC_OFFSET];
    return c.svm.guest ? scaled(host, c.msrs.value[TSC_RATIO]) + c.svm.tscOffset : host;
  }

  /** A 64-bit count times a ratio of 8 integer and 32 fraction bits (APM2 15.30.5). */
  private static long scaled(long count, long ratio) {
    return ratio == RATIO_ONE ? count : Math.unsignedMultiplyHigh(count, ratio) << 32 | count * ratio >>> 32;
  }

  private static void tsc(Cpu c, long v) {
    c.msrs.value[TSC_OFFSET] = v - c.time();
    if (c.interrupts.deadline() != 0) {
      deadline(c, c.interrupts.deadline());
    }
  }

  private static void deadline(Cpu c, long v) {
    c.interrupts.deadline(v, v - c.msrs.value[TSC_OFFSET]);
    c.limit = 0;
  }

  private static void apicBase(Cpu c, long v) {
    c.msrs.value[APIC_BASE] = v;
    c.interrupts.base(v);
    c.limit = 0;
  }

  /** SWAPGS. */
  public static void swapKernelGs(Cpu c) {
    long base = c.seg[Cpu.GS].base;
    c.seg[Cpu.GS].base = c.msrs.value[KERNEL_GS_BASE];
    c.msrs.value[KERNEL_GS_BASE] = base;
    c.modeChanged();
  }

  /** Collects the rows. */
  private static final class Table {
    final List<Msr> rows = new ArrayList<>();

    Table() {
      special(0x10, "TSC", 0, Msrs::tsc, Msrs::tsc);
      special(0x1b, "APIC_BASE", BEYOND_PHYSICAL | 0x6ff, c -> c.msrs.value[APIC_BASE], Msrs::apicBase);
      special(0x8b, "PATCH_LEVEL", 0, c -> 0x0100_0083, null);
      special(0xfe, "MTRRcap", 0, c -> 0x508, null);
      named(0x174, "SYSENTER_CS", HIGH32, SYSENTER_CS, v -> true);
      named(0x175, "SYSENTER_ESP", 0, SYSENTER_ESP, FarTransfer::canonical);
      named(0x176, "SYSENTER_EIP", 0, SYSENTER_EIP, FarTransfer::canonical);
      machineCheck();
      special(0x1d9, "DEBUGCTL", ~(LastBranch.LBR | LastBranch.BTF), c -> c.msrs.value[DEBUGCTL], (c, v) -> {
        c.msrs.value[DEBUGCTL] = v;
        c.modeChanged();
      });
      special(0x1db, "LASTBRANCHFROMIP", 0, c -> c.msrs.value[BR_FROM], null);
      special(0x1dc, "LASTBRANCHTOIP", 0, c -> c.msrs.value[BR_TO], null);
      special(0x1dd, "LASTINTFROMIP", 0, c -> c.msrs.value[INT_FROM], null);
      special(0x1de, "LASTINTTOIP", 0, c -> c.msrs.value[INT_TO], null);
      mtrrs();
      stored(0x277, "PAT", 0, Table::patTypes);
      special(EFER, "EFER", 0, c -> c.efer, Control::efer);
      named(0xc000_0081, "STAR", 0, STAR, v -> true);
      named(0xc000_0082, "LSTAR", 0, LSTAR, FarTransfer::canonical);
      named(0xc000_0083, "CSTAR", 0, CSTAR, FarTransfer::canonical);
      named(0xc000_0084, "SFMASK", HIGH32, SFMASK, v -> true);
      special(0xc000_0100, "FS_BASE", 0, c -> c.seg[Cpu.FS].base, (c, v) -> segmentBase(c, Cpu.FS, v));
      special(0xc000_0101, "GS_BASE", 0, c -> c.seg[Cpu.GS].base, (c, v) -> segmentBase(c, Cpu.GS, v));
      named(0xc000_0102, "KERNEL_GS_BASE", 0, KERNEL_GS_BASE, FarTransfer::canonical);
      special(TSC_DEADLINE, "TSC_DEADLINE", 0, c -> c.interrupts.deadline(), Msrs::deadline);
      named(0xc000_0103, "TSC_AUX", HIGH32, TSC_AUX, v -> true);
      amd();
    }

    /**
     * The machine check architecture (APM2 9.3) with the K8's five banks. No error ever happens, so all there is to say is zero; a status
     * can only be written by software that has set HWCR.McStatusWrEn to test its handler.
     */
    private void machineCheck() {
      special(0x179, "MCG_CAP", 0, c -> 0x100 | MACHINE_CHECK_BANKS, null);
      stored(0x17a, "MCG_STATUS", ~7L);
      stored(0x17b, "MCG_CTL", 0);
      for (int i = 0; i < MACHINE_CHECK_BANKS; i++) {
        stored(0x400 + 4 * i, "MC" + i + "_CTL", 0);
        int status = NAMED + rows.size();
        special(0x401 + 4 * i, "MC" + i + "_STATUS", 0, c -> c.msrs.value[status], (c, v) -> {
          requireValid(c, v == 0 || (BY_NUMBER.get(HWCR).read().get(c) & STATUS_WRITES) != 0);
          c.msrs.value[status] = v;
        });
        stored(0x402 + 4 * i, "MC" + i + "_ADDR", 0);
        stored(0x403 + 4 * i, "MC" + i + "_MISC", 0);
        stored(0xc001_0044 + i, "MC" + i + "_CTL_MASK", 0);
      }
    }

    private void mtrrs() {
      for (int i = 0; i < 8; i++) {
        stored(0x200 + 2 * i, "MTRRphysBase" + i, BEYOND_PHYSICAL | 0xf00, v -> mtrrType((int) v & 0xff));
        stored(0x201 + 2 * i, "MTRRphysMask" + i, BEYOND_PHYSICAL | 0x7ff);
      }
      stored(0x250, "MTRRfix64K_00000", 0, Table::fixedTypes);
      stored(0x258, "MTRRfix16K_80000", 0, Table::fixedTypes);
      stored(0x259, "MTRRfix16K_A0000", 0, Table::fixedTypes);
      for (int i = 0; i < 8; i++) {
        stored(0x268 + i, "MTRRfix4K_" + Integer.toHexString(0xc0000 + 0x8000 * i).toUpperCase(), 0, Table::fixedTypes);
      }
      stored(0x2ff, "MTRRdefType", ~0xcffL, v -> mtrrType((int) v & 0xff));
    }

    private void amd() {
      svm();
      stored(0xc001_0010, "SYSCFG", ~0x7c0000L);
      stored(HWCR, "HWCR", HIGH32);
      for (int i = 0; i < 2; i++) {
        stored(0xc001_0016 + 2 * i, "IORRBase" + i, BEYOND_PHYSICAL | 0xfe7);
        stored(0xc001_0017 + 2 * i, "IORRMask" + i, BEYOND_PHYSICAL | 0x7ff);
      }
      stored(0xc001_001a, "TOP_MEM", BEYOND_PHYSICAL | 0x7fffff);
      stored(0xc001_001d, "TOP_MEM2", BEYOND_PHYSICAL | 0x7fffff);
      stored(0xc001_001f, "NB_CFG", 0);
      stored(0xc001_0055, "INT_PENDING_MSG", HIGH32);
      stored(0xc001_0111, "SMM_BASE", HIGH32);
      stored(0xc001_1020, "LS_CFG", 0);
      stored(0xc001_1021, "IC_CFG", 0);
      stored(0xc001_1022, "DC_CFG", 0);
      stored(0xc001_1023, "BU_CFG", 0);
      stored(0xc001_1029, "DE_CFG", 0);
      stored(0xc001_102a, "BU_CFG2", 0);
    }

    private void svm() {
      special(0xc001_0114, "VM_CR", ~0x1fL, c -> c.msrs.value[VM_CR], Msrs::vmCr);
      stored(0xc001_0115, "IGNNE", ~1L);
      stored(0xc001_0116, "SMM_CTL", ~0x1fL);
      named(0xc001_0117, "VM_HSAVE_PA", BEYOND_PHYSICAL | 0xfff, VM_HSAVE_PA, v -> true);
      special(0xc001_0118, "SVM_KEY", 0, c -> 0, Msrs::svmKey);
      named(0xc000_0104, "TSC_RATIO", -1L << 40, TSC_RATIO, v -> true);
    }

    /** Values at power-up that are not zero. */
    static long initial(int number) {
      return switch (number) {
        case 0x1b -> 0xfee00100L;
        case 0x277 -> 0x0007_0406_0007_0406L;
        case 0xc001_0111 -> 0x30000;
        case 0xc001_1029 -> 2;
        default -> 0;
      };
    }

    private static boolean mtrrType(int type) {
      return type == 0 || type == 1 || type >= 4 && type <= 6;
    }

    private static boolean patTypes(long v) {
      return everyByte(v, t -> mtrrType((int) t) || t == 7);
    }

    /** Fixed-range types; with SYSCFG extensions bits 3 and 4 say where the memory is. */
    private static boolean fixedTypes(long v) {
      return everyByte(v, t -> mtrrType((int) t & ~0x18));
    }

    private static boolean everyByte(long v, LongPredicate ok) {
      for (int i = 0; i < 64; i += 8) {
        if (!ok.test(v >>> i & 0xff)) {
          return false;
        }
      }
      return true;
    }

    private static void segmentBase(Cpu c, int segment, long v) {
      requireValid(c, FarTransfer.canonical(v));
      c.seg[segment].base = v;
      c.modeChanged();
    }

    private static void requireValid(Cpu c, boolean ok) {
      if (!ok) {
        throw c.gp(0);
      }
    }

    private void special(int number, String name, long reserved, Msr.Read read, Msr.Write write) {
      rows.add(new Msr(number, name, reserved, read, write));
    }

    private void named(int number, String name, long reserved, int place, LongPredicate valid) {
      special(number, name, reserved, c -> c.msrs.value[place], (c, v) -> {
        requireValid(c, valid.test(v));
        c.msrs.value[place] = v;
      });
    }

    private void stored(int number, String name, long reserved) {
      stored(number, name, reserved, v -> true);
    }

    private void stored(int number, String name, long reserved, LongPredicate valid) {
      named(number, name, reserved, NAMED + rows.size(), valid);
    }
  }
}
