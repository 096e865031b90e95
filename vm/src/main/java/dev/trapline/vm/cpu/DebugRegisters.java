package dev.trapline.vm.cpu;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.mmu.Access;

/**
 * Debug registers, breakpoints and single step (SDM 3B 17.2, 17.3). The engine asks {@link Cpu#debugArmed} between
 * instructions and, when armed, brackets each instruction with {@link #beforeInstruction} and {@link #afterInstruction}.
 */
public final class DebugRegisters {
  /** DR6: general detect. */
  static final long BD = 0x2000;
  /** DR6: single step. */
  static final long BS = 0x4000;
  /** DR6: task switch with the T bit set. */
  static final long BT = 0x8000;
  private static final long DR6_FIXED = 0xffff0ff0L;
  private static final long GD = 0x2000;

  private static final int EXECUTE = 0;
  private static final int WRITE = 1;
  private static final int IO = 2;
  private static final int READ_WRITE = 3;

  private DebugRegisters() {}

  // ---- MOV DRn

  /** The register MOV DRn names: 4 and 5 are 6 and 7 unless CR4.DE forbids them. Raises what MOV raises before it reads. */
  public static int checked(Cpu c, int number) {
    if (number > 7 || (number == 4 || number == 5) && (c.cr4 & Control.DE) != 0) {
      throw c.ud();
    }
    if ((c.dr[7] & GD) != 0) {
      report(c, BD);
      throw c.raise(Fault.DB);
    }
    return number == 4 || number == 5 ? number + 2 : number;
  }

  public static long read(Cpu c, int number) {
    int n = checked(c, number);
    Long given = Telling.heard(c, EventKind.DR) ? Telling.ask(c, new Event.Debug(false, n, 0)) : null;
    long v = given == null ? c.dr[n] : given;
    Telling.happened(c, EventKind.DR, new Event.Debug(false, n, v));
    return v;
  }

  /** The same for writing a value. */
  public static int checked(Cpu c, int number, long value) {
    int n = checked(c, number);
    if (n >= 6 && value >>> 32 != 0) {
      throw c.gp(0);
    }
    return n;
  }

  public static void write(Cpu c, int number, long value) {
    int n = checked(c, number, value);
    Event told = new Event.Debug(true, n, value);
    if (Telling.may(c, EventKind.DR, told)) {
      set(c, n, value);
      Telling.happened(c, EventKind.DR, told);
    }
  }

  private static void set(Cpu c, int n, long value) {
    c.dr[n] = n == 6 ? value & 0xe00fL | DR6_FIXED : n == 7 ? value & 0xffff2fffL | 0x400 : value;
    if (n != 6) {
      c.mem.flush(); // pages with armed data breakpoints must leave the TLB
    }
    c.modeChanged();
  }

  /** Adds causes to DR6, of which the four match bits are those of the newest exception; entering the handler clears GD. */
  static void report(Cpu c, long causes) {
    LastBranch.debugException(c);
    c.dr[6] = c.dr[6] & ~15L | causes;
    c.dr[7] &= ~GD;
  }

  // ---- breakpoints

  private static boolean enabled(Cpu c, int i) {
    return (c.dr[7] >> 2 * i & 3) != 0;
  }

  private static int kind(Cpu c, int i) {
    return (int) (c.dr[7] >> 16 + 4 * i) & 3;
  }

  private static int length(Cpu c, int i) {
    return switch ((int) (c.dr[7] >> 18 + 4 * i) & 3) {
      case 0 -> 1;
      case 1 -> 2;
      case 2 -> 8;
      default -> 4;
    };
  }

  /** Whether a breakpoint's range (aligned to its length) and an access have a byte in common. */
  private static boolean touches(Cpu c, int i, long address, int bytes) {
    int n = length(c, i);
    long first = c.dr[i] & -n;
    return address < first + n && first < address + bytes;
  }

