package dev.trapline.vm.mem;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.event.Instead;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.util.Hash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * The physical address space of one machine: RAM and ROM as 4 KiB frames allocated on first touch, MMIO regions, and
 * nothing elsewhere (reads give all ones and are counted). One range may have shadow RAM behind it, which a chipset puts in place of
 * what stands there for reads, stores or both.
 */
public final class PhysicalMemory implements DmaPort {
  public static final int PAGE = 4096;
  public static final int PAGE_SHIFT = 12;
  private static final VarHandle I16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle I32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle I64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** What stands at an address range. {@code device} is null for RAM and ROM. */
  public record Region(String name, long start, long length, boolean writable, MmioDevice device) {
    public long end() {
      return start + length;
    }
  }

  /** Where frames come from; {@link PhysicalMemory#OWN} makes new ones. */
  public interface FrameSource {
    /** The frame of a page of RAM or ROM, 4096 zeros: asked once for each page. */
    byte[] frame(int page);

    /** The frame of a page of the shadow RAM, counted from its beginning. */
    byte[] shadowFrame(int index);

    /**
     * Whoever uses a page of RAM has given it up; its frame holds zeros now.
     *
     * @return whether the frame is taken: it is asked for again when the page is touched
     */
    default boolean takeBack(int page, byte[] frame) {
      return false;
    }

    /** A page that was given up is going to be used again. */
    default void wanted(int page) {
      // There is a frame when it is asked for.
    }
  }

  /** Frames of the address space's own. */
  public static final FrameSource OWN = new FrameSource() {
    @Override
    public byte[] frame(int page) {
      return new byte[PAGE];
    }

    @Override
    public byte[] shadowFrame(int index) {
      return new byte[PAGE];
    }
  };

  /** An engine with decoded code, or whoever else must hear of stores. */
  public interface CodeListener {
    /** Stores to the frame must be announced from now on: writable TLB entries for it are to be dropped. */
    void codeMarked(byte[] frame);

    /** Bytes that hold decoded code were overwritten, by whatever path. */
    void codeWritten(long pa, int length);

    /** Whether the engine has decoded code from a page. */
    boolean holdsCode(long page);
  }

  private static final byte UNMAPPED = 0;
  private static final byte RAM = 1;
  private static final byte ROM = 2;
  private static final byte MMIO = 3;
  /** Set beside RAM when decoded code was taken from the frame: stores must announce themselves. */
  private static final byte CODE = 4;
  /** Set beside ROM or UNMAPPED when stores go to the shadow RAM behind. */
  private static final byte STORES_TO_SHADOW = 8;

  private static final byte[] ZEROS = new byte[PAGE];
  private static final long ZERO_FRAME = Hash.of(ZEROS);

  private final FrameSource source;
  /** The kind of RAM without decoded code: {@code RAM | CODE} if every store must announce itself. */
  private final byte plainRam;
  private final byte[][] frames;
  private final byte[] kind;
  private final List<Region> regions = new ArrayList<>();
  private CodeListener[] codeListeners = {};
  private final List<Runnable> mapListeners = new ArrayList<>();
  private final List<LongConsumer> discardListeners = new ArrayList<>();
  private int shadowFirst;
  /** Of each page of the shadowed range: the kind of what stands there without shadow RAM. */
  private byte[] outsideKind = {};
  /** Whether the shadow RAM is in {@code frames}, and the other frame of the two in {@code hidden}. */
  private boolean[] shadowed = {};
  private byte[][] hidden = {};
  private EventListener listener;
  private final Unmapped unmapped = new Unmapped();

  /** An empty address space of {@code limit} bytes (a multiple of 4096). */
  public PhysicalMemory(long limit) {
    this(limit, OWN);
  }

  /** An address space on frames that others see too, so every store through it announces itself to the code listeners. */
  public PhysicalMemory(long limit, FrameSource source) {
    int pages = Math.toIntExact(limit >>> PAGE_SHIFT);
    this.source = source;
    this.plainRam = source == OWN ? RAM : RAM | CODE;
    this.frames = new byte[pages][];
    this.kind = new byte[pages];
  }

  /** Adds RAM; start and length are page-aligned; overlap is refused. */
  public void addRam(String name, long start, long length) {
    add(new Region(name, start, length, true, null), plainRam);
  }

