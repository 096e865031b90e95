package dev.trapline.vm.isa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One instruction form: everything Trapline knows about it.
 *
 * <p>The encoding is in the notation of SDM 2A 3.1.1.1: hexadecimal opcode bytes with escapes ({@code 0F}, {@code 0F 38}, {@code
 * 0F 3A}) and an optional mandatory prefix in front ({@code NP} none allowed, {@code 66}, {@code F2}, {@code F3}); {@code /r} or
 * {@code /0} to {@code /7} for ModRM; {@code 50+r} for a register in the opcode; a further byte after an opcode that takes ModRM
 * is a fixed ModRM byte ({@code 0F 01 D8}, {@code D9 E8}). {@code W0}, {@code W1}, {@code o16}, {@code o32}, {@code o64}, {@code a16},
 * {@code a32}, {@code a64} restrict REX.W, effective operand size and effective address size; {@code noB} forbids REX.B.
 * Rows are tried in table order: a special case (NOP, which is XCHG of AX with itself) stands before the general one.
 */
public final class Row {
  /** Mandatory prefix of an encoding. */
  public enum Prefix { ANY, NP, P66, F2, F3 }

  /** Opcode map: one byte, 0F, 0F 38, 0F 3A. */
  public enum OpMap { ONE, ESC_0F, ESC_0F38, ESC_0F3A }

  /** Position in the instruction set; -1 before the set is built. */
  int id = -1;
  private final String encoding;
  private final String mnemonic;
  private final List<OperandSpec> operands;
  private final Set<Attr> attrs;
  private final FlagRule flagRule;
  private final int flagsWritten;
  private final int flagsUndefined;
  private final int flagsRead;
  private final int condition;
  private final Feature feature;
  private final Intercept intercept;
  private final Sem checks;
  private final Sem sem;
  private final String spec;
  private final Encoding enc;
  /** What ModRM.rm may be, from the operands: asked for at every decode. */
  final boolean memoryOnly;
  final boolean registerOnly;
  final boolean mayBeMemory;

  Row(Builder<?> b) {
    this.encoding = b.encoding;
    this.mnemonic = b.mnemonic;
    this.operands = List.copyOf(b.operands);
    this.attrs = b.attrs.isEmpty() ? EnumSet.noneOf(Attr.class) : EnumSet.copyOf(b.attrs);
    this.flagRule = b.flagRule;
    this.flagsWritten = b.written >= 0 ? b.written : b.flagRule.written;
    this.flagsUndefined = b.undefined >= 0 ? b.undefined : b.flagRule.undefined;
    this.flagsRead = b.read;
    this.condition = b.condition;
    this.feature = b.feature;
    this.intercept = b.intercept;
    this.checks = b.checks;
    this.sem = b.sem;
    this.spec = b.spec;
    this.enc = Encoding.parse(encoding, operands);
    this.memoryOnly = operands.stream().anyMatch(o -> o.place() == OperandSpec.Place.M);
    // MOV to and from control and debug registers takes ModRM.rm as a register whatever ModRM.mod says (SDM 2B MOV).
    this.registerOnly = operands.stream().anyMatch(o -> o.place().registerOnly() && !o.text().equals("Rm"));
    this.mayBeMemory = operands.stream().anyMatch(o -> o.place().mayBeMemory());
  }

  /** Position in its {@link InstructionSet}: dense, stable for one build. */
  public int id() {
    return id;
  }

  public String encoding() {
    return encoding;
  }

  /** Lower case, as assembler and disassembler write it in Intel syntax. */
  public String mnemonic() {
    return mnemonic;
  }

  public List<OperandSpec> operands() {
    return operands;
  }

  public boolean is(Attr attr) {
    return attrs.contains(attr);
  }

  public FlagRule flagRule() {
    return flagRule;
  }

  /** RFLAGS bits this row may write. */
  public int flagsWritten() {
    return flagsWritten;
  }

  /** RFLAGS bits whose value is undefined afterwards. */
  public int flagsUndefined() {
    return flagsUndefined;
  }

  /** RFLAGS bits this row reads. */
  public int flagsRead() {
    return flagsRead;
  }

  /** Condition code 0 to 15, or -1. */
  public int condition() {
    return condition;
  }

  public Feature feature() {
    return feature;
  }

  public Intercept intercept() {
    return intercept;
  }

  /**
   * The exceptions that come before the intercept, beyond an undefined opcode and {@link Attr#CPL0} (APM2 table 15-7): a function that
   * raises them or changes nothing. Null if there are none; the others come after it.
   */
  public Sem checks() {
    return checks;
  }

  /** What it does; never null in a finished table. */
  public Sem sem() {
    return sem;
  }

  /** Manual section, such as {@code SDM 2A ADD} or {@code APM2 15.5.1}. */
  public String spec() {
    return spec;
  }

  /** The encoding, parsed. */
  public Encoding enc() {
    return enc;
  }

  @Override
  public String toString() {
    return encoding + "  " + mnemonic + " " + String.join(",", operands.stream().map(OperandSpec::text).toList());
  }