  /** Breakpoints 0 to 3 that an access meets, as DR6 bits; the matching ones need be enabled for a trap. */
  private static long matches(Cpu c, long address, int bytes, boolean write, boolean io) {
    long hit = 0;
    for (int i = 0; i < 4; i++) {
      int kind = kind(c, i);
      boolean fits = io ? kind == IO && (c.cr4 & Control.DE) != 0 : kind == READ_WRITE || kind == WRITE && write;
      if (fits && touches(c, i, address, bytes)) {
        hit |= 1L << i;
      }
    }
    return hit;
  }

  private static boolean anyEnabled(Cpu c, long hit) {
    for (int i = 0; i < 4; i++) {
      if ((hit >> i & 1) != 0 && enabled(c, i)) {
        return true;
      }
    }
    return false;
  }

  /** Notes a data access; a match becomes a trap after the instruction. */
  static void data(Cpu c, long linear, int bytes, Access access) {
    long hit = matches(c, linear, bytes, access == Access.WRITE, false);
    if (anyEnabled(c, hit)) {
      c.debugPending |= hit;
      c.limit = 0;
    }
  }

  /** Notes an I/O access (CR4.DE). */
  public static void port(Cpu c, int port, int bytes) {
    if ((c.dr[7] & 0xff) == 0) {
      return;
    }
    long hit = matches(c, port, bytes, true, true);
    if (anyEnabled(c, hit)) {
      c.debugPending |= hit;
      c.limit = 0;
    }
  }

  /** Whether a data breakpoint is armed in the page of an address. */
  static boolean watches(Cpu c, long linear) {
    for (int i = 0; i < 4; i++) {
      int kind = kind(c, i);
      if (enabled(c, i) && (kind == WRITE || kind == READ_WRITE) && ((c.dr[i] ^ linear) & -4096L) == 0) {
        return true;
      }
    }
    return false;
  }

  // ---- between instructions

  /**
   * Called before an instruction while {@link Cpu#debugArmed}: delivers waiting traps, or an instruction breakpoint unless RF
   * holds it off.
   *
   * @return whether to execute the instruction; false if {@code c} is now at an exception handler
   */
  public static boolean beforeInstruction(Cpu c) {
    boolean held = c.debugHeld();
    if (c.debugPending != 0 && !held) {
      deliverPending(c, 0);
      return false;
    }
    c.resuming = c.flag(Cpu.RF);
    c.stepping = c.flag(Cpu.TF);
    if (held || c.resuming) {
      return true;
    }
    long hit = atInstruction(c);
    if (!anyEnabled(c, hit)) {
      return true;
    }
    Delivery.debug(c, hit);
    return false;
  }

  private static long atInstruction(Cpu c) {
    long linear = c.mode64() ? c.rip : c.seg[Cpu.CS].base + c.rip & 0xffffffffL;
    long hit = 0;
    for (int i = 0; i < 4; i++) {
      if (kind(c, i) == EXECUTE && c.dr[i] == linear) {
        hit |= 1L << i;
      }
    }
    return hit;
  }

  /**
   * Called after an instruction that {@link #beforeInstruction} allowed: single step (TF as it was before the instruction) and
   * data, I/O and task traps. After MOV SS and POP SS they wait for the next instruction; an exception or interrupt the
   * instruction ended in has dropped them.
   *
   * @param from the instruction's address
   * @param next the address behind it: anywhere else, it branched
   */
  public static void afterInstruction(Cpu c, long from, long next) {
    boolean branched = c.rip != next;
    if (branched) {
      LastBranch.taken(c, from, c.rip);
    }
    if (c.resuming) {
      c.sysFlags &= ~Cpu.RF;
      c.resuming = false;
    }
    if (!c.debugHeld()) {
      deliverPending(c, c.stepping && LastBranch.stepTraps(c, branched) ? BS : 0);
    }
  }

  private static void deliverPending(Cpu c, long more) {
    long causes = c.debugPending | more;
    c.debugPending = 0;
    if (causes != 0) {
      Delivery.debug(c, causes);
    }
  }

  /** A handler was entered: the interrupted instruction's single step and breakpoints are void. */
  static void entered(Cpu c) {
    c.stepping = false;
    c.resuming = false;
    c.debugHeld(false);
  }
}
