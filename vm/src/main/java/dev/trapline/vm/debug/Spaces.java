package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import java.util.Arrays;

/**
 * Addresses from one space to the next, and memory by any of them, without side effects and without regard to access rights.
 */
final class Spaces {
  /** Accessed and Dirty: what the processor itself has changed (SDM 3A 4.8). */
  private static final long USED = 0x60;
  private static final long DIRECTORY = 0xffffffffff000L;
  private final Cpu cpu;
  private final Walk quick = new Walk();
  private final byte[] eight = new byte[8];
  private long fetched;
  /** Null on a bare machine. */
  private final PhysicalMemory host;

  /** On a bare machine. */
  Spaces(Cpu cpu) {
    this(cpu, null);
  }

  Spaces(Cpu cpu, PhysicalMemory host) {
    this.cpu = cpu;
    this.host = host;
  }

  /** The memory a physical or host-physical address is in. */
  private PhysicalMemory memory(Address a) {
    if (a instanceof Address.Host && host == null) {
      throw new BadInput(a + ": host-physical memory is a monitor's; on the bare machine write p:0x" + Long.toHexString(a.number()));
    }
    return a instanceof Address.Host ? host : cpu.mem.physical();
  }

  /** The linear address of a virtual or linear one; a physical one has none. */
  long linear(Address address) {
    return switch (address) {
      case Address.Virtual v -> v.selector() == Address.Virtual.NO_SELECTOR ? cut(v.offset()) : cut(base(v.selector()) + v.offset());
      case Address.Linear l -> cut(l.address());
      case Address.Physical p -> throw new BadInput(p + " is physical: a linear address is needed here");
      case Address.Host h -> throw new BadInput(h + " is host-physical: a linear address is needed here");
    };
  }

  private long cut(long linear) {
    return cpu.longMode() ? linear : linear & 0xffffffffL;
  }

  /** The base a selector stands for now: of a loaded segment, in real mode times sixteen, else from its descriptor. */
  private long base(int selector) {
    if (!cpu.protectedMode() || cpu.v86()) {
      return (long) selector << 4;
    }
    for (var s : cpu.seg) {
      if (s.selector == selector && !s.unusable) {
        return s.base;
      }
    }
    boolean local = (selector & 4) != 0;
    long table = local ? cpu.ldtr.base : cpu.gdtBase;
    long limit = local ? cpu.ldtr.limit : cpu.gdtLimit;
    long at = selector & ~7L;
    Long raw = at + 7 <= limit ? read(new Address.Linear(table + at), 8) : null;
    if (raw == null) {
      throw new BadInput("selector 0x%x is outside the %s (limit 0x%x)".formatted(selector, local ? "LDT" : "GDT", limit));
    }
    return Descriptors.base(raw);
  }

  /** The walk of a linear address with supervisor rights, every step kept, nothing changed. */
  Walk walk(long linear, Access access, boolean user) {
    Walk walk = Walk.recording();
    cpu.mem.walker().walk(cpu.mem.paging(), linear, access, user, true, false, walk);
    return walk;
  }

  /** The physical address, or -1 if nothing is mapped. */
  long physical(Address address) {
    if (address.unpaged()) {
      return address.number();
    }
    Walk w = walk(linear(address), Access.READ, false);
    return w.fault >= 0 ? -1 : w.pa;
  }

  /** Physical address of the page tables in use. */
  long root() {
    return cpu.mem.paging().root();
  }

  /** The entry for a linear address in a page directory, in 32-bit paging; with PAE the one below the four pointers at the root. */
  long directoryEntry(long root, long linear) {
    if (cpu.mem.paging().format() != Paging.Format.PAE) {
      return entry(root + 4 * (linear >>> 22), 4);
    }
    long directory = entry(root + 8 * (linear >>> 30), 8) & DIRECTORY;
    return entry(directory + 8 * (linear >>> 21 & 511), 8);
  }

  private long entry(long physical, int bytes) {
    Long v = read(new Address.Physical(physical), bytes);
    return v == null ? -1 : v & ~USED;
  }

  /** Reads a range; {@code readable[i]} says whether byte i exists. */
  byte[] read(Address from, int length, boolean[] readable) {
    byte[] out = new byte[length];
    for (int done = 0; done < length; ) {
      Address a = from.plus(done);
      long pa = physical(a);
      long low = a.unpaged() ? a.number() : linear(a);
      int n = Math.min(length - done, 4096 - (int) (low & 0xfff));
      PhysicalMemory in = memory(a);
      boolean there = pa >= 0 && in.regionAt(pa) != null && !in.isMmio(pa);
      if (there) {
        in.peek(pa, out, done, n);
        Arrays.fill(readable, done, done + n, true);
      }
      done += n;
    }
    return out;
  }

  /** A little-endian value of 1 to 8 bytes, or null if a byte of it cannot be read. */
  Long read(Address from, int bytes) {
    boolean[] readable = new boolean[bytes];
    byte[] b = read(from, bytes, readable);
    long v = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      if (!readable[i]) {
        return null;
      }
      v = v << 8 | b[i] & 0xff;
    }
    return v;
  }

  /** Reads a little-endian value of 1 to 8 bytes at a linear address without allocating; {@link #fetched} has it then. */
  boolean fetch(long linear, int bytes) {
    for (int done = 0; done < bytes; ) {
      long at = cut(linear + done);
      int n = Math.min(bytes - done, 4096 - (int) (at & 0xfff));
      cpu.mem.walker().walk(cpu.mem.paging(), at, Access.READ, false, true, false, quick);
      if (quick.fault >= 0 || quick.nestedFault != 0 || cpu.mem.physical().regionAt(quick.pa) == null
          || cpu.mem.physical().isMmio(quick.pa)) {
        return false;
      }
      cpu.mem.physical().peek(quick.pa, eight, done, n);
      done += n;
    }
    fetched = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      fetched = fetched << 8 | eight[i] & 0xff;
    }
    return true;
  }

  /** What {@link #fetch} read last. */
  long fetched() {
    return fetched;
  }

  /** Writes bytes to consecutive physical addresses. */
  interface Poke {
    void at(long pa, byte[] bytes);
  }

  /** Writes bytes wherever the address leads, past access rights; all or nothing. */
  void write(Address to, byte[] bytes, Poke poke) {
    if (to instanceof Address.Host) {
      throw new BadInput(to + ": host-physical memory is the monitor's and only to be looked at; write p: or v: of a guest");
    }
    for (int i = 0; i < bytes.length; i++) {
      long pa = physical(to.plus(i));
      if (pa < 0 || !cpu.mem.physical().isRam(pa)) {
        throw new BadInput("cannot write " + to.plus(i) + ": " + (pa < 0 ? "not mapped" : "no RAM there"));
      }
    }
    int done = 0;
    while (done < bytes.length) {
      int n = 1;
      while (done + n < bytes.length && physical(to.plus(done + n)) == physical(to.plus(done)) + n) {
        n++;
      }
      poke.at(physical(to.plus(done)), Arrays.copyOfRange(bytes, done, done + n));
      done += n;
    }
  }
}
