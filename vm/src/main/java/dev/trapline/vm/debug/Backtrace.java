package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.FrameView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The chain of callers: by Linux's ORC tables where the guest has them for an address, else by frame pointers; through the registers
 * that Linux saves at an interrupt, exception or system call, into the program that was interrupted.
 */
final class Backtrace {
  private static final long HALF_32 = 0x80000000L;
  /** Offsets in the registers that Linux saves, {@code struct pt_regs} (arch/x86/include/asm/ptrace.h). */
  private static final SavedRegisters SAVED_64 = new SavedRegisters(0x80, 0x88, 0x98, 0xa0, 0x20);
  private static final SavedRegisters SAVED_32 = new SavedRegisters(48, 52, 60, 64, 20);
  /** Bits of EFLAGS that are always as in {@link #FLAGS_SET} (SDM 1 3.4.3); a fault pushes RF as one, so it is not among them. */
  private static final long FLAGS_FIXED = 0xffc0802aL;
  private static final long FLAGS_SET = 2;
  private static final Set<String> CALLS = Set.of("call", "callf", "lcall");
  private static final int SHORTEST_CALL = 2;
  private static final int LONGEST_CALL = 7;

  private record SavedRegisters(int ip, int cs, int sp, int ss, int bp) {}

  private final Spaces spaces;
  private final Symbols symbols;
  private final CodeViews code;
  private final Orc orc;
  private final Prologue prologue;
  private final int word;
  private final SavedRegisters saved;
  private final long stackBase;
  private final List<FrameView> frames = new ArrayList<>();
  private long bp;
  /** Whether the last frame's address is of the instruction to execute next, not one to return to. */
  private boolean exact = true;

  Backtrace(Cpu cpu, Spaces spaces, CodeViews code, Symbols symbols) {
    this.spaces = spaces;
    this.symbols = symbols;
    this.code = code;
    this.word = cpu.codeSize().bits / 8;
    this.saved = word == 8 ? SAVED_64 : SAVED_32;
    this.orc = word == 8 ? Orc.find(spaces, symbols) : null;
    this.stackBase = cpu.mode64() ? 0 : cpu.seg[Cpu.SS].base;
    this.prologue = new Prologue(spaces, symbols);
    long mask = word == 8 ? -1 : word == 4 ? 0xffffffffL : 0xffff;
    this.bp = cpu.r[Cpu.RBP] & mask;
    long ip = cpu.rip & mask;
    add(cpu.mode64() ? ip : cpu.seg[Cpu.CS].base + ip & 0xffffffffL, cpu.r[Cpu.RSP] & mask, "rip", true);
  }

  private void add(long ip, long sp, String method, boolean nextToExecute) {
    exact = nextToExecute;
    // A return address may be the first byte after its function, and after its line.
    long inside = exact ? ip : ip - 1;
    Symbols.Near near = symbols.near(inside);
    String name = near == null ? null : new Symbols.Near(near.name(), near.offset() + (exact ? 0 : 1)).toString();
    frames.add(new FrameView(frames.size(), ip, sp, name, symbols.lines().text(inside), method));
  }

  List<FrameView> frames(int most) {
    while (frames.size() < most && next()) { }
    return List.copyOf(frames);
  }

  private boolean next() {
    FrameView last = frames.getLast();
    boolean kernel = word == 8 && last.ip() < 0;
    if (orc == null || !kernel) {
      return byFramePointer(last);
    }
    // Kernels with ORC have no frame pointers.
    Orc.Entry e = orc.at(exact ? last.ip() : last.ip() - 1);
    return e != null && byOrc(e, last);
  }

  private Long read(long address) {
    return spaces.read(new Address.Linear(stackBase + address), word);
  }

  // ---- frame pointers

