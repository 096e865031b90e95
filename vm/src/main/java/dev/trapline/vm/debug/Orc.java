package dev.trapline.vm.debug;

import java.util.OptionalLong;
import java.util.function.LongFunction;

/**
 * The ORC unwind tables of an x86-64 Linux kernel up to 6.2: sorted addresses, each 32 bits relative to itself, and beside them
 * entries of six bytes: where the caller's stack pointer and RBP are, as offsets from registers.
 */
final class Orc {
  static final int CALL = 0;
  static final int REGS = 1;
  static final int REGS_PARTIAL = 2;
  private static final int ENTRY = 6;
  private static final int PREVIOUS_SP = 1;
  private static final int BP = 4;
  private static final int SP = 5;
  private static final int BP_INDIRECT = 8;
  private static final int SP_INDIRECT = 9;

  /** What to do at an address. Registers are named by the kernel's numbers. */
  record Entry(int spOffset, int bpOffset, int spRegister, int bpRegister, int type) {
    /** The caller's stack pointer, or the saved registers; null if it cannot be known. */
    Long start(long sp, long bp, LongFunction<Long> read) {
      return switch (spRegister) {
        case SP -> sp + spOffset;
        case BP -> bp + spOffset;
        case SP_INDIRECT -> plus(read.apply(sp), spOffset);
        case BP_INDIRECT -> read.apply(bp + spOffset);
        default -> null;
      };
    }

    private static Long plus(Long a, long b) {
      return a == null ? null : Long.valueOf(a + b);
    }

    Long savedBp(long previousSp, long bp, LongFunction<Long> read) {
      return switch (bpRegister) {
        case PREVIOUS_SP -> read.apply(previousSp + bpOffset);
        case BP -> read.apply(bp + bpOffset);
        default -> Long.valueOf(bp);
      };
    }
  }

  private final Spaces spaces;
  private final long addresses;
  private final long entries;
  private final int count;

  private Orc(Spaces spaces, long addresses, long entries, int count) {
    this.spaces = spaces;
    this.addresses = addresses;
    this.entries = entries;
    this.count = count;
  }

  /** The guest's tables by the names their ends have; null if there are none. */
  static Orc find(Spaces spaces, Symbols symbols) {
    OptionalLong from = symbols.address("__start_orc_unwind_ip");
    OptionalLong to = symbols.address("__stop_orc_unwind_ip");
    OptionalLong entries = symbols.address("__start_orc_unwind");
    if (from.isEmpty() || to.isEmpty() || entries.isEmpty() || to.getAsLong() <= from.getAsLong()) {
      return null;
    }
    return new Orc(spaces, from.getAsLong(), entries.getAsLong(), (int) ((to.getAsLong() - from.getAsLong()) / 4));
  }

  private Long read(long address, int bytes) {
    return spaces.read(new Address.Linear(address), bytes);
  }

  private Long address(int i) {
    Long relative = read(addresses + 4L * i, 4);
    return relative == null ? null : Long.valueOf(addresses + 4L * i + relative.intValue());
  }

  /** The entry of the last address at or below one; null outside the kernel's code or where the table says nothing. */
  Entry at(long ip) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = low + high >>> 1;
      Long a = address(middle);
      if (a == null) {
        return null;
      }
      if (Long.compareUnsigned(a, ip) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    Long raw = low == 0 || low == count ? null : read(entries + (long) ENTRY * (low - 1), ENTRY);
    if (raw == null || (raw >> 32 & 15) == 0) {
      return null;
    }
    return new Entry((short) (long) raw, (short) (raw >> 16), (int) (raw >> 32 & 15), (int) (raw >> 36 & 15), (int) (raw >> 40 & 3));
  }
}