  /** Adds ROM: guest stores are dropped and counted. */
  public void addRom(String name, long start, byte[] image) {
    long length = image.length + (long) PAGE - 1 & -PAGE;
    add(new Region(name, start, length, false, null), ROM);
    poke(start, image, 0, image.length);
  }

  /** Adds a device region. */
  public void addMmio(String name, long start, long length, MmioDevice device) {
    add(new Region(name, start, length, true, device), MMIO);
  }

  /** Takes a device region out of the address space. */
  public void removeMmio(String name) {
    for (Region r : List.copyOf(regions)) {
      if (r.device != null && r.name.equals(name)) {
        regions.remove(r);
        java.util.Arrays.fill(kind, (int) (r.start >>> PAGE_SHIFT), (int) (r.end() - 1 >>> PAGE_SHIFT) + 1, UNMAPPED);
      }
    }
  }

  private void add(Region region, byte what) {
    if ((region.start & PAGE - 1) != 0 || (region.length & PAGE - 1) != 0 || region.length <= 0) {
      throw new IllegalArgumentException(region.name + ": regions are whole 4 KiB pages");
    }
    int first = (int) (region.start >>> PAGE_SHIFT);
    int last = Math.toIntExact(region.end() - 1 >>> PAGE_SHIFT);
    for (int p = first; p <= last; p++) {
      if (kind[p] != UNMAPPED) {
        throw new IllegalArgumentException(region.name + ": overlaps " + taken((long) p << PAGE_SHIFT));
      }
      kind[p] = what;
      if (inShadowRange(p)) {
        outsideKind[p - shadowFirst] = what;
      }
    }
    regions.add(region);
  }

  private String taken(long pa) {
    Region r = regionAt(pa);
    return r == null ? "shadow RAM" : r.name;
  }

  // ---- shadow RAM

  /** Puts RAM behind a range of whole pages, for {@link #shadow} to bring forward. A machine has one such range. */
  public void addShadow(long start, long length) {
    int pages = (int) (length >>> PAGE_SHIFT);
    shadowFirst = (int) (start >>> PAGE_SHIFT);
    outsideKind = Arrays.copyOfRange(kind, shadowFirst, shadowFirst + pages);
    shadowed = new boolean[pages];
    hidden = new byte[pages][];
  }

  private boolean inShadowRange(int page) {
    return page >= shadowFirst && page - shadowFirst < shadowed.length;
  }

  /** Whether reads, and whether stores, of a part of the shadowed range go to the RAM behind it. */
  public void shadow(long start, long length, boolean reads, boolean stores) {
    for (int p = (int) (start >>> PAGE_SHIFT); p < start + length >>> PAGE_SHIFT; p++) {
      int i = p - shadowFirst;
      if (shadowed[i] != reads) {
        shadowed[i] = reads;
        byte[] other = hidden[i];
        hidden[i] = frames[p];
        frames[p] = other;
      }
      kind[p] = reads ? stores ? plainRam : ROM : (byte) (outsideKind[i] | (stores ? STORES_TO_SHADOW : 0));
    }
    mapListeners.forEach(Runnable::run);
  }

  /** Adds someone to be told when other bytes may stand at addresses: whatever was remembered of memory is void. */
  public void onMapChanged(Runnable listener) {
    mapListeners.add(listener);
  }

  /** Who hears of every access a device answers; null for nobody. */
  public void listen(EventListener to) {
    this.listener = to;
  }

  private void storeBehind(long pa, int bytes, long value) {
    int i = (int) (pa >>> PAGE_SHIFT) - shadowFirst;
    put(hiddenFrame(i), (int) pa & PAGE - 1, bytes, value);
  }

  private byte[] hiddenFrame(int i) {
    if (hidden[i] == null) {
      hidden[i] = source.shadowFrame(i);
    }
    return hidden[i];
  }

  /** Pages that {@link #contents} counts: all of the address space, then those of the shadow RAM. */
  private int storedPages() {
    return frames.length + hidden.length;
  }

  /** Whether the bytes saved under a page number are not the ones guests see now. */
  private boolean isHidden(int page) {
    return page >= frames.length ? !shadowed[page - frames.length] : inShadowRange(page) && shadowed[page - shadowFirst];
  }

