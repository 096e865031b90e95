package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Parses an instruction: prefixes, mnemonic, operands. What objdump writes in Intel syntax is
 * understood too: {@code dword ptr}, {@code fs:[eax]}, {@code ds:0x1234}. */
class InsnParser extends ExprParser {
  private int prefixes;
  private int opBits;
  private int addrBits;
  private int segment = -1;

  InsnParser(List<Token> tokens, String parent) {
    super(tokens, parent);
  }

  final Statement.Instruction instruction() {
    while (prefix()) {
      next();
    }
    String mnemonic = mnemonic();
    var args = new ArrayList<Arg>();
    while (!atEnd()) {
      args.add(argument());
      if (!atEnd()) {
        expect(",", "between operands");
        if (atEnd()) {
          throw new SourceError("an operand is missing after the comma");
        }
      }
    }
    return new Statement.Instruction(mnemonic, List.copyOf(args), prefixes, opBits, addrBits, segment);
  }

  /** A prefix alone on a line assembles to its byte. */
  private String mnemonic() {
    if (atEnd()) {
      return "";
    }
    Token t = next();
    if (!t.word()) {
      throw new SourceError("an instruction is expected, found '" + t.text() + "'");
    }
    return t.text().toLowerCase(Locale.ROOT);
  }

  private boolean prefix() {
    if (!peek().word()) {
      return false;
    }
    String word = peek().text().toLowerCase(Locale.ROOT);
    switch (word) {
      case "lock" -> prefixes |= Insn.LOCK;
      case "rep", "repe", "repz" -> prefixes |= Insn.REP;
      case "repne", "repnz" -> prefixes |= Insn.REPNE;
      case "o16", "o32", "o64" -> opBits = Integer.parseInt(word.substring(1));
      case "a16", "a32", "a64" -> addrBits = Integer.parseInt(word.substring(1));
      default -> {
        int s = Names.segment(word);
        if (s < 0) {
          return false;
        }
        segment = s;
      }
    }
    return true;
  }

  private Arg argument() {
    int bits = 0;
    boolean strict = false;
    boolean to = false;
    Arg.Distance distance = Arg.Distance.ANY;
    for (boolean more = true; more;) {
      Token t = peek();
      String word = t.word() ? t.text().toLowerCase(Locale.ROOT) : "";
      switch (word) {
        case "strict" -> strict = true;
        case "to" -> to = true;
        case "short" -> distance = Arg.Distance.SHORT;
        case "near" -> distance = Arg.Distance.NEAR;
        case "far" -> distance = Arg.Distance.FAR;
        case "ptr" -> { }
        default -> {
          int size = Names.size(word);
          more = size != 0;
          bits = more ? size : bits;
        }
      }
      if (more) {
        next();
      }
    }
    return operand(bits, strict, to, distance);
  }

  private Arg operand(int bits, boolean strict, boolean to, Arg.Distance distance) {
    if (peek().is("[")) {
      return memory(bits, -1, distance == Arg.Distance.FAR);
    }
    if (peek().word() && peek(1).is(":") && Names.segment(peek().text()) >= 0) {
      int seg = segmentName();
      next();
      return peek().is("[") ? memory(bits, seg, distance == Arg.Distance.FAR)
          : new Arg.Memory(bits, seg, expression(), 0, 0, null, false, distance == Arg.Distance.FAR);
    }
    Expr e = expression();
    if (e instanceof Expr.Register r) {
      return new Arg.Register(r.reg(), to);
    }
    if (accept(":")) {
      int size = peek().word() ? Names.size(peek().text()) : 0;
      if (size != 0) {
        next();
      }
      return new Arg.Pointer(e, expression(), size != 0 ? size : bits);
    }
    return new Arg.Number(e, bits, strict, distance);
  }

  private int segmentName() {
    Token t = next();
    int seg = Names.segment(t.text());
    if (seg < 0) {
      throw new SourceError("'" + t.text() + "' is not a segment register");
    }
    return seg;
  }

  /** The options a memory operand may have inside its brackets. */
  private Arg memory(int bits, int outerSegment, boolean far) {
    next();
    int seg = outerSegment;
    int address = 0;
    int disp = 0;
    Boolean relative = null;
    boolean nosplit = false;
    for (boolean more = true; more;) {
      String word = peek().word() ? peek().text().toLowerCase(Locale.ROOT) : "";
      switch (word) {
        case "rel", "abs" -> relative = word.equals("rel");
        case "nosplit" -> nosplit = true;
        case "strict" -> { }
        case "byte" -> disp = 8;
        case "word", "dword", "qword" -> {
          disp = Names.size(word);
          address = disp;
        }
        default -> {
          more = Names.segment(word) >= 0 && peek(1).is(":");
          if (more) {
            seg = segmentName();
          }
        }
      }
      if (more) {
        next();
      }
    }
    Expr e = expression();
    if (accept(":")) {
      throw new SourceError("only a segment register can stand before ':' in an address");
    }
    expect("]", "to close an address");
    return new Arg.Memory(bits, seg, e, address, disp, relative, nosplit, far);
  }
}
