package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.InstructionSet;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Chooses the form of an instruction: of all rows of its mnemonic that take the operands, the shortest encoding; between equals the
 * one with a sign-extended byte, then the first of the table. That is NASM's default optimisation.
 */
final class Matcher {
  private final InstructionSet set;

  Matcher(InstructionSet set) {
    this.set = set;
  }

  /**
   * What surrounds an instruction.
   *
   * @param start address of its first byte, as a value of its section
   */
  record Site(Expr.Scope scope, Value start, CodeSize size, boolean defaultRelative) {
    /** Without a section around it, a single line knows only numbers: then {@code rel} applies to them too. */
    boolean alone() {
      return start.base() == null;
    }
  }

  /** A form that takes the operands. */
  private record Candidate(Row row, byte[] bytes, boolean signExtended, int rank, int memoryBits, boolean defaultSize) {}

  private static final Comparator<Candidate> BEST = Comparator.comparing((Candidate c) -> !c.defaultSize).thenComparing(Candidate::rank)
      .thenComparing(c -> c.bytes.length).thenComparing(c -> !c.signExtended).thenComparing(c -> c.row.enc().rexW() == 1);

  /** Whether any row has the mnemonic (lower case), or one it is another name for. */
  boolean isMnemonic(String word) {
    return !set.named(word).isEmpty() || Aliases.of(word).stream().anyMatch(a -> !set.named(a.mnemonic()).isEmpty());
  }

  /** The bytes of an instruction; throws {@link SourceError}. */
  byte[] encode(Statement.Instruction in, Site site) {
    if (in.mnemonic().isEmpty()) {
      return prefixesAlone(in, site);
    }
    return new One(in, site).encode();
  }

  private static byte[] prefixesAlone(Statement.Instruction in, Site site) {
    var out = new java.io.ByteArrayOutputStream();
    int p = in.prefixes();
    if ((p & (Insn.REP | Insn.REPNE)) != 0) {
      out.write((p & Insn.REP) != 0 ? 0xf3 : 0xf2);
    }
    if ((p & Insn.LOCK) != 0) {
      out.write(0xf0);
    }
    if (in.segment() >= 0) {
      out.write(new int[] {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65}[in.segment()]);
    }
    if (in.opBits() != 0 && in.opBits() != Math.min(site.size.bits, 32)) {
      out.write(in.opBits() == 64 ? 0x48 : 0x66);
    }
    if (in.addrBits() != 0 && in.addrBits() != site.size.bits) {
      out.write(0x67);
    }
    return out.toByteArray();
  }

  private final class One {
    private final Statement.Instruction in;
    private final Site site;
    private final boolean mode64;
    private final List<Candidate> found = new ArrayList<>();
    private final Set<Integer> memoryWidths = new TreeSet<>();
    private String reason;
    private Aliases.Alias alias;
    private int addrBits;
    /** Whether rows are tried that are only aliases: encodings the manual does not document first. */
    private boolean lastResort;

    One(Statement.Instruction in, Site site) {
      this.in = in;
      this.site = site;
      this.mode64 = site.size == CodeSize.BITS64;
    }

    byte[] encode() {
      if (!isMnemonic(in.mnemonic())) {
        throw new SourceError(unknown());
      }
      List<Val> vals = evaluate();
      boolean exchange = in.mnemonic().equals("xchg") && vals.size() == 2;
      if (exchange) {
        tryAll(vals.reversed());
      }
      tryAll(vals);
      if (exchange && mode64) {
        found.removeIf(c -> c.bytes.length == 1 && c.bytes[0] == (byte) 0x90); // NOP would keep the upper half of RAX
      }
      if (found.isEmpty() && vals.size() == 2 && in.mnemonic().equals("test")) {
        tryAll(vals.reversed());
      }
      if (found.isEmpty()) {
        throw new SourceError(noForm());
      }
      ambiguous(vals);
      Candidate best = found.stream().min(BEST).orElseThrow();
      return alias(best.bytes);
    }

