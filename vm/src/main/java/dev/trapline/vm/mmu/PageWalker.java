package dev.trapline.vm.mmu;

import dev.trapline.vm.mem.PhysicalMemory;

/**
 * The one page walker (SDM 3A 4.3 to 4.7): 2-level, PAE and 4-level tables, with and without accessed/dirty updates.
 *
 * <p>A walk that ends in a fault changes nothing: accessed bits are set when the access is known to be allowed, which the
 * manuals leave to the processor.
 *
 * <p>With nested paging (APM2 15.25) the same walk runs in two dimensions: the address of every entry of the guest's tables, and the
 * address they lead to, is translated by the nested tables, each time as a user access; an entry's own access counts as a write.
 */
public final class PageWalker {
  private static final long P = 1;
  private static final long RW = 2;
  private static final long US = 4;
  private static final long A = 0x20;
  private static final long D = 0x40;
  private static final long PS = 0x80;
  private static final long G = 0x100;
  private static final long NX = 1L << 63;
  /** Address bits 51:12 of an 8-byte entry. */
  private static final long ADDRESS = 0xf_ffff_ffff_f000L;

  private final PhysicalMemory memory;

  public PageWalker(PhysicalMemory memory) {
    this.memory = memory;
  }

  /**
   * Walks the tables for one access.
   *
   * @param user whether this is a user-mode access (CPL 3 and not an implicit system access)
   * @param ac EFLAGS.AC, which suspends SMAP for explicit supervisor accesses; false for implicit ones
   * @param update whether accessed and dirty bits are set as the processor would; false leaves memory and devices alone
   * @param out filled with the result; {@code out.fault} is the error code or -1
   */
  public void walk(Paging paging, long linear, Access access, boolean user, boolean ac, boolean update, Walk out) {
    out.clear();
    if (paging.format() == Paging.Format.NONE) {
      identity(linear, out);
      if (paging.nested() != null) {
        toHost(paging, access, update, out);
      }
      return;
    }
    int error = (access == Access.WRITE ? Walk.PF_W : 0) | (user ? Walk.PF_U : 0)
        | (access == Access.FETCH && reportsFetch(paging) ? Walk.PF_I : 0);
    out.fault = error;
    int leaf = descend(paging, linear, update, out);
    if (leaf == 0) {
      return;
    }
    if (!allowed(paging, access, user, ac, out)) {
      out.fault = error | Walk.PF_P;
      return;
    }
    if (paging.nested() != null && !toHost(paging, access, update, out)) {
      return;
    }
    out.fault = -1;
    out.dirty = (out.entry[leaf] & D) != 0;
    if (update) {
      markUsed(paging, leaf, access == Access.WRITE, out);
    }
  }

  /** Translates the guest-physical address the walk came to; false after completing a nested page fault. */
  private boolean toHost(Paging paging, Access access, boolean update, Walk out) {
    long gpa = out.pa;
    long host = nested(paging, gpa, access, update, Walk.NPF_FINAL, out);
    out.pa = host;
    return host >= 0;
  }

  /**
   * Translates a guest-physical address by the nested tables.
   *
   * @param what the bit of EXITINFO1 that says what the address was for
   * @return the host-physical address, or -1 after completing the nested page fault
   */
  private long nested(Paging paging, long gpa, Access access, boolean update, long what, Walk out) {
    Walk in = out.inner();
    boolean beyond = paging.nested().format() != Paging.Format.FOUR_LEVEL && gpa >>> 32 != 0;
    if (beyond) {
      in.fault = (access == Access.WRITE ? Walk.PF_W : 0) | Walk.PF_U;
    } else {
      walk(paging.nested(), gpa, access, true, false, update, in);
    }
    if (in.fault >= 0) {
      out.fault = Math.max(out.fault, 0);
      out.nestedFault = what | in.fault;
      out.nestedAddress = gpa;
      return -1;
    }
    return in.pa;
  }

  private static void identity(long linear, Walk out) {
    out.fault = -1;
    out.pa = linear;
    out.gpa = linear;
    out.pageShift = 30;
    out.writable = true;
    out.user = true;
    out.executable = true;
    out.global = false;
    out.dirty = true;
  }

  /** SDM 3A 4.7: the I/D bit is reported only where something can forbid fetching. */
  private static boolean reportsFetch(Paging paging) {
    return paging.smep() || paging.nx() && paging.format() != Paging.Format.TWO_LEVEL;
  }

