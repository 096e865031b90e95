package dev.trapline.vm.cpu;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.PageWalker;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.svm.ExitCode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The processor's way to memory by linear address: a direct-mapped software TLB for reads and one for writes, one
 * compare on the fast path, everything else (MMIO, page crossing, code pages, missing entries) on the slow path.
 *
 * <p>There is a set of arrays for each view, that is, each combination of privilege that changes rights: supervisor,
 * supervisor with SMAP suspended, user. Switching views is assigning four references.
 */
public final class LinearMemory {
  private static final VarHandle I16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle I32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle I64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  static final int ENTRIES = 4096;
  private static final int MASK = ENTRIES - 1;
  private static final long PAGE_MASK = -4096L;
  /** A tag is a page address with the {@link #epoch} of its filling in the low bits, which is never 0. */
  private static final long EMPTY = 0;
  private static final long LAST_EPOCH = 4095;

  /** Rights a set of TLB entries was filled under. */
  private static final class View {
    final long[] readTag = new long[ENTRIES];
    final long[] writeTag = new long[ENTRIES];
    final long[] fetchTag = new long[ENTRIES];
    final byte[][] readPage = new byte[ENTRIES][];
    final byte[][] writePage = new byte[ENTRIES][];
    final long[] fetchPa = new long[ENTRIES];

    void clear() {
      Arrays.fill(readTag, EMPTY);
      Arrays.fill(writeTag, EMPTY);
      Arrays.fill(fetchTag, EMPTY);
    }

    void flush(long linear) {
      int i = (int) (linear >>> 12) & MASK;
      readTag[i] = EMPTY;
      writeTag[i] = EMPTY;
      fetchTag[i] = EMPTY;
    }
  }

  /** What is remembered of an address space while another one is in use; its entries stay in the arrays. */
  private static final class Space {
    long epoch;
    long flushes;
    long largePages;
    Paging paging = Paging.OFF;
  }