  private int shadowIndex(int page) {
    return page >= frames.length ? page - frames.length : page - shadowFirst;
  }

  private byte[] stored(int page) {
    return isHidden(page) ? hidden[shadowIndex(page)] : frames[page >= frames.length ? page - frames.length + shadowFirst : page];
  }

  private void stored(int page, byte[] wanted) {
    if (isHidden(page)) {
      System.arraycopy(wanted, 0, hiddenFrame(shadowIndex(page)), 0, PAGE);
    } else {
      long visible = page >= frames.length ? page - frames.length + shadowFirst : page;
      poke(visible << PAGE_SHIFT, wanted, 0, PAGE);
    }
  }

  // ---- pages given up

  /** Empties a page of RAM; its frame goes back to where it came from, if that wants it. Other pages stay as they are. */
  public void discard(long pa) {
    int page = (int) (pa >>> PAGE_SHIFT);
    if (!isRam(pa) || inShadowRange(page)) {
      return;
    }
    long start = pa & -PAGE;
    poke(start, ZEROS, 0, PAGE);
    discardListeners.forEach(l -> l.accept(start));
    if (source.takeBack(page, frames[page])) {
      frames[page] = null;
    }
  }

  /** A page that was discarded is going to be used. */
  public void wanted(long pa) {
    source.wanted((int) (pa >>> PAGE_SHIFT));
  }

  /** Adds someone to be told that the frame at an address goes away: ways to it are to be forgotten. */
  public void onDiscarded(LongConsumer listener) {
    discardListeners.add(listener);
  }

  // ---- bus masters

  @Override
  public void read(long pa, byte[] to, int at, int n) {
    peek(pa, to, at, n);
    if (heard(EventKind.DMA)) {
      listener.happened(new Event.Dma(false, pa, n));
    }
  }

  @Override
  public void write(long pa, byte[] from, int at, int n) {
    for (int done = 0; done < n; ) {
      long p = pa + done;
      int part = Math.min(n - done, PAGE - (int) (p & PAGE - 1));
      if (isRam(p)) {
        poke(p, from, at + done, part);
      }
      done += part;
    }
    if (heard(EventKind.DMA)) {
      listener.happened(new Event.Dma(true, pa, n));
    }
  }

  // ---- regions and frames

  /** Regions in the order they were added. */
  public List<Region> regions() {
    return List.copyOf(regions);
  }

  /** The region at an address, or null. */
  public Region regionAt(long pa) {
    for (Region r : regions) {
      if (pa >= r.start && pa < r.end()) {
        return r;
      }
    }
    return null;
  }

  /** Size of the address space in bytes. */
  public long limit() {
    return (long) frames.length << PAGE_SHIFT;
  }

  private byte kindOf(long pa) {
    long page = pa >>> PAGE_SHIFT;
    return page < kind.length ? kind[(int) page] : UNMAPPED;
  }

  /** The frame to read directly, or null if reads at this address need {@link #read}. */
  public byte[] readableFrame(long pa) {
    byte k = kindOf(pa);
    return (k & 3) == RAM || (k & 3) == ROM ? frame(pa) : null;
  }

  /** The frame to write directly, or null if stores need {@link #write} (MMIO, ROM, nothing there, or decoded code). */
  public byte[] writableFrame(long pa) {
    return kindOf(pa) == RAM ? frame(pa) : null;
  }

  /** Whether an address is RAM. */
  public boolean isRam(long pa) {
    return (kindOf(pa) & 3) == RAM;
  }

  /** Whether an address belongs to a device. */
  public boolean isMmio(long pa) {
    return kindOf(pa) == MMIO;
  }

  private byte[] frame(long pa) {
    int page = (int) (pa >>> PAGE_SHIFT);
    byte[] f = frames[page];
    if (f == null) {
      boolean behind = inShadowRange(page) && shadowed[page - shadowFirst];
      f = behind ? source.shadowFrame(page - shadowFirst) : source.frame(page);
      frames[page] = f;
    }
    return f;
  }

  /** Who is shown frames. */
  public interface FrameVisitor {
    void frame(int page, byte[] frame);
  }