  /** Follows the tables down to the leaf and collects the rights; returns its level, or 0 after completing {@code out.fault}. */
  private int descend(Paging paging, long linear, boolean update, Walk out) {
    boolean twoLevel = paging.format() == Paging.Format.TWO_LEVEL;
    int bitsPerLevel = twoLevel ? 10 : 9;
    int entryBytes = twoLevel ? 4 : 8;
    int level = paging.format() == Paging.Format.FOUR_LEVEL ? 4 : 2;
    long table = paging.root();
    if (paging.format() == Paging.Format.PAE) {
      table = paging.nested() == null ? pdpte(paging, linear, out) : pdpteInMemory(paging, linear, update, out);
      if (table < 0) {
        return 0;
      }
    }
    out.top = level;
    long rights = RW | US;
    long forbid = 0;
    while (true) {
      int shift = 12 + bitsPerLevel * (level - 1);
      long at = table + (linear >>> shift & (1 << bitsPerLevel) - 1) * entryBytes;
      long host = paging.nested() == null ? at : nested(paging, at, Access.WRITE, update, Walk.NPF_TABLE, out);
      if (host < 0) {
        return 0;
      }
      out.entryHost[level] = host;
      long e = read(host, entryBytes, update);
      out.step(level, at, e);
      if ((e & P) == 0) {
        return 0;
      }
      boolean large = (e & PS) != 0 && (twoLevel ? level == 2 && paging.pse() : level == 2 || level == 3);
      if ((e & reserved(paging, level, large)) != 0) {
        out.fault |= Walk.PF_P | Walk.PF_RSVD;
        return 0;
      }
      rights &= e;
      forbid |= e;
      if (large || level == 1) {
        finish(out, linear, e, shift, twoLevel, rights, forbid);
        return level;
      }
      table = e & ADDRESS;
      level--;
    }
  }

  /** The page-directory address a PDPTE register gives, or -1 if it is not present. */
  private static long pdpte(Paging paging, long linear, Walk out) {
    int index = (int) (linear >>> 30 & 3);
    long e = paging.pdptes().at(index);
    out.step(3, paging.root() + 8 * index, e);
    return (e & P) == 0 ? -1 : e & ADDRESS;
  }

  /** With nested paging the PDPTEs are read, and checked, as part of the walk (APM2 15.25.10). */
  private long pdpteInMemory(Paging paging, long linear, boolean update, Walk out) {
    long at = paging.root() + 8 * (linear >>> 30 & 3);
    long host = nested(paging, at, Access.WRITE, update, Walk.NPF_TABLE, out);
    if (host < 0) {
      return -1;
    }
    long e = read(host, 8, update);
    out.step(3, at, e);
    if ((e & P) != 0 && (e & Paging.pdpteReserved(paging.maxPhysBits())) != 0) {
      out.fault |= Walk.PF_P | Walk.PF_RSVD;
      return -1;
    }
    return (e & P) == 0 ? -1 : e & ADDRESS;
  }

  private static void finish(Walk out, long linear, long e, int shift, boolean twoLevel, long rights, long forbid) {
    long offsetMask = (1L << shift) - 1;
    long frame = e & ADDRESS & ~offsetMask;
    if (twoLevel && shift == 22) {
      frame |= (e & 0x1fe000) << 19; // PSE-36: bits 20:13 are address bits 39:32
    }
    out.pa = frame | linear & offsetMask;
    out.gpa = out.pa;
    out.pageShift = shift;
    out.writable = (rights & RW) != 0;
    out.user = (rights & US) != 0;
    out.executable = twoLevel || (forbid & NX) == 0;
    out.global = (e & G) != 0;
  }

  /** Bits that must be zero in a present entry (SDM 3A 4.3 to 4.5; APM2 5.3 for bit 8 of upper entries, which AMD reserves). */
  private static long reserved(Paging paging, int level, boolean large) {
    int max = paging.maxPhysBits();
    if (paging.format() == Paging.Format.TWO_LEVEL) {
      return large ? 0x200000 | 0x1fe000L << Math.max(0, Math.min(40, max) - 32) & 0x1fe000 : 0;
    }
    boolean fourLevel = paging.format() == Paging.Format.FOUR_LEVEL;
    long high = -1L << max & (fourLevel ? 0xf_ffff_ffff_ffffL : ~NX);
    long common = paging.nx() ? high : high | NX;
    return common | switch (level) {
      case 4 -> PS | G;
      case 3 -> large ? 0x3fffe000L : G;
      case 2 -> large ? 0x1fe000 : 0;
      default -> 0;
    };
  }

  /** SDM 3A 4.6.1. */
  private static boolean allowed(Paging paging, Access access, boolean user, boolean ac, Walk out) {
    if (user) {
      return out.user && switch (access) {
        case READ -> true;
        case WRITE -> out.writable;
        case FETCH -> out.executable;
      };
    }
    boolean smap = paging.smap() && out.user && !ac;
    return switch (access) {
      case READ -> !smap;
      case WRITE -> !smap && (out.writable || !paging.wp());
      case FETCH -> out.executable && !(paging.smep() && out.user);
    };
  }

  /** Sets accessed bits from the top down, and the leaf's dirty bit for a write (SDM 3A 4.8). */
  private void markUsed(Paging paging, int leaf, boolean write, Walk out) {
    int bytes = paging.format() == Paging.Format.TWO_LEVEL ? 4 : 8;
    for (int level = out.top; level >= leaf; level--) {
      long e = out.entry[level];
      long marked = e | A | (write && level == leaf ? D : 0);
      if (marked != e) {
        memory.write(out.entryHost[level], bytes, marked);
      }
    }
    out.dirty |= write;
  }

  private long read(long pa, int bytes, boolean sideEffects) {
    if (sideEffects) {
      return memory.read(pa, bytes);
    }
    byte[] b = new byte[bytes];
    memory.peek(pa, b, 0, bytes);
    return PhysicalMemory.get(b, 0, bytes);
  }
}