    private byte[] alias(byte[] bytes) {
      boolean wait = Aliases.of(in.mnemonic()).stream().anyMatch(Aliases.Alias::waits) && set.named(in.mnemonic()).isEmpty();
      if (!wait) {
        return bytes;
      }
      byte[] with = new byte[bytes.length + 1];
      with[0] = (byte) 0x9b;
      System.arraycopy(bytes, 0, with, 1, bytes.length);
      return with;
    }

    /** Tries the mnemonic itself, then what it is another name for. */
    private void tryAll(List<Val> vals) {
      if (!vals.isEmpty() || !Aliases.popsWithoutOperands(in.mnemonic())) {
        tryName(Aliases.Alias.of(in.mnemonic()), vals);
      }
      for (Aliases.Alias a : Aliases.of(in.mnemonic())) {
        List<Val> more = vals;
        if (a.immediate() >= 0) {
          more = new ArrayList<>(vals);
          more.add(Val.Num.of(a.immediate()));
        }
        if (found.isEmpty()) {
          tryName(a, more);
        }
      }
      if (found.isEmpty() && !lastResort) {
        lastResort = true;
        tryAll(vals);
        lastResort = false;
      }
    }

    private void tryName(Aliases.Alias a, List<Val> vals) {
      alias = a;
      for (Row row : set.named(a.mnemonic())) {
        if (!row.is(mode64 ? Attr.NO64 : Attr.ONLY64) && row.is(Attr.ALIAS) == lastResort) {
          tryRow(row, vals);
        }
      }
    }

    private List<Val> evaluate() {
      var vals = new ArrayList<Val>();
      addrBits = in.addrBits();
      for (Arg arg : in.args()) {
        vals.add(switch (arg) {
          case Arg.Register r -> new Val.Reg(here(r.reg()), r.to());
          case Arg.Number n -> new Val.Num(number(n.value().eval(site.scope)), n.bits(), n.strict(), n.distance());
          case Arg.Pointer p -> new Val.Ptr(number(p.selector().eval(site.scope)), number(p.offset().eval(site.scope)), p.bits());
          case Arg.Memory m -> memory(m);
        });
      }
      return zeroExtended(vals);
    }

    /** {@code mov rax, 5} is {@code mov eax, 5}: the upper half is cleared. */
    private List<Val> zeroExtended(List<Val> vals) {
      if (mode64 && in.mnemonic().equals("mov") && vals.size() == 2 && vals.get(0) instanceof Val.Reg r && r.reg().file() == RegFile.GPR64
          && vals.get(1) instanceof Val.Num n && n.bits() == 0 && n.value().simple() && n.value().number() >>> 32 == 0) {
        return List.of(new Val.Reg(new Operand.Reg(RegFile.GPR32, r.reg().index()), false), n);
      }
      return vals;
    }

    private Operand.Reg here(Operand.Reg r) {
      boolean general = r.file().isGpr() || r.file() == RegFile.XMM;
      boolean only64 = r.file() == RegFile.GPR64 || general && r.index() >= 8 || r.file() == RegFile.GPR8 && r.index() >= 4;
      if (only64 && !mode64) {
        throw new SourceError(in.mnemonic() + ": this register exists in 64-bit code only (bits 64)");
      }
      return r;
    }

    private Value number(Value v) {
      if (!v.regs().isEmpty()) {
        throw new SourceError("a register takes part in arithmetic outside brackets");
      }
      return v;
    }

    private Val.Mem memory(Arg.Memory m) {
      int segment = m.segment() >= 0 ? m.segment() : in.segment();
      var context = new Address.Context(site.size.bits, in.addrBits(), site.defaultRelative, segment, site.alone());
      Address a = Address.of(m, m.address().eval(site.scope), context);
      addrBits = a.bits();
      return new Val.Mem(a, m.bits(), segment, m.far(), m.addrBits() == 64 || in.mnemonic().equals("movabs"));
    }

    // ---- one row

    private void tryRow(Row row, List<Val> given) {
      List<Val> vals = Alignment.of(row, in.mnemonic(), given);
      if (vals == null || !Alignment.couldTake(row, vals)) {
        return;
      }
      int counter = Alignment.loopCount(row, given);
      addrBits = counter != 0 ? counter : addrBits;
      int plain = defaultBits(row);
      boolean defaultTaken = false;
      for (int bits : sizes(row)) {
        boolean forced = in.opBits() != 0 || alias.opBits() != 0;
        boolean isDefault = bits == plain || forced;
        if (tryForm(row, vals, bits, isDefault || !defaultTaken) && bits == plain) {
          defaultTaken = true;
        }
      }
    }

