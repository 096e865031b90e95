package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest's nested page table (APM2 15.25): guest-physical to host-physical in the 4-level format, as bytes in frames of the monitor. It is
 * filled when the guest touches a page.
 */
final class NestedTable {
  private static final long P = 1;
  private static final long RW = 2;
  private static final long US = 4;
  private static final long A = 0x20;
  private static final long D = 0x40;
  private static final long ADDRESS = 0xf_ffff_ffff_f000L;

  private final FrameTable frames;
  private final Owner owner;
  private final Account account;
  private final List<Long> tables = new ArrayList<>();
  private final long root;

  NestedTable(FrameTable frames, String guest, Account account) {
    this.frames = frames;
    this.owner = new Owner.Monitor("nested table of " + guest);
    this.account = account;
    this.root = table();
  }

  private long table() {
    long pa = frames.take(owner);
    account.charge(Cost.TABLE, 1);
    tables.add(pa);
    return pa;
  }

  /** Host-physical address of the top table. */
  long root() {
    return root;
  }

  /** Maps one page; every access of a nested walk is a user access. */
  void map(long gpa, long hpa, boolean writable) {
    PhysicalMemory memory = frames.memory();
    long table = root;
    for (int level = 4; level > 1; level--) {
      long at = entry(table, gpa, level);
      long e = memory.read(at, 8);
      if ((e & P) == 0) {
        e = table() | P | RW | US | A;
        memory.write(at, 8, e);
      }
      table = e & ADDRESS;
    }
    memory.write(entry(table, gpa, 1), 8, hpa & ADDRESS | P | US | A | (writable ? RW | D : 0));
    account.charge(Cost.FILL, 1);
  }

  /** Unmaps one page; whether it was mapped. The caller flushes. */
  boolean unmap(long gpa) {
    PhysicalMemory memory = frames.memory();
    long e = root | P;
    long at = 0;
    for (int level = 4; level > 0 && (e & P) != 0; level--) {
      at = entry(e & ADDRESS, gpa, level);
      e = memory.read(at, 8);
    }
    boolean mapped = (e & P) != 0;
    if (mapped) {
      memory.write(at, 8, 0);
      account.charge(Cost.ZAP, 1);
    }
    return mapped;
  }

  private static long entry(long table, long gpa, int level) {
    return table + (gpa >>> 12 + 9 * (level - 1) & 0x1ff) * 8;
  }

  /** Unmaps everything; the tables below the top one are given back. */
  void clear() {
    tables.stream().filter(t -> t != root).forEach(frames::release);
    tables.removeIf(t -> t != root);
    frames.memory().poke(root, new byte[PhysicalMemory.PAGE], 0, PhysicalMemory.PAGE);
    account.charge(Cost.ZAP, 1);
  }

  void release() {
    tables.forEach(frames::release);
    tables.clear();
  }
}
