package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Svm;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.PermissionMaps;

/**
 * Whether an instruction leaves guest mode, and with what EXITINFO1 and EXITINFO2 (APM2 15.8 to 15.11). The engine asks after the
 * exceptions that come first (the row's {@code after}) and before anything else of the instruction.
 */
public final class Intercepts {
  private static final long MOV = 1L << 63;
  private static final int IN_OUT_BIT = 2;
  private static final int WRMSR = 0x30;

  private Intercepts() {}

  /**
   * Leaves guest mode if the instruction is intercepted; {@code c.rip} is the next instruction.
   *
   * @return whether it did
   */
  public static boolean taken(Cpu c, Insn in) {
    Intercept kind = in.row.intercept();
    return switch (kind) {
      case NONE -> false;
      case CR_READ, CR_WRITE -> control(c, in, kind.exitCode);
      case DR_READ, DR_WRITE -> exit(c, in, kind.exitCode + special(in, true), special(in, false), 0);
      case IOIO -> port(c, in);
      case MSR -> msr(c, in);
      case PAUSE -> c.svm.intercepts(ExitCode.PAUSE) && pause(c) && exit(c, in, ExitCode.PAUSE, 0, 0);
      case SWINT -> exit(c, in, ExitCode.SWINT, ((Operand.Imm) in.op(0)).value() & 0xff, 0);
      case INVLPG -> exit(c, in, ExitCode.INVLPG, invlpgAddress(c, in), 0);
      default -> exit(c, in, kind.exitCode, 0, 0);
    };
  }

  private static boolean exit(Cpu c, Insn in, int code, long info1, long info2) {
    if (!c.svm.intercepts(code)) {
      return false;
    }
    long next = c.rip;
    c.rip -= in.length;
    World.exit(c, code, info1, info2, next);
    return true;
  }

  /** Number of the control or debug register, or of the general register, of MOV; 0 for instructions without. */
  private static int special(Insn in, boolean system) {
    for (Operand o : in.operands) {
      if (o instanceof Operand.Reg r && r.file().isGpr() != system) {
        return r.index();
      }
    }
    return 0;
  }

  /** LMSW, SMSW and CLTS are accesses to CR0 without a register (APM2 15.8.1). */
  private static boolean control(Cpu c, Insn in, int base) {
    boolean mov = in.row.mnemonic().equals("mov");
    long info = mov ? MOV | special(in, false) : 0;
    c.svm.operandInfo = info;
    return exit(c, in, base + (mov ? special(in, true) : 0), info, 0);
  }

  // ---- PAUSE (APM2 15.14.4)

  /** Whether this PAUSE is one too many. */
  private static boolean pause(Cpu c) {
    Svm s = c.svm;
    long since = c.count - s.lastPause;
    s.lastPause = c.count;
    if (s.pauseThreshold != 0 && since > s.pauseThreshold) {
      s.pauseLeft = s.pauseCount;
    }
    if (s.pauseLeft == 0) {
      return true;
    }
    s.pauseLeft--;
    return false;
  }

  // ---- I/O (APM2 15.10)

  private static boolean port(Cpu c, Insn in) {
    if (!c.svm.intercepts(ExitCode.IOIO)) {
      return false;
    }
    boolean read = (in.row.enc().opcode() & IN_OUT_BIT) == 0;
    Operand where = in.op(read ? 1 : 0);
    int bytes = in.op(read ? 0 : 1).bits() / 8;
    int port = where instanceof Operand.Imm i ? (int) i.value() & 0xff : (int) c.r[Cpu.RDX] & 0xffff;
    if (!portIntercepted(c, port, bytes)) {
      return false;
    }
    boolean string = in.row.enc().opcode() < 0x70;
    long info = (read ? 1 : 0) | (string ? 4 : 0) | (string && in.repeats() ? 8 : 0) | bytes << 4
        | in.addrBits / 16 << 7 | (long) port << 16;
    long segment = string && !read ? in.dataSegment() : 0;
    return exit(c, in, ExitCode.IOIO, info | segment << 10, c.rip);
  }

  private static boolean portIntercepted(Cpu c, int port, int bytes) {
    PhysicalMemory m = c.mem.physical();
    long at = c.svm.iopm + (port >> 3);
    long bits = (m.read(at, 1) | m.read(at + 1, 1) << 8) >>> (port & 7);
    return (bits & (1 << bytes) - 1) != 0;
  }

  // ---- MSRs (APM2 15.11)

  private static boolean msr(Cpu c, Insn in) {
    int write = in.row.enc().opcode() == WRMSR ? 1 : 0;
    return c.svm.intercepts(ExitCode.MSR) && msrIntercepted(c, (int) c.r[Cpu.RCX], write) && exit(c, in, ExitCode.MSR, write, 0);
  }

  private static boolean msrIntercepted(Cpu c, int number, int write) {
    int bit = PermissionMaps.msrBit(number);
    return bit < 0 || (c.mem.physical().read(c.svm.msrpm + (bit + write >> 3), 1) >>> (bit + write & 7) & 1) != 0;
  }

  // ---- INVLPG

  /** The linear address INVLPG names; it is not checked. */
  public static long invlpgAddress(Cpu c, Insn in) {
    Operand.Mem m = in.mem();
    long base = m.base() == Operand.Mem.RIP ? c.nextRip : c.r[m.base()];
    long offset = base + (c.r[m.index()] << m.shift()) + m.disp();
    offset = m.addrBits() == 64 ? offset : offset & (1L << m.addrBits()) - 1;
    if (in.mode64) {
      return m.seg() >= Cpu.FS ? c.seg[m.seg()].base + offset : offset;
    }
    return c.seg[m.seg()].base + offset & 0xffffffffL;
  }
}