    private int defaultBits(Row row) {
      return Encoder.defaultOpBits(row, site.size);
    }

    /** Operand sizes to try, the default first. */
    private List<Integer> sizes(Row row) {
      int plain = defaultBits(row);
      int asked = in.opBits() != 0 ? in.opBits() : alias.opBits();
      var sizes = new ArrayList<Integer>();
      for (int bits : new int[] {plain, 32, 16, 64}) {
        boolean exists = bits == 64 ? mode64 && row.enc().rexW() != 0 : bits == plain || !mode64 || bits != 32 || !row.is(Attr.D64);
        boolean rowWants = row.enc().opBits() == 0 || row.enc().opBits() == bits;
        boolean asks = asked == 0 || asked == bits || asked == stringBits(row);
        if (exists && rowWants && asks && !sizes.contains(bits)
            && (bits == plain || sizeMatters(row) || asked == bits || row.enc().opBits() == bits)) {
          sizes.add(bits);
        }
      }
      return sizes;
    }

    private static int stringBits(Row row) {
      return row.operands().stream().anyMatch(o -> o.size().equals("b")) ? 8 : 0;
    }

    private boolean sizeMatters(Row row) {
      return row.operands().stream().anyMatch(o -> SIZED.contains(o.size()) || o.place() == Place.J && o.size().equals("z"));
    }

    private static final Set<String> SIZED = Set.of("v", "z", "y", "p", "a", "bs", "e14", "e94");

    private boolean tryForm(Row row, List<Val> vals, int opBits, boolean eligible) {
      try {
        return form(row, vals, opBits, eligible);
      } catch (Encoder.Impossible e) {
        reason = e.getMessage();
        return false;
      }
    }

    private int addressBits(Row row) {
      int a = alias.addrBits() != 0 ? alias.addrBits() : addrBits;
      return row.enc().addrBits() != 0 && a == 0 ? row.enc().addrBits() : a != 0 ? a : site.size.bits;
    }

    private boolean form(Row row, List<Val> vals, int opBits, boolean eligible) {
      int aBits = addressBits(row);
      if (row.enc().addrBits() != 0 && row.enc().addrBits() != aBits) {
        return false;
      }
      var fill = new Fill(row, opBits, aBits);
      for (int i = 0; i < vals.size(); i++) {
        if (!fill.accept(row.operands().get(i), vals.get(i))) {
          return false;
        }
      }
      byte[] bytes = fill.encode();
      if (eligible) {
        boolean small = row.operands().stream().anyMatch(o -> o.size().equals("bs"));
        int rank = row.feature() == Feature.X87 && row.operands().size() == 2
            && (row.operands().getFirst().place() == Place.ST_I) == (in.args().size() == 1) ? 1 : 0;
        found.add(new Candidate(row, bytes, small, rank, fill.memoryBits, opBits == defaultBits(row) || fill.fixed || in.opBits() != 0
            || alias.opBits() != 0));
      }
      if (fill.memoryBits != 0) {
        memoryWidths.add(fill.memoryBits);
      }
      return true;
    }

    // ---- filling in operands

    /** Builds the operand list of one form. */
    private final class Fill {
      final Row row;
      final int opBits;
      final int aBits;
      final List<Operand> operands = new ArrayList<>();
      int segment = in.segment();
      /** Width of a memory operand the source leaves open; 0 if it does not. */
      int memoryBits;
      /** An operand states the operand size, so another than the default is no surprise. */
      boolean fixed;
      private Val.Mem memory;
      private OperandSpec memorySpec;
      private Val.Num target;
      private OperandSpec targetSpec;

      Fill(Row row, int opBits, int aBits) {
        this.row = row;
        this.opBits = opBits;
        this.aBits = aBits;
      }

      byte[] encode() {
        byte[] first = encodeAt(0);
        boolean relative = target != null || memory != null && memory.address().relative();
        return relative ? encodeAt(first.length) : first;
      }

