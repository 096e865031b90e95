package dev.trapline.vm.debug;

/**
 * Whether a function has made its frame already. At its first instruction, and until {@code mov ebp, esp}, and before its {@code ret}, the
 * frame pointer is still or again the caller's.
 */
final class Prologue {
  /** The frame is made: the frame pointer tells. */
  static final long ESTABLISHED = -1;
  private static final int PUSH_BP = 0x55;
  private static final int RET = 0xc3;
  private static final int RET_POPS = 0xc2;
  private static final int LOOKED_AT = 24;
  /** Instructions that do nothing and stand before the frame is made: ENDBR, NOP of several lengths, a patched-out call. */
  private static final int[][] NOTHING = {{0xf3, 0x0f, 0x1e, 0xfa}, {0xf3, 0x0f, 0x1e, 0xfb}, {0x90}, {0x0f, 0x1f, 0x44, 0x00, 0x00},
      {0x3e, 0x8d, 0x74, 0x26, 0x00}, {0x8d, 0x74, 0x26, 0x00}, {0x66, 0x90}};
  private static final int[][] MAKES = {{0x89, 0xe5}, {0x8b, 0xec}, {0x48, 0x89, 0xe5}, {0x48, 0x8b, 0xec}};

  private final Spaces spaces;
  private final Symbols symbols;

  Prologue(Spaces spaces, Symbols symbols) {
    this.spaces = spaces;
    this.symbols = symbols;
  }

  /** Where on the stack the return address of the function at {@code ip} is, or {@link #ESTABLISHED}. */
  long returnAddress(long ip, long sp, int word) {
    byte[] at = spaces.read(new Address.Linear(ip - 1), LOOKED_AT, new boolean[LOOKED_AT]);
    int first = at[1] & 0xff;
    Symbols.Near near = symbols.near(ip);
    if (near != null && near.offset() == 0 || first == RET || first == RET_POPS || pushes(at, 1)) {
      return sp;
    }
    return (at[0] & 0xff) == PUSH_BP && any(at, 1, MAKES) > 0 ? sp + word : ESTABLISHED;
  }

  /** Whether what follows saves the caller's frame pointer and makes a frame. */
  private static boolean pushes(byte[] code, int from) {
    int i = from;
    for (int n = any(code, i, NOTHING); n > 0; n = any(code, i, NOTHING)) {
      i += n;
    }
    return i + 4 < code.length && (code[i] & 0xff) == PUSH_BP && any(code, i + 1, MAKES) > 0;
  }

  /** Length of the pattern that stands at a place, or 0. */
  private static int any(byte[] code, int at, int[][] patterns) {
    for (int[] p : patterns) {
      boolean same = at + p.length <= code.length;
      for (int i = 0; same && i < p.length; i++) {
        same = (code[at + i] & 0xff) == p[i];
      }
      if (same) {
        return p.length;
      }
    }
    return 0;
  }
}
