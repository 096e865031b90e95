package dev.trapline.vm.cpu;

/**
 * The stack of an inner privilege level, as call gates and interrupts find it in the TSS (SDM 3A 5.8.5, 6.12.1, 6.14.4).
 *
 * @param descriptor the stack segment, or null for the null SS of long mode
 * @param selector its selector
 * @param frame where to push
 */
record NewStack(Descriptor descriptor, int selector, Frame frame) {
  /** SSn:ESPn of the current 16- or 32-bit TSS. */
  static NewStack fromTask(Cpu c, int cpl, int ext) {
    boolean wide = (c.tr.access & 8) != 0;
    int at = wide ? 4 + 8 * cpl : 2 + 4 * cpl;
    int last = at + (wide ? 5 : 3);
    if (c.tr.unusable || last > c.tr.limit) {
      throw c.raise(Fault.TS, Descriptor.error(c.tr.selector) | ext);
    }
    long sp = c.mem.readSystem(c.tr.base + at, wide ? 4 : 2);
    int ss = (int) c.mem.readSystem(c.tr.base + at + (wide ? 4 : 2), 2);
    if (Segments.isNull(ss)) {
      throw c.raise(Fault.TS, ext);
    }
    Descriptor d = Segments.stackDescriptor(c, ss, cpl, Fault.TS, ext);
    Segment cache = new Segment();
    d.into(cache, ss);
    return new NewStack(d, ss, Frame.in(c, cache, sp, cpl, Descriptor.error(ss) | ext));
  }

  /** RSPn or ISTn of the 64-bit TSS; SS becomes null with the new level as its RPL. */
  static NewStack inLong(Cpu c, int cpl, int ist, int ext) {
    int at = ist != 0 ? 0x1c + 8 * ist : 4 + 8 * cpl;
    if (c.tr.unusable || at + 7 > c.tr.limit) {
      throw c.raise(Fault.TS, Descriptor.error(c.tr.selector) | ext);
    }
    long rsp = c.mem.readSystem(c.tr.base + at, 8);
    if (!FarTransfer.canonical(rsp)) {
      throw c.raise(Fault.SS, ext);
    }
    return new NewStack(null, cpl, Frame.at64(c, rsp, cpl, ext));
  }

  /** Marks the stack segment accessed, which may fault; the descriptor to load. */
  Descriptor marked(Cpu c) {
    return descriptor == null ? null : Segments.markAccessed(c, descriptor);
  }

  /** Loads SS. */
  void install(Cpu c, Descriptor marked) {
    if (marked == null) {
      Segments.loadNull(c.seg[Cpu.SS], selector);
    } else {
      marked.into(c.seg[Cpu.SS], selector);
    }
  }
}