      /** With the length known, what is relative to the end can be computed; length 0 gives a form of the right size. */
      private byte[] encodeAt(int length) {
        var ops = new ArrayList<>(operands);
        for (int i = 0; i < ops.size(); i++) {
          if (ops.get(i) == RELATIVE) {
            ops.set(i, length == 0 ? new Operand.Rel(0, 32) : relative(length));
          } else if (ops.get(i) == ADDRESS) {
            int bits = memorySpec.bits(opBits, aBits, mode64);
            long end = site.start.absolute() + length;
            ops.set(i, length == 0 && memory.address().relative()
                ? new Operand.Mem(3, Operand.Mem.RIP, Operand.Mem.NONE, 0, 0, aBits, bits, 4)
                    : memory.address().operand(bits, memory.segment(), end));
          }
        }
        return Encoder.encode(new Encoder.Request(row, ops, opBits, aBits, in.prefixes(), segment, site.size));
      }

      private static final Operand RELATIVE = new Operand.Rel(0, 0);
      private static final Operand ADDRESS = new Operand.Mem(0, 0, 0, 0, 0, 0, 0, 0);

      private Operand relative(int length) {
        int n = targetSpec.size().equals("b") ? 8 : opBits == 16 ? 16 : 32;
        long disp = target.value().absolute() - site.start.absolute() - length;
        if (!target.value().known()) {
          return new Operand.Rel(0, opBits);
        }
        if (opBits == 16 && n == 16) {
          return new Operand.Rel((short) disp, opBits);
        }
        if (!mode64 && n == 32) {
          return new Operand.Rel((int) disp, opBits);
        }
        if (disp != disp << (64 - n) >> (64 - n)) {
          throw new Encoder.Impossible("the target is " + disp + " bytes away, too far for "
              + (n == 8 ? "a short jump (-128 to 127)" : "a near jump"));
        }
        return new Operand.Rel(disp, opBits);
      }

      boolean accept(OperandSpec spec, Val v) {
        if (v == null) {
          operands.add(implicit(spec));
          return true;
        }
        return switch (v) {
          case Val.Reg r -> register(spec, r.reg());
          case Val.Num n -> number(spec, n);
          case Val.Ptr p -> pointer(spec, p);
          case Val.Mem m -> memory(spec, m);
        };
      }

      private Operand implicit(OperandSpec spec) {
        int bits = spec.bits(opBits, aBits, mode64);
        if (alias.opBits() != 0 && spec.place() != Place.FIXED_GPR && bits != alias.opBits()) {
          throw new Encoder.Impossible(row + " is not " + alias.opBits() + " bits wide");
        }
        return spec.place() == Place.FIXED_GPR ? new Operand.Reg(RegFile.gpr(bits), spec.fixed())
            : new Operand.Mem(spec.place() == Place.X ? 3 : 0, spec.place() == Place.X ? 6 : 7, Operand.Mem.NONE, 0, 0, aBits, bits, 0);
      }

      private boolean register(OperandSpec spec, Operand.Reg r) {
        boolean fits = Alignment.takesRegister(spec.place(), r.file()) && switch (spec.place()) {
          case E, R, G, Z -> r.bits() == spec.bits(opBits, aBits, mode64) || wider(spec, r);
          case FIXED_GPR -> r.file() == RegFile.gpr(spec.bits(opBits, aBits, mode64)) && r.index() == spec.fixed();
          case FIXED_SEG -> r.index() == spec.fixed();
          case FIXED_XMM, FIXED_ST -> r.index() == 0;
          default -> true;
        };
        fixed |= fits && SIZED.contains(spec.size());
        return fits && operands.add(r);
      }

      /**
       * MOV to a segment register, LAR and LSL take a selector in a register of any width; MOV from a segment register clears
       * the upper half of a 64-bit register by itself.
       */
      private boolean wider(OperandSpec spec, Operand.Reg r) {
        boolean fromSegment = row.operands().getLast().place() == Place.S;
        boolean toSegment = row.operands().getFirst().place() == Place.S;
        boolean selector = spec.size().equals("w") && (in.mnemonic().equals("lar") || in.mnemonic().equals("lsl"));
        return (toSegment || selector) && r.bits() >= 16 || fromSegment && r.bits() == 64 && spec.bits(opBits, aBits, mode64) == 32;
      }