  /**
   * An encoding string taken apart.
   *
   * @param opcode last opcode byte (with low three bits clear if {@code plusReg})
   * @param modrm whether a ModRM byte follows
   * @param digit required ModRM.reg, or -1
   * @param fixedModrm required whole ModRM byte, or -1
   * @param rexW required REX.W, or -1
   * @param opBits required effective operand size, or 0
   * @param addrBits required effective address size, or 0
   * @param noRexB whether REX.B must be clear
   */
  public record Encoding(Prefix prefix, OpMap map, int opcode, boolean plusReg, boolean modrm, int digit, int fixedModrm, int rexW,
      int opBits, int addrBits, boolean noRexB) {
    static Encoding parse(String text, List<OperandSpec> operands) {
      Prefix prefix = Prefix.ANY;
      OpMap map = OpMap.ONE;
      int digit = -1;
      int rexW = -1;
      int opBits = 0;
      int addrBits = 0;
      boolean plusReg = false;
      boolean slashR = false;
      boolean noRexB = false;
      var bytes = new ArrayList<Integer>();
      for (String token : text.trim().split("\\s+")) {
        if (token.equals("NP")) {
          prefix = Prefix.NP;
        } else if (token.equals("noB")) {
          noRexB = true;
        } else if (token.equals("/r")) {
          slashR = true;
        } else if (token.startsWith("/")) {
          digit = token.charAt(1) - '0';
        } else if (token.startsWith("W")) {
          rexW = token.charAt(1) - '0';
        } else if (token.startsWith("o")) {
          opBits = Integer.parseInt(token.substring(1));
        } else if (token.startsWith("a")) {
          addrBits = Integer.parseInt(token.substring(1));
        } else if (token.endsWith("+r")) {
          plusReg = true;
          bytes.add(Integer.parseInt(token.substring(0, token.length() - 2), 16));
        } else {
          bytes.add(Integer.parseInt(token, 16));
        }
      }
      if (bytes.size() > 1 && (bytes.get(0) == 0x66 || bytes.get(0) == 0xf2 || bytes.get(0) == 0xf3)) {
        prefix = switch (bytes.removeFirst()) {
          case 0x66 -> Prefix.P66;
          case 0xf2 -> Prefix.F2;
          default -> Prefix.F3;
        };
      }
      if (bytes.size() > 1 && bytes.get(0) == 0x0f) {
        bytes.removeFirst();
        map = OpMap.ESC_0F;
        if (bytes.size() > 1 && (bytes.get(0) == 0x38 || bytes.get(0) == 0x3a)) {
          map = bytes.removeFirst() == 0x38 ? OpMap.ESC_0F38 : OpMap.ESC_0F3A;
        }
      }
      int fixedModrm = bytes.size() == 2 ? bytes.get(1) : -1;
      if (bytes.isEmpty() || bytes.size() > 2) {
        throw new IllegalArgumentException("encoding '" + text + "': one opcode byte and at most one fixed ModRM byte expected");
      }
      boolean modrm = slashR || digit >= 0 || fixedModrm >= 0 || operands.stream().anyMatch(o -> o.place().needsModRm());
      return new Encoding(prefix, map, bytes.get(0), plusReg, modrm, digit, fixedModrm, rexW, opBits, addrBits, noRexB);
    }
  }

  /** Collects a row; {@code T} is the builder subclass that adds typed ways to state semantics. */
  public abstract static class Builder<T extends Builder<T>> {
    private final String encoding;
    private final String mnemonic;
    private final List<OperandSpec> operands = new ArrayList<>();
    private final EnumSet<Attr> attrs = EnumSet.noneOf(Attr.class);
    private FlagRule flagRule = FlagRule.NONE;
    private int written = -1;
    private int undefined = -1;
    private int read;
    private int condition = -1;
    private Feature feature = Feature.BASE;
    private Intercept intercept = Intercept.NONE;
    private Sem checks;
    private Sem sem;
    private String spec = "";

    protected Builder(String encoding, String mnemonic, String operands) {
      this.encoding = encoding;
      this.mnemonic = mnemonic;
      if (!operands.isEmpty()) {
        Arrays.stream(operands.split(",")).map(OperandSpec::parse).forEach(this.operands::add);
      }
    }

    protected abstract T self();

    protected final T checks(Sem value) {
      this.checks = value;
      return self();
    }

    protected final T sem(Sem value) {
      this.sem = value;
      return self();
    }

    public final T with(Attr... more) {
      attrs.addAll(Arrays.asList(more));
      return self();
    }

    /** The rule its flags follow. */
    public final T flags(FlagRule rule) {
      this.flagRule = rule;
      return self();
    }

    /** Overrides the rule's set of written flags. */
    public final T writes(int flags) {
      this.written = flags;
      return self();
    }

    /** Overrides the rule's set of undefined flags. */
    public final T undefined(int flags) {
      this.undefined = flags;
      return self();
    }

    public final T reads(int flags) {
      this.read = flags;
      return self();
    }

    /** The condition code under which it acts. */
    public final T when(Cond cond) {
      this.condition = cond.ordinal();
      return self();
    }

    public final T feature(Feature value) {
      this.feature = value;
      return self();
    }

    public final T intercept(Intercept value) {
      this.intercept = value;
      return self();
    }

    /** Ends the row with its manual section. */
    public final Row spec(String section) {
      this.spec = section;
      return new Row(this);
    }
  }
}