  /** Shows every frame there is by now where RAM and ROM are, those that are behind others now included: the frames themselves. */
  public void eachFrame(FrameVisitor visitor) {
    for (Region r : regions) {
      if (r.device == null) {
        shown((int) (r.start >>> PAGE_SHIFT), (int) (r.length >>> PAGE_SHIFT), visitor);
      }
    }
    for (int i = 0; i < shadowed.length; i++) {
      if (outsideKind[i] == UNMAPPED || outsideKind[i] == MMIO) {
        shown(shadowFirst + i, 1, visitor);
      }
      if (hidden[i] != null) {
        visitor.frame(shadowFirst + i, hidden[i]);
      }
    }
  }

  private void shown(int first, int pages, FrameVisitor visitor) {
    for (int page = first; page < first + pages; page++) {
      if (frames[page] != null) {
        visitor.frame(page, frames[page]);
      }
    }
  }

  /** Every frame that is not all zeros, by page number, shadow RAM from the page after the last one up: copies. */
  public SortedMap<Integer, byte[]> contents() {
    SortedMap<Integer, byte[]> out = new TreeMap<>();
    for (int page = 0; page < storedPages(); page++) {
      byte[] f = stored(page);
      if (f != null && Arrays.mismatch(f, ZEROS) >= 0) {
        out.put(page, f.clone());
      }
    }
    return out;
  }

  /**
   * Makes memory hold exactly these frames and zeros elsewhere; decoded code is told.
   *
   * @throws StateException if there is no such page or a frame has another size
   */
  public void contents(Map<Integer, byte[]> pages) {
    pages.forEach((page, bytes) -> {
      if (page < 0 || page >= storedPages() || bytes.length != PAGE) {
        throw new StateException("memory: page " + page + " of " + bytes.length + " bytes; this machine has " + storedPages() + " of " + PAGE);
      }
    });
    for (int page = 0; page < storedPages(); page++) {
      byte[] f = stored(page);
      if (f != null && !Arrays.equals(f, pages.getOrDefault(page, ZEROS))) {
        stored(page, pages.getOrDefault(page, ZEROS));
      }
    }
    pages.forEach((page, wanted) -> {
      if (stored(page) == null && !Arrays.equals(wanted, ZEROS)) {
        stored(page, wanted);
      }
    });
  }

  /** A hash of all RAM and ROM; frames never touched count as zeros, so reading does not change it. */
  public long hash() {
    long sum = 0;
    for (int page = 0; page < storedPages(); page++) {
      byte[] f = stored(page);
      if (f != null) {
        long h = Hash.of(f);
        sum += h == ZERO_FRAME ? 0 : Hash.combine(page, h);
      }
    }
    return sum;
  }

  /** Reads 1, 2, 4 or 8 bytes within one page, zero-extended; device reads have their side effects. */
  public long read(long pa, int bytes) {
    byte[] f = readableFrame(pa);
    if (f != null) {
      return get(f, (int) pa & PAGE - 1, bytes);
    }
    if (kindOf(pa) == MMIO) {
      return load(pa, bytes);
    }
    unmapped.count(pa, false);
    return bytes == 8 ? -1 : (1L << 8 * bytes) - 1;
  }

  private long load(long pa, int bytes) {
    Region r = regionAt(pa);
    boolean heard = heard(EventKind.MMIO);
    Instead instead = heard ? listener.before(new Event.Mmio(false, pa, bytes, 0)) : null;
    long value = instead == null ? r.device.load(pa - r.start, bytes) : instead instanceof Instead.Value v ? v.value() : 0;
    if (heard) {
      listener.happened(new Event.Mmio(false, pa, bytes, value));
    }
    return value;
  }

  private void store(long pa, int bytes, long value) {
    Region r = regionAt(pa);
    boolean heard = heard(EventKind.MMIO);
    Event told = heard ? new Event.Mmio(true, pa, bytes, bytes == 8 ? value : value & (1L << 8 * bytes) - 1) : null;
    if (heard && listener.before(told) != null) {
      return;
    }
    r.device.store(pa - r.start, bytes, value);
    if (heard) {
      listener.happened(told);
    }
  }

  private boolean heard(EventKind kind) {
    return listener != null && listener.wants(kind);
  }