      private boolean memory(OperandSpec spec, Val.Mem m) {
        if (spec.place() == Place.X || spec.place() == Place.Y) {
          return string(spec, m);
        }
        boolean absolute = m.address().base() == Operand.Mem.NONE && m.address().index() == Operand.Mem.NONE;
        if (spec.place() == Place.O) {
          if (!absolute || m.address().bits() == 64 && !m.qwordAddress()) {
            return false;
          }
        } else if (!spec.place().mayBeMemory() || m.qwordAddress() && absolute && mode64 && m.address().bits() == 64 && offsetOnly()) {
          return false;
        }
        if (!width(spec, m) || far(m) != (spec.size().equals("p") && BRANCHES.contains(in.mnemonic()))) {
          return false;
        }
        segment = m.segment();
        memory = m;
        memorySpec = spec;
        return operands.add(ADDRESS);
      }

      /** Whether a branch through memory is far: it says so, or the pointer has a width only a far pointer has. */
      private boolean far(Val.Mem m) {
        boolean farWidth = m.bits() == 48 || m.bits() == 80 || m.bits() == 32 && mode64;
        return m.far() || farWidth && BRANCHES.contains(in.mnemonic());
      }

      private boolean offsetOnly() {
        return in.mnemonic().equals("mov");
      }

      private static final Set<String> BRANCHES = Set.of("jmp", "call");

      private boolean width(OperandSpec spec, Val.Mem m) {
        int bits = spec.bits(opBits, aBits, mode64);
        if (m.bits() == 0) {
          memoryBits = OPEN.contains(spec.size()) && !BRANCHES.contains(in.mnemonic()) ? bits : 0;
          return true;
        }
        if (!OPEN.contains(spec.size()) && !spec.size().equals("y") && !spec.size().equals("dq")) {
          fixed |= spec.size().equals("p");
          return !spec.size().equals("p") || m.bits() == opBits && m.far() || m.bits() == bits && !m.far();
        }
        fixed |= SIZED.contains(spec.size());
        return bits == m.bits();
      }

      private static final Set<String> OPEN = Set.of("b", "w", "d", "q", "t", "v", "z");

      private boolean string(OperandSpec spec, Val.Mem m) {
        boolean source = spec.place() == Place.X;
        Address a = m.address();
        if (a.index() != Operand.Mem.NONE || a.base() != (source ? 6 : 7) || a.value().number() != 0
            || m.bits() != 0 && m.bits() != spec.bits(opBits, aBits, mode64)) {
          return false;
        }
        fixed |= m.bits() != 0;
        if (source && m.segment() != 3) {
          segment = m.segment();
        }
        operands.add(new Operand.Mem(source ? 3 : 0, a.base(), a.index(), 0, 0, aBits, spec.bits(opBits, aBits, mode64), 0));
        return true;
      }

      private boolean pointer(OperandSpec spec, Val.Ptr p) {
        if (spec.place() != Place.A || p.bits() != 0 && p.bits() != opBits) {
          return false;
        }
        fixed |= p.bits() != 0;
        long offset = p.offset().absolute();
        operands.add(new Operand.Far((int) p.selector().absolute() & 0xffff, ranged(p.offset(), opBits) ? offset : 0, opBits));
        return true;
      }

      private boolean number(OperandSpec spec, Val.Num n) {
        return switch (spec.place()) {
          case J -> branch(spec, n);
          case ONE -> n.bits() == 0 && n.value().simple() && n.value().number() == 1 && operands.add(new Operand.Imm(1, 8, 0));
          case I -> n.distance() == Arg.Distance.ANY && immediate(spec, n);
          default -> false;
        };
      }

      private boolean branch(OperandSpec spec, Val.Num n) {
        boolean small = spec.size().equals("b");
        if (n.distance() == Arg.Distance.FAR || n.distance() == Arg.Distance.SHORT && !small || n.distance() == Arg.Distance.NEAR && small
            || n.strict() && small || n.bits() != 0 && (small || n.bits() != opBits)) {
          return false;
        }
        boolean shortOnly = set.named(row.mnemonic()).stream().allMatch(r -> r.operands().stream().noneMatch(o -> o.text().equals("Jz")));
        if (small && n.distance() == Arg.Distance.ANY && !shortOnly && n.value().known() && n.value().base() != site.start.base()) {
          return false;
        }
        fixed |= n.bits() != 0;
        target = n;
        targetSpec = spec;
        return operands.add(RELATIVE);
      }

