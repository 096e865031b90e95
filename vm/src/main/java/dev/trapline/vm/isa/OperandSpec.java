package dev.trapline.vm.isa;

/**
 * One operand of a row in the manuals' notation (SDM 2D appendix A.2): a letter for where it is and a letter
 * for how wide it is ({@code Ev}, {@code Gb}, {@code Iz}, {@code Wdq}), or the name of a fixed register.
 *
 * <p>Places: {@code E} ModRM general register or memory, {@code R} the same, register only, {@code M} the same,
 * memory only, {@code G} ModRM.reg general register, {@code Z} register in the opcode's low three bits,
 * {@code I} immediate, {@code J} relative branch, {@code A} far pointer, {@code O} moffs, {@code S C D} segment,
 * control and debug register in ModRM.reg, {@code V} XMM in ModRM.reg, {@code W} XMM or memory, {@code U} XMM
 * register only, {@code P Q N} the same for MMX, {@code X} DS:rSI, {@code Y} ES:rDI.
 *
 * <p>Sizes: {@code b w d q dq t} 8, 16, 32, 64, 128, 80 bits; {@code v} operand size; {@code z} operand size, at most 32;
 * {@code y} 64 with a 64-bit operand size, else 32; {@code m} 64 in 64-bit mode, else 32 (CRn, DRn, far and descriptor forms);
 * {@code bs} an immediate byte sign-extended to the operand size; {@code p} far pointer in memory (16 + operand size);
 * {@code s} pseudo-descriptor (6 or 10 bytes); {@code a} BOUND pair; {@code n} no data (LEA, INVLPG, PREFETCH);
 * {@code e14 e94 fx xs} environment and state images of 14/28, 94/108, 512 and variable bytes.
 *
 * <p>Fixed: {@code AL CL AX DX EAX rAX eAX} ({@code rAX} has operand size, {@code eAX} at most 32 bits, {@code aAX} address size),
 * {@code ES CS SS DS FS GS}, {@code 1}, {@code ST0}, {@code STi} (x87 register in ModRM.rm), {@code XMM0}.
 */
public record OperandSpec(String text, Place place, String size, int fixed) {
  /** Where the operand is found. */
  public enum Place {
    E, R, M, G, Z, I, J, A, O, S, C, D, V, W, U, P, Q, N, X, Y, FIXED_GPR, FIXED_SEG, FIXED_ST, ST_I, FIXED_XMM, ONE;

    /** Whether a ModRM byte is needed to find it. */
    public boolean needsModRm() {
      return switch (this) {
        case E, R, M, G, S, C, D, V, W, U, P, Q, N, ST_I -> true;
        default -> false;
      };
    }

    /** Whether ModRM.rm must name a register. */
    public boolean registerOnly() {
      return this == R || this == U || this == N || this == ST_I;
    }

    /** Whether it sits in ModRM.rm and may be memory. */
    public boolean mayBeMemory() {
      return this == E || this == M || this == W || this == Q;
    }
  }

  private static final java.util.Map<String, OperandSpec> FIXED = fixedOperands();

  /** Parses the notation above; an unknown one is an {@link IllegalArgumentException} naming it. */
  public static OperandSpec parse(String text) {
    OperandSpec known = FIXED.get(text);
    if (known != null) {
      return known;
    }
    Place place = Place.valueOf(text.substring(0, 1));
    String size = text.substring(1);
    if (!SIZES.contains(size)) {
      throw new IllegalArgumentException("operand " + text + ": unknown size '" + size + "'");
    }
    return new OperandSpec(text, place, size, -1);
  }

  private static final java.util.Set<String> SIZES = java.util.Set.of("b", "w", "d", "q", "dq", "t", "v", "z", "y", "m",
      "bs", "p", "s", "a", "n", "e14", "e94", "fx", "xs");

  private static java.util.Map<String, OperandSpec> fixedOperands() {
    var map = new java.util.HashMap<String, OperandSpec>();
    record F(String name, Place place, String size, int index) {}
    for (F f : new F[] {
        new F("AL", Place.FIXED_GPR, "b", 0), new F("CL", Place.FIXED_GPR, "b", 1), new F("AX", Place.FIXED_GPR, "w", 0),
        new F("DX", Place.FIXED_GPR, "w", 2), new F("EAX", Place.FIXED_GPR, "d", 0), new F("rAX", Place.FIXED_GPR, "v", 0),
        new F("eAX", Place.FIXED_GPR, "z", 0), new F("aAX", Place.FIXED_GPR, "addr", 0), new F("1", Place.ONE, "b", 1),
        new F("ST0", Place.FIXED_ST, "t", 0), new F("STi", Place.ST_I, "t", 0), new F("XMM0", Place.FIXED_XMM, "dq", 0)}) {
      map.put(f.name, new OperandSpec(f.name, f.place, f.size, f.index));
    }
    String[] segments = {"ES", "CS", "SS", "DS", "FS", "GS"};
    for (int i = 0; i < 6; i++) {
      map.put(segments[i], new OperandSpec(segments[i], Place.FIXED_SEG, "w", i));
    }
    return java.util.Map.copyOf(map);
  }

  /**
   * Width in bits of the value under the given sizes; 0 for no data.
   *
   * @param opBits effective operand size
   * @param addrBits effective address size
   * @param mode64 whether the processor is in 64-bit mode
   */
  public int bits(int opBits, int addrBits, boolean mode64) {
    return switch (size) {
      case "b" -> 8;
      case "w" -> 16;
      case "d" -> 32;
      case "q" -> 64;
      case "dq" -> 128;
      case "t" -> 80;
      case "v", "bs" -> opBits;
      case "z" -> Math.min(opBits, 32);
      case "y" -> opBits == 64 ? 64 : 32;
      case "m" -> mode64 ? 64 : 32;
      case "p" -> opBits + 16;
      case "s" -> mode64 ? 80 : 48;
      case "a" -> 2 * opBits;
      case "n" -> 0;
      case "e14" -> opBits == 16 ? 14 * 8 : 28 * 8;
      case "e94" -> opBits == 16 ? 94 * 8 : 108 * 8;
      case "fx" -> 512 * 8;
      case "xs" -> 0;
      case "addr" -> addrBits;
      default -> throw new IllegalStateException(size);
    };
  }
}
