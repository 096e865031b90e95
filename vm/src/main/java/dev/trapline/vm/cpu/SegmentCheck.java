package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Access;

/** Limit and type checks of a segmented access outside 64-bit mode (SDM 3A 5.3 to 5.5). */
final class SegmentCheck {
  private SegmentCheck() {}

  static void check(Cpu c, Segment s, int segment, long offset, int bytes, Access access) {
    if (!inside(s, offset, bytes)) {
      throw c.segmentFault(segment);
    }
    if (!c.protectedMode() || c.v86()) {
      return;
    }
    boolean allowed = switch (access) {
      case READ -> !s.isCode() || s.bit1();
      case WRITE -> !s.isCode() && s.bit1();
      case FETCH -> s.isCode();
    };
    if (s.unusable || !allowed) {
      throw s.unusable || segment != Cpu.SS ? c.gp(0) : c.segmentFault(segment);
    }
  }

  /** Whether all bytes lie within the limit, which an expand-down segment has below it (SDM 3A 5.3). */
  static boolean inside(Segment s, long offset, int bytes) {
    boolean expandDown = !s.isCode() && s.bit2();
    long last = offset + bytes - 1;
    return expandDown
        ? offset > s.limit && last <= (s.big() ? 0xffffffffL : 0xffffL)
        : last <= s.limit;
  }
}