  /** Writes 1, 2, 4 or 8 bytes within one page. */
  public void write(long pa, int bytes, long value) {
    byte k = kindOf(pa);
    if ((k & 3) == RAM) {
      put(frame(pa), (int) pa & PAGE - 1, bytes, value);
      if (k == (RAM | CODE)) {
        codeWritten(pa, bytes);
      }
    } else if (k == MMIO) {
      store(pa, bytes, value);
    } else if ((k & STORES_TO_SHADOW) != 0) {
      storeBehind(pa, bytes, value);
    } else {
      unmapped.count(pa, true);
    }
  }

  /** Copies bytes out without side effects; MMIO and unmapped bytes read as 0xff. */
  public void peek(long pa, byte[] to, int at, int length) {
    for (int done = 0; done < length; ) {
      long p = pa + done;
      int n = Math.min(length - done, PAGE - (int) (p & PAGE - 1));
      byte k = kindOf(p);
      boolean memory = (k & 3) == ROM || (k & 3) == RAM;
      byte[] f = memory ? frames[(int) (p >>> PAGE_SHIFT)] : null;
      if (f != null) {
        System.arraycopy(f, (int) p & PAGE - 1, to, at + done, n);
      } else {
        Arrays.fill(to, at + done, at + done + n, (byte) (memory ? 0 : 0xff));
      }
      done += n;
    }
  }

  /** Copies bytes into RAM or ROM (loaders, DMA, the debugger); decoded code is told. Other kinds are skipped. */
  public void poke(long pa, byte[] from, int at, int length) {
    for (int done = 0; done < length; ) {
      long p = pa + done;
      int n = Math.min(length - done, PAGE - (int) (p & PAGE - 1));
      byte k = kindOf(p);
      if ((k & 3) == ROM || (k & 3) == RAM) {
        System.arraycopy(from, at + done, frame(p), (int) p & PAGE - 1, n);
        if ((k & CODE) != 0) {
          codeWritten(p, n);
        }
      }
      done += n;
    }
  }

  /** Adds an engine to be told about stores to decoded code, one for each processor. */
  public void onCodeWritten(CodeListener listener) {
    codeListeners = Arrays.copyOf(codeListeners, codeListeners.length + 1);
    codeListeners[codeListeners.length - 1] = listener;
  }

  /** Bytes were changed by way of another address space that has the same frames. */
  public void changedBehind(long pa, int length) {
    if ((kindOf(pa) & CODE) != 0) {
      codeWritten(pa, length);
    }
  }

  private void codeWritten(long pa, int length) {
    for (CodeListener l : codeListeners) {
      l.codeWritten(pa, length);
    }
  }

  /** Marks the frame at an address as holding decoded code; all engines drop their writable TLB entries for it. */
  public void markCode(long pa) {
    int page = (int) (pa >>> PAGE_SHIFT);
    if (page < kind.length && kind[page] == RAM) {
      kind[page] = RAM | CODE;
      byte[] frame = frame(pa);
      for (CodeListener l : codeListeners) {
        l.codeMarked(frame);
      }
    }
  }

  /** An engine no longer has decoded code from the frame; stores go unannounced again when none has. */
  public void unmarkCode(long pa) {
    int page = (int) (pa >>> PAGE_SHIFT);
    if (page < kind.length && kind[page] == (RAM | CODE) && plainRam == RAM) {
      for (CodeListener l : codeListeners) {
        if (l.holdsCode(page)) {
          return;
        }
      }
      kind[page] = RAM;
    }
  }

  public boolean isCode(long pa) {
    return kindOf(pa) == (RAM | CODE);
  }

  /** Accesses that nobody answered. */
  public Unmapped unmapped() {
    return unmapped;
  }

  /** Little-endian read of 1, 2, 4 or 8 bytes, zero-extended. */
  public static long get(byte[] f, int offset, int bytes) {
    return switch (bytes) {
      case 1 -> f[offset] & 0xff;
      case 2 -> (short) I16.get(f, offset) & 0xffff;
      case 4 -> (int) I32.get(f, offset) & 0xffffffffL;
      default -> (long) I64.get(f, offset);
    };
  }

  /** Little-endian write of 1, 2, 4 or 8 bytes. */
  public static void put(byte[] f, int offset, int bytes, long value) {
    switch (bytes) {
      case 1 -> f[offset] = (byte) value;
      case 2 -> I16.set(f, offset, (short) value);
      case 4 -> I32.set(f, offset, (int) value);
      default -> I64.set(f, offset, value);
    }
  }
}
