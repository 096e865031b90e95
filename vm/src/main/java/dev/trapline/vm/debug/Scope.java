package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import java.util.StringJoiner;

/**
 * Where a breakpoint counts, beside its processor.
 *
 * @param guest name of the guest, or null for any
 * @param cpl privilege level as the guest sees it, or -1 for any
 * @param cr3 page frame of the address space, or -1 for any; the low twelve bits do not matter
 */
public record Scope(String guest, int cpl, long cr3) {
  public static final Scope ANY = new Scope(null, -1, -1);
  private static final int FRAME = 12;

  public Scope {
    if (cpl < -1 || cpl > 3) {
      throw new BadInput("--cpl " + cpl + ": 0 to 3");
    }
  }

  boolean holds(String name, Cpu c) {
    return (guest == null || guest.equals(name)) && (cpl < 0 || cpl == c.cpl) && (cr3 == -1 || cr3 >>> FRAME == c.cr3 >>> FRAME);
  }

  @Override
  public String toString() {
    var all = new StringJoiner(" ");
    if (guest != null) {
      all.add("guest=" + guest);
    }
    if (cpl >= 0) {
      all.add("cpl=" + cpl);
    }
    if (cr3 != -1) {
      all.add("cr3=0x" + Long.toHexString(cr3));
    }
    return all.toString();
  }
}