  /** A device was touched in the middle of a block: the engine repeats the instruction alone, with the clock exact. */
  public static final class NeedsExactClock extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NeedsExactClock() {
      super(null, null, false, false);
    }
  }

  private final Cpu cpu;
  private final PhysicalMemory memory;
  private final PageWalker walker;
  private final Walk walk = new Walk();
  private final View[] views = {new View(), new View(), new View(), new View()};
  private View view = views[0];
  private long[] readTag = view.readTag;
  private long[] writeTag = view.writeTag;
  private byte[][] readPage = view.readPage;
  private byte[][] writePage = view.writePage;
  private Paging paging = Paging.OFF;
  private boolean user;
  private boolean ac;
  /** Mask of linear addresses: 32 bits outside 64-bit mode. */
  private long linearMask = 0xffffffffL;
  /**
   * Gigabytes of linear address space in which entries may be pieces of large pages, which one INVLPG drops as a whole: a bit for each
   * value of the address bits 35 to 30.
   */
  private long largePages;
  /** Of the present address space alone. */
  private final GlobalPages globals = new GlobalPages();
  /** Dropping every entry is starting a new epoch: the tags of older ones match nothing. Each address space has its own. */
  private long epoch = 1;
  private long lastEpoch = 1;
  private long flushes;
  private long lastFlush;
  private final Space[] spaces = new Space[Svm.ASIDS];
  private int space;
  private final NeedsExactClock needsExactClock = new NeedsExactClock();
  private DataWatch watch;

  LinearMemory(Cpu cpu, PhysicalMemory memory) {
    this.cpu = cpu;
    this.memory = memory;
    this.walker = new PageWalker(memory);
  }

  public PhysicalMemory physical() {
    return memory;
  }

  public PageWalker walker() {
    return walker;
  }

  public Paging paging() {
    return paging;
  }

  /** Sets the translation regime; the caller flushes as the event demands. */
  void paging(Paging value) {
    this.paging = value;
  }

  /**
   * Selects the view for a privilege level and AC flag, and the linear address width. With alignment checks on, the view is one
   * that stays empty, so that every access takes the slow path.
   */
  void view(boolean user, boolean ac, boolean alignmentChecks, boolean longMode) {
    this.user = user;
    this.ac = ac;
    this.linearMask = longMode ? -1L : 0xffffffffL;
    view = views[alignmentChecks ? 3 : user ? 2 : ac ? 1 : 0];
    readTag = view.readTag;
    writeTag = view.writeTag;
    readPage = view.readPage;
    writePage = view.writePage;
  }

  /** How often entries were dropped: caches keyed by linear address compare it. */
  public long flushes() {
    return flushes;
  }

  /** Who watches data accesses, or null. */
  public DataWatch watch() {
    return watch;
  }

  /** Sets (or with null ends) the watching of data accesses. */
  public void watch(DataWatch value) {
    watch = value;
    flushAll();
  }

  /** Drops every entry of the present address space. */
  public void flush() {
    largePages = 0;
    globals.clear();
    flushLocal();
  }

  /** CR3 was loaded: drops every entry of the present address space but those of global pages. */
  void flushLocal() {
    flushes = ++lastFlush;
    epoch = newEpoch();
  }

  /** Drops every entry of every address space. */
  public void flushAll() {
    for (Space s : spaces) {
      if (s != null) {
        s.epoch = 0;
      }
    }
    flush();
  }

  /** Drops every entry of an address space. */
  public void flushSpace(int asid) {
    if (asid == space) {
      flush();
    } else if (spaces[asid] != null) {
      spaces[asid].epoch = 0;
    }
  }

  private long newEpoch() {
    if (++lastEpoch > LAST_EPOCH) {
      lastEpoch = 1;
      for (View v : views) {
        v.clear();
      }
      for (Space s : spaces) {
        if (s != null) {
          s.epoch = 0;
        }
      }
    }
    return lastEpoch;
  }

  /**
   * Goes on in another address space, 0 for the host's (APM2 15.16): entries of both stay. They were filled under the regime the space
   * was left with; under another one they are dropped, since they hold rights as they were computed then.
   */
  public void enterSpace(int asid, Paging regime) {
    Space from = spaceAt(space);
    from.epoch = epoch;
    from.flushes = flushes;
    from.largePages = largePages;
    from.paging = paging;
    Space to = spaceAt(asid);
    globals.clear();
    space = asid;
    paging = regime;
    if (to.epoch == 0 || !to.paging.equals(regime)) {
      flush();
    } else {
      epoch = to.epoch;
      flushes = to.flushes;
      largePages = to.largePages;
    }
  }

  /** Is shown the TLB: for reads and writes with the frame, for fetches with the physical address and null. */
  public interface TlbVisitor {
    void entry(long linear, Access access, boolean user, boolean ac, byte[] frame, long pa);
  }

  /** The translation regime an address space was left with, or is in. */
  public Paging regime(int asid) {
    return asid == space ? paging : spaceAt(asid).paging;
  }

  /** Shows every entry of an address space, global pages that are only in the second memory of them left out. */
  public void cached(int asid, TlbVisitor to) {
    long valid = asid == space ? epoch : spaceAt(asid).epoch;
    for (int n = 0; valid != 0 && n < 3; n++) {
      View v = views[n];
      shown(v.readTag, valid, n, Access.READ, v.readPage, null, to);
      shown(v.writeTag, valid, n, Access.WRITE, v.writePage, null, to);
      shown(v.fetchTag, valid, n, Access.FETCH, null, v.fetchPa, to);
    }
  }

  /** Shows the global pages of the second memory, which stay when CR3 is loaded. */
  public void cachedGlobals(TlbVisitor to) {
    globals.each(to);
  }

  private static void shown(long[] tags, long valid, int view, Access access, byte[][] frames, long[] pa, TlbVisitor to) {
    for (int i = 0; i < tags.length; i++) {
      if ((tags[i] & ~PAGE_MASK) == valid) {
        to.entry(tags[i] & PAGE_MASK, access, view == 2, view == 1, frames == null ? null : frames[i], pa == null ? 0 : pa[i]);
      }
    }
  }

  private Space spaceAt(int asid) {
    if (spaces[asid] == null) {
      spaces[asid] = new Space();
    }
    return spaces[asid];
  }

  /** Drops the entries of the page an address lies in; all entries if pieces of large pages may be among them. */
  public void flush(long linear) {
    if ((largePages & gigabyte(linear)) != 0) {
      flush();
      return;
    }
    flushes = ++lastFlush;
    globals.drop(linear);
    for (View v : views) {
      v.flush(linear);
    }
  }

  private static long gigabyte(long linear) {
    return 1L << (linear >>> 30);
  }

  /** Drops every writable entry of a frame: it now holds decoded code. */
  public void flushWritable(byte[] frame) {
    for (View v : views) {
      for (int i = 0; i < ENTRIES; i++) {
        if (v.writePage[i] == frame) {
          v.writeTag[i] = EMPTY;
        }
      }
    }
  }

  public int read8(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    if (readTag[i] == (lin & PAGE_MASK | epoch)) {
      return readPage[i][(int) lin & 0xfff] & 0xff;
    }
    return (int) readSlow(lin, 1);
  }

  public int read16(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    if (readTag[i] == (lin + 1 & PAGE_MASK | epoch)) {
      return (short) I16.get(readPage[i], (int) lin & 0xfff) & 0xffff;
    }
    return (int) readSlow(lin, 2);
  }

  /** Zero-extended in the low 32 bits of the result, upper bits clear. */
  public long read32(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    if (readTag[i] == (lin + 3 & PAGE_MASK | epoch)) {
      return (int) I32.get(readPage[i], (int) lin & 0xfff) & 0xffffffffL;
    }
    return readSlow(lin, 4);
  }

  public long read64(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    if (readTag[i] == (lin + 7 & PAGE_MASK | epoch)) {
      return (long) I64.get(readPage[i], (int) lin & 0xfff);
    }
    return readSlow(lin, 8);
  }

  public void write8(long lin, long v) {
    int i = (int) (lin >>> 12) & MASK;
    if (writeTag[i] == (lin & PAGE_MASK | epoch)) {
      writePage[i][(int) lin & 0xfff] = (byte) v;
    } else {
      writeSlow(lin, 1, v);
    }
  }

  public void write16(long lin, long v) {
    int i = (int) (lin >>> 12) & MASK;
    if (writeTag[i] == (lin + 1 & PAGE_MASK | epoch)) {
      I16.set(writePage[i], (int) lin & 0xfff, (short) v);
    } else {
      writeSlow(lin, 2, v);
    }
  }

  public void write32(long lin, long v) {
    int i = (int) (lin >>> 12) & MASK;
    if (writeTag[i] == (lin + 3 & PAGE_MASK | epoch)) {
      I32.set(writePage[i], (int) lin & 0xfff, (int) v);
    } else {
      writeSlow(lin, 4, v);
    }
  }

  public void write64(long lin, long v) {
    int i = (int) (lin >>> 12) & MASK;
    if (writeTag[i] == (lin + 7 & PAGE_MASK | epoch)) {
      I64.set(writePage[i], (int) lin & 0xfff, v);
    } else {
      writeSlow(lin, 8, v);
    }
  }

  /** Reads 16 bytes: returns the low half and leaves the high half in {@link Cpu#high}. */
  public long read128(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    if (readTag[i] == (lin + 15 & PAGE_MASK | epoch)) {
      byte[] page = readPage[i];
      cpu.high = (long) I64.get(page, ((int) lin & 0xfff) + 8);
      return (long) I64.get(page, (int) lin & 0xfff);
    }
    long low = read64(lin);
    cpu.high = read64(lin + 8);
    return low;
  }

  /** Writes 16 bytes; a fault on the second page comes before the first is changed. */
  public void write128(long lin, long low, long high) {
    int i = (int) (lin >>> 12) & MASK;
    if (writeTag[i] == (lin + 15 & PAGE_MASK | epoch)) {
      byte[] page = writePage[i];
      I64.set(page, (int) lin & 0xfff, low);
      I64.set(page, ((int) lin & 0xfff) + 8, high);
      return;
    }
    probeWrite(lin, 16);
    write64(lin, low);
    write64(lin + 8, high);
  }

  /** Reads 1, 2, 4 or 8 bytes, zero-extended. */
  public long read(long lin, int bytes) {
    return switch (bytes) {
      case 1 -> read8(lin);
      case 2 -> read16(lin);
      case 4 -> read32(lin);
      default -> read64(lin);
    };
  }

  /** Writes 1, 2, 4 or 8 bytes. */
  public void write(long lin, int bytes, long v) {
    switch (bytes) {
      case 1 -> write8(lin, v);
      case 2 -> write16(lin, v);
      case 4 -> write32(lin, v);
      default -> write64(lin, v);
    }
  }

  /** The frame of a page the TLB holds for reading in the present view, or null: for copies of many bytes within it. */
  public byte[] cachedForRead(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    return readTag[i] == (lin & PAGE_MASK | epoch) ? readPage[i] : null;
  }

  /** The frame of a page the TLB holds for writing in the present view, or null. */
  public byte[] cachedForWrite(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    return writeTag[i] == (lin & PAGE_MASK | epoch) ? writePage[i] : null;
  }

  /** Reads for a read-modify-write: faults as the write would, before anything is changed. */
  public long readForWrite(long lin, int bytes) {
    int i = (int) (lin >>> 12) & MASK;
    if (writeTag[i] == (lin + bytes - 1 & PAGE_MASK | epoch)) {
      return PhysicalMemory.get(writePage[i], (int) lin & 0xfff, bytes);
    }
    probeWrite(lin, bytes);
    return readSlow(lin, bytes);
  }

  /** Raises the fault a store of {@code bytes} would raise, and changes nothing else but accessed and dirty bits. */
  public void probeWrite(long lin, int bytes) {
    requireCanonicalEnd(lin, bytes);
    if (writeTag[(int) (lin >>> 12) & MASK] == (lin + bytes - 1 & PAGE_MASK | epoch)) {
      return;
    }
    translate(lin & linearMask, Access.WRITE, user);
    long last = lin + bytes - 1 & linearMask;
    if ((last & PAGE_MASK) != (lin & linearMask & PAGE_MASK)) {
      translate(last & PAGE_MASK, Access.WRITE, user);
    }
  }

  /**
   * Reads with supervisor rights whatever the CPL: descriptor tables, TSS, IDT (implicit system accesses, which SMAP
   * forbids on user pages whatever AC says).
   */
  public long readSystem(long lin, int bytes) {
    return readDirect(lin, bytes, false, false);
  }

  /** Writes with supervisor rights whatever the CPL. */
  public void writeSystem(long lin, int bytes, long v) {
    writeDirect(lin, bytes, v, false, false);
  }

  /** Raises the page fault a system write of {@code bytes} would raise. */
  public void probeSystemWrite(long lin, int bytes) {
    lin &= systemMask();
    translate(lin, Access.WRITE, false, false);
    if (((lin + bytes - 1 ^ lin) & PAGE_MASK) != 0) {
      translate(lin + bytes - 1 & systemMask() & PAGE_MASK, Access.WRITE, false, false);
    }
  }

  /** Raises the page fault a system read of {@code bytes} would raise. */
  public void probeSystemRead(long lin, int bytes) {
    lin &= systemMask();
    translate(lin, Access.READ, false, false);
    if (((lin + bytes - 1 ^ lin) & PAGE_MASK) != 0) {
      translate(lin + bytes - 1 & systemMask() & PAGE_MASK, Access.READ, false, false);
    }
  }

  /** Raises the page fault an access with the current rights would raise. */
  void probe(long lin, int bytes, Access access) {
    translate(lin & linearMask, access, user);
    long last = lin + bytes - 1 & linearMask;
    if ((last & PAGE_MASK) != (lin & linearMask & PAGE_MASK)) {
      translate(last & PAGE_MASK, access, user);
    }
  }

  /** Reads a stack with the rights of a privilege level that is not the current one. */
  long readAs(boolean asUser, long lin, int bytes) {
    cpu.noteDataAccess(lin, bytes, Access.READ);
    return readDirect(lin, bytes, asUser, ac);
  }

  /** Writes a stack with the rights of a privilege level that is not the current one. */
  void writeAs(boolean asUser, long lin, int bytes, long v) {
    cpu.noteDataAccess(lin, bytes, Access.WRITE);
    writeDirect(lin, bytes, v, asUser, ac);
  }

  /** System addresses are 64 bits wide in all of long mode, compatibility mode included. */
  private long systemMask() {
    return cpu.longMode() ? -1L : 0xffffffffL;
  }

  private View viewOf(boolean asUser, boolean suspendSmap) {
    return views[asUser ? 2 : suspendSmap ? 1 : 0];
  }

  private long readDirect(long lin, int bytes, boolean asUser, boolean suspendSmap) {
    lin &= systemMask();
    View v = viewOf(asUser, suspendSmap);
    int slot = (int) (lin >>> 12) & MASK;
    if (v.readTag[slot] == (lin + bytes - 1 & PAGE_MASK | epoch)) {
      return PhysicalMemory.get(v.readPage[slot], (int) lin & 0xfff, bytes);
    }
    long low = translate(lin, Access.READ, asUser, suspendSmap);
    if (((lin + bytes - 1 ^ lin) & PAGE_MASK) == 0) {
      return memory.read(low, bytes);
    }
    int first = 4096 - (int) (lin & 0xfff);
    long high = translate(lin + first & systemMask(), Access.READ, asUser, suspendSmap);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= memory.read(i < first ? low + i : high + i - first, 1) << 8 * i;
    }
    return value;
  }

  private void writeDirect(long lin, int bytes, long value, boolean asUser, boolean suspendSmap) {
    lin &= systemMask();
    View v = viewOf(asUser, suspendSmap);
    int slot = (int) (lin >>> 12) & MASK;
    if (v.writeTag[slot] == (lin + bytes - 1 & PAGE_MASK | epoch)) {
      PhysicalMemory.put(v.writePage[slot], (int) lin & 0xfff, bytes, value);
      return;
    }
    long low = translate(lin, Access.WRITE, asUser, suspendSmap);
    if (((lin + bytes - 1 ^ lin) & PAGE_MASK) == 0) {
      memory.write(low, bytes, value);
      return;
    }
    int first = 4096 - (int) (lin & 0xfff);
    long high = translate(lin + first & systemMask(), Access.WRITE, asUser, suspendSmap);
    for (int i = 0; i < bytes; i++) {
      memory.write(i < first ? low + i : high + i - first, 1, value >>> 8 * i);
    }
  }

  /** Physical address an instruction is fetched from; raises the fetch's page fault. */
  public long fetchAddress(long lin) {
    int i = (int) (lin >>> 12) & MASK;
    if (view.fetchTag[i] == (lin & PAGE_MASK | epoch)) {
      return view.fetchPa[i] | lin & 0xfff;
    }
    long pa = translate(lin, Access.FETCH, user);
    view.fetchTag[i] = lin & PAGE_MASK | epoch;
    view.fetchPa[i] = pa & PAGE_MASK;
    return pa;
  }

  private long translate(long lin, Access access, boolean asUser) {
    return translate(lin, access, asUser, ac);
  }

  private long translate(long lin, Access access, boolean asUser, boolean suspendSmap) {
    if (lin >> 47 != lin >> 63) {
      throw cpu.nonCanonicalAccess();
    }
    int kind = GlobalPages.kind(access, asUser, suspendSmap);
    long known = globals.find(lin, kind);
    if (known >= 0) {
      return known;
    }
    walker.walk(paging, lin, access, asUser, suspendSmap, true, walk);
    if (walk.fault >= 0) {
      throw walk.nestedFault != 0 ? cpu.svm.exit(ExitCode.NPF, walk.nestedFault, walk.nestedAddress) : cpu.pageFault(lin, walk.fault);
    }
    if (walk.pageShift > 12) {
      largePages |= gigabyte(lin);
    }
    if (walk.global && (cpu.cr4 & Control.PGE) != 0) {
      globals.add(lin, kind, walk.pa);
    }
    return walk.pa;
  }

  private long readSlow(long lin, int bytes) {
    lin &= linearMask;
    cpu.checkDataAccess(lin, bytes, Access.READ);
    if (((lin + bytes - 1 ^ lin) & PAGE_MASK) != 0) {
      return readAcross(lin, bytes);
    }
    long pa = translate(lin, Access.READ, user);
    byte[] frame = memory.readableFrame(pa);
    if (frame == null) {
      requireExactClock(pa);
      watched(lin, pa, bytes, Access.READ);
      return memory.read(pa, bytes);
    }
    watched(lin, pa, bytes, Access.READ);
    if (mayCache(lin, pa)) {
      int i = (int) (lin >>> 12) & MASK;
      readPage[i] = frame;
      readTag[i] = lin & PAGE_MASK | epoch;
    }
    return PhysicalMemory.get(frame, (int) pa & 0xfff, bytes);
  }

  /** An access that runs over the edge of the canonical addresses faults before its first page is looked at. */
  private void requireCanonicalEnd(long lin, int bytes) {
    long last = lin + bytes - 1 & linearMask;
    if (last >> 47 != last >> 63) {
      throw cpu.nonCanonicalAccess();
    }
  }

  private long readAcross(long lin, int bytes) {
    requireCanonicalEnd(lin, bytes);
    int first = 4096 - (int) (lin & 0xfff);
    long low = translate(lin, Access.READ, user);
    long high = translate(lin + first & linearMask, Access.READ, user);
    watchedAcross(lin, low, high, first, bytes, Access.READ);
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      long pa = i < first ? low + i : high + i - first;
      requireExactClock(pa);
      v |= memory.read(pa, 1) << 8 * i;
    }
    return v;
  }

  private void writeSlow(long lin, int bytes, long v) {
    lin &= linearMask;
    cpu.checkDataAccess(lin, bytes, Access.WRITE);
    if (((lin + bytes - 1 ^ lin) & PAGE_MASK) != 0) {
      writeAcross(lin, bytes, v);
      return;
    }
    long pa = translate(lin, Access.WRITE, user);
    byte[] frame = memory.writableFrame(pa);
    if (frame == null) {
      requireExactClock(pa);
      watched(lin, pa, bytes, Access.WRITE);
      memory.write(pa, bytes, v);
      return;
    }
    watched(lin, pa, bytes, Access.WRITE);
    if (mayCache(lin, pa)) {
      int i = (int) (lin >>> 12) & MASK;
      writePage[i] = frame;
      writeTag[i] = lin & PAGE_MASK | epoch;
    }
    PhysicalMemory.put(frame, (int) pa & 0xfff, bytes, v);
  }

  private void writeAcross(long lin, int bytes, long v) {
    requireCanonicalEnd(lin, bytes);
    int first = 4096 - (int) (lin & 0xfff);
    long low = translate(lin, Access.WRITE, user);
    long high = translate(lin + first & linearMask, Access.WRITE, user);
    watchedAcross(lin, low, high, first, bytes, Access.WRITE);
    for (int i = 0; i < bytes; i++) {
      long pa = i < first ? low + i : high + i - first;
      requireExactClock(pa);
      memory.write(pa, 1, v >>> 8 * i);
    }
  }

  private boolean mayCache(long lin, long pa) {
    return cpu.mayCache(lin) && (watch == null || !watch.watches(lin, pa));
  }

  private void watched(long lin, long pa, int bytes, Access access) {
    if (watch != null) {
      watch.accessed(lin, pa, bytes, access);
    }
  }

  private void watchedAcross(long lin, long low, long high, int first, int bytes, Access access) {
    if (watch != null) {
      watch.accessed(lin, low, first, access);
      watch.accessed(lin + first & linearMask, high, bytes - first, access);
    }
  }

  private void requireExactClock(long pa) {
    if (!cpu.clockExact && memory.isMmio(pa)) {
      throw needsExactClock;
    }
  }
}
