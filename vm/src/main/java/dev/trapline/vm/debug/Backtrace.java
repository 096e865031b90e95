package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.FrameView;
import java.util.ArrayList;
import java.util.List;

/** The chain of callers: by Linux's ORC tables where the guest has them for an address, else by frame pointers. */
final class Backtrace {
  private final Spaces spaces;
  private final Symbols symbols;
  private final Orc orc;
  private final int word;
  private final List<FrameView> frames = new ArrayList<>();

  Backtrace(Cpu cpu, Spaces spaces, Symbols symbols) {
    this.spaces = spaces;
    this.symbols = symbols;
    this.word = cpu.codeSize().bits / 8;
    this.orc = word == 8 ? Orc.find(spaces, symbols) : null;
    long mask = word == 8 ? -1 : word == 4 ? 0xffffffffL : 0xffff;
    add(cpu.rip & mask, cpu.r[Cpu.RSP] & mask, "rip");
    this.bp = cpu.r[Cpu.RBP] & mask;
    this.stackBase = cpu.mode64() ? 0 : cpu.seg[Cpu.SS].base;
  }

  private final long stackBase;
  private long bp;

  private void add(long ip, long sp, String method) {
    Symbols.Near near = symbols.near(ip);
    frames.add(new FrameView(frames.size(), ip, sp, near == null ? null : near.toString(), method));
  }

  List<FrameView> frames(int most) {
    while (frames.size() < most && next()) { }
    return List.copyOf(frames);
  }

  private boolean next() {
    FrameView last = frames.getLast();
    // A return address may be the first byte after its function, so look up what is before it.
    Orc.Entry e = orc == null ? null : orc.at(last.number() == 0 ? last.ip() : last.ip() - 1);
    return e == null ? byFramePointer(last) : byOrc(e, last);
  }

  private Long read(long address) {
    return spaces.read(new Address.Linear(stackBase + address), word);
  }

  private boolean byFramePointer(FrameView last) {
    Long before = read(bp);
    Long ip = read(bp + word);
    if (before == null || ip == null || ip == 0 || Long.compareUnsigned(bp, last.sp()) < 0) {
      return false;
    }
    long sp = bp + 2L * word;
    bp = before;
    add(ip, sp, "frame pointer");
    return true;
  }

  private boolean byOrc(Orc.Entry e, FrameView last) {
    Long start = e.start(last.sp(), bp, this::read);
    if (start == null) {
      return false;
    }
    long regs = start;
    return switch (e.type()) {
      case Orc.CALL -> orcFrame(e, read(start - 8), start, start);
      case Orc.REGS -> orcEntered(read(regs + 0x88), read(regs + 0x80), read(regs + 0x98), read(regs + 0x20));
      case Orc.REGS_PARTIAL -> orcEntered(read(regs + 8), read(regs), read(regs + 24), bp);
      default -> false;
    };
  }

  private boolean orcFrame(Orc.Entry e, Long ip, long sp, long cfa) {
    Long saved = e.savedBp(cfa, bp, this::read);
    if (ip == null || ip == 0 || saved == null) {
      return false;
    }
    bp = saved;
    add(ip, sp, "orc");
    return true;
  }

  /** An exception or interrupt: goes on with what it interrupted, but not into user code. */
  private boolean orcEntered(Long cs, Long ip, Long sp, Long oldBp) {
    if (cs == null || ip == null || sp == null || oldBp == null || (cs & 3) != 0) {
      return false;
    }
    bp = oldBp;
    add(ip, sp, "orc");
    return true;
  }
}