      private boolean immediate(OperandSpec spec, Val.Num n) {
        boolean small = spec.size().equals("bs");
        int bits = spec.size().equals("z") ? opBits : spec.bits(opBits, aBits, mode64);
        if (!immediateSize(spec, n, bits)) {
          return false;
        }
        fixed |= n.bits() == bits && SIZED.contains(spec.size());
        long v = n.value().absolute();
        int encoded = switch (spec.size()) {
          case "b", "bs" -> 8;
          case "w" -> 16;
          case "z" -> Math.min(opBits, 32);
          default -> opBits;
        };
        ranged(n.value(), small || spec.size().equals("z") ? bits : encoded);
        v = v << (64 - bits) >> (64 - bits);
        if (encoded < bits && n.value().known() && v != v << (64 - encoded) >> (64 - encoded)) {
          throw new Encoder.Impossible("value 0x" + Long.toHexString(v) + " does not fit in " + encoded + " bits, sign-extended");
        }
        boolean unsigned = spec.size().equals("b") || spec.size().equals("w");
        operands.add(new Operand.Imm(unsigned ? v & (1L << bits) - 1 : v << (64 - encoded) >> (64 - encoded), bits, encoded / 8));
        return true;
      }

      /** Whether the source's keywords allow this width, and whether the value may be narrowed. */
      private boolean immediateSize(OperandSpec spec, Val.Num n, int bits) {
        boolean small = spec.size().equals("bs");
        if (in.mnemonic().equals("movabs")) {
          return spec.size().equals("v");
        }
        if (small) {
          return n.bits() == 8 || !n.strict() && n.value().simple() && (n.bits() == 0 || n.bits() == bits || n.bits() == 32 && bits == 64);
        }
        if (n.bits() == 0 || n.bits() == bits && !(n.strict() && spec.size().equals("z") && bits == 64)) {
          return !(spec.size().equals("z") && bits == 64 && !n.value().simple() && n.value().known() && in.mnemonic().equals("mov")
              && n.bits() == 0);
        }
        return spec.size().equals("z") && bits == 64 && n.bits() == 32;
      }

      private boolean ranged(Value v, int bits) {
        long n = v.absolute();
        if (v.known() && bits < 64 && (n < -(1L << bits) || n >= 1L << bits)) {
          throw new Encoder.Impossible("value " + (n < 0 ? "-0x" + Long.toHexString(-n) : "0x" + Long.toHexString(n)) + " does not fit in "
              + bits + " bits");
        }
        return v.known();
      }
    }

    // ---- messages

    private void ambiguous(List<Val> vals) {
      boolean segmentMove = vals.stream().anyMatch(v -> v instanceof Val.Reg r && r.reg().file() == RegFile.SEG);
      if (memoryWidths.size() > 1 && !segmentMove) {
        String sizes = String.join(", ", memoryWidths.stream().map(Names::sizeName).toList());
        throw new SourceError("operation size not specified: write one of " + sizes + " before the address");
      }
    }

    private String unknown() {
      String near = Suggest.nearest(in.mnemonic(), set.mnemonics());
      return "unknown instruction '" + in.mnemonic() + "'" + (near == null ? "" : ": did you mean '" + near + "'?");
    }

    private String noForm() {
      if (reason != null) {
        return in.mnemonic() + ": " + reason;
      }
      var forms = new TreeSet<String>();
      for (Row row : set.named(in.mnemonic())) {
        forms.add(row.operands().isEmpty() ? "none" : String.join(",", row.operands().stream().map(OperandSpec::text).toList()));
      }
      String takes = String.join(" | ", forms.stream().limit(8).toList());
      return "no form of '" + in.mnemonic() + "' takes these operands in " + site.size.bits + "-bit code"
          + (forms.isEmpty() ? "" : "; it takes " + takes);
    }
  }
}