  private boolean byFramePointer(FrameView last) {
    if (exact) {
      long at = prologue.returnAddress(last.ip(), last.sp(), word);
      if (at != Prologue.ESTABLISHED) {
        return returns(read(at), at + word, bp) || word == 4 && (interrupted(at) || interrupted(at + word));
      }
    }
    long regs = encoded(last.sp());
    if (regs != 0) {
      return entered(regs, true);
    }
    Long before = read(bp);
    boolean above = Long.compareUnsigned(bp, last.sp()) >= 0;
    if (above && before != null && returns(read(bp + word), bp + 2L * word, before)) {
      return true;
    }
    return word == 4 && last.sp() >= HALF_32 && !exact && entered(last.sp(), false);
  }

  private boolean returns(Long ip, long sp, long before) {
    // Code that ran once may have been overwritten since, like a kernel's initialisation; its name is left.
    if (ip == null || ip == 0 || symbols.near(ip) == null && !called(ip)) {
      return false;
    }
    bp = before;
    add(ip, sp, "frame pointer", false);
    return true;
  }

  /** Whether the instruction before an address is a call: else nobody returns there. */
  private boolean called(long ip) {
    for (int n = SHORTEST_CALL; n <= LONGEST_CALL; n++) {
      var in = code.decode(new Address.Linear(ip - n));
      if (in != null && in.length == n && CALLS.contains(in.row.mnemonic())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where the kernel saved registers if the frame pointer says so: it marks it by an address that no frame has, odd in 64-bit code, with
   * the highest bit off in 32-bit code (arch/x86/include/asm/frame.h ENCODE_FRAME_POINTER).
   */
  private long encoded(long sp) {
    if (word == 8) {
      return sp < 0 && bp < 0 && (bp & 1) != 0 ? bp - 1 : 0;
    }
    boolean marked = word == 4 && sp >= HALF_32 && bp < HALF_32 && (bp | HALF_32) >= sp;
    return marked ? bp | HALF_32 : 0;
  }

  // ---- saved registers

  /**
   * Goes on with what an interrupt, exception or system call interrupted.
   *
   * @param certain whether there are saved registers for sure; else they must look like a program's
   */
  private boolean entered(long regs, boolean certain) {
    Long cs = read(regs + saved.cs);
    Long ss = read(regs + saved.ss);
    boolean user = cs != null && ss != null && (cs & 3) == 3 && (ss & 3) == 3;
    return (certain || user) && entered(cs, read(regs + saved.ip), read(regs + saved.sp), read(regs + saved.bp));
  }

  private boolean entered(Long cs, Long ip, Long sp, Long oldBp) {
    if (cs == null || ip == null || ip == 0 || sp == null || oldBp == null) {
      return false;
    }
    bp = oldBp;
    add(ip, sp, (cs & 3) == 0 ? "saved registers" : "saved registers of the program", true);
    return true;
  }

  /** At the first instruction of a 32-bit handler: what the processor itself has pushed. */
  private boolean interrupted(long at) {
    Long cs = read(at + 4);
    Long flags = read(at + 8);
    boolean user = cs != null && (cs & 3) == 3;
    boolean likely = cs != null && flags != null && cs <= 0xffff && (cs & 4) == 0 && cs > 3 && (flags & FLAGS_FIXED) == FLAGS_SET;
    return likely && entered(cs, read(at), user ? read(at + 12) : Long.valueOf(at + 12), bp);
  }

  // ---- ORC

  private boolean byOrc(Orc.Entry e, FrameView last) {
    Long start = e.start(last.sp(), bp, this::read);
    if (start == null) {
      return false;
    }
    long regs = start;
    return switch (e.type()) {
      case Orc.CALL -> orcFrame(e, read(start - 8), start);
      case Orc.REGS -> entered(regs, true);
      case Orc.REGS_PARTIAL -> entered(read(regs + 8), read(regs), read(regs + 24), bp);
      default -> false;
    };
  }

  private boolean orcFrame(Orc.Entry e, Long ip, long sp) {
    Long before = e.savedBp(sp, bp, this::read);
    if (ip == null || ip == 0 || before == null) {
      return false;
    }
    bp = before;
    add(ip, sp, "orc", false);
    return true;
  }
}
