package dev.trapline.vm.isa.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Turns preprocessed lines into statements. Keeps what carries over from line to line: the parent of local labels, open structures. */
final class StatementParser {
  private static final Map<String, Integer> DATA = Map.of("db", 1, "dw", 2, "dd", 4, "dq", 8, "dt", 10, "do", 16);
  private static final Map<String, Integer> RESERVE = Map.of("resb", 1, "resw", 2, "resd", 4, "resq", 8, "rest", 10, "reso", 16);
  private static final Set<String> DIRECTIVES = Set.of("equ", "times", "align", "alignb", "incbin", "org", "bits", "use16", "use32",
      "use64", "default", "section", "segment", "absolute", "global", "extern", "static", "common", "cpu", "struc", "endstruc", "istruc",
      "at", "iend", "sectalign", "warning", "list");
  private static final Set<String> PREFIXES = Set.of("lock", "rep", "repe", "repz", "repne", "repnz", "o16", "o32", "o64", "a16", "a32",
      "a64");

  private final Predicate<String> mnemonic;
  private String parent = "";
  private String structure;
  private String instance;
  private String remark;

  StatementParser(Predicate<String> mnemonic) {
    this.mnemonic = mnemonic;
  }

  /** Whether a word has a meaning of its own, and so is no label. */
  boolean reserved(String word) {
    return begins(word) || Names.register(word) != null;
  }

  /** Whether a word begins an instruction, data or directive. */
  private boolean begins(String word) {
    String w = word.toLowerCase(Locale.ROOT);
    return DATA.containsKey(w) || RESERVE.containsKey(w) || DIRECTIVES.contains(w) || PREFIXES.contains(w) || mnemonic.test(w);
  }

  /** What is odd about the line parsed last, or null. */
  String remark() {
    return remark;
  }

  /** The statements of a line: a label and what follows it. */
  List<Statement> parse(List<Token> tokens) {
    if (tokens.getFirst().is("[") && tokens.getLast().is("]")) {
      tokens = tokens.subList(1, tokens.size() - 1);
    }
    remark = null;
    var out = new ArrayList<Statement>();
    int at = label(tokens, out);
    if (at < tokens.size()) {
      out.addAll(statement(tokens.subList(at, tokens.size()), out));
    }
    return out;
  }

  /** Takes a leading label; returns where the rest begins. */
  private int label(List<Token> tokens, List<Statement> out) {
    Token first = tokens.getFirst();
    if (!first.word()) {
      return 0;
    }
    boolean colon = tokens.size() > 1 && tokens.get(1).is(":");
    boolean follows = tokens.size() == 1 || tokens.get(1).word() && begins(tokens.get(1).text());
    if (!colon && (reserved(first.text()) || !follows)) {
      return 0;
    }
    if (colon && Names.segment(first.text()) >= 0) {
      return 0;
    }
    String name = new ExprParser(List.of(), parent).qualified(first.text().startsWith("$") ? first.text().substring(1) : first.text());
    if (!first.text().startsWith(".") && !first.text().startsWith("..")) {
      parent = name;
    }
    out.add(new Statement.Label(name));
    if (tokens.size() == 1) {
      remark = "label '" + first.text() + "' alone on a line without a colon: an instruction mistyped?";
    }
    return colon ? 2 : 1;
  }

  private List<Statement> statement(List<Token> tokens, List<Statement> label) {
    Token first = tokens.getFirst();
    String word = first.word() ? first.text().toLowerCase(Locale.ROOT) : "";
    var p = new InsnParser(tokens, parent);
    if (word.equals("equ")) {
      p.next();
      return List.of(equ(p, label));
    }
    Statement s = simple(word, p);
    if (s != null) {
      p.end();
      return List.of(s);
    }
    return directive(word, p);
  }

  private static Statement equ(InsnParser p, List<Statement> label) {
    if (label.isEmpty()) {
      throw new SourceError("equ needs a name before it: name equ value");
    }
    String name = ((Statement.Label) label.removeLast()).name();
    Expr value = p.expression();
    p.end();
    return new Statement.Equ(name, value);
  }

  /** What may also stand after {@code times}; null if the word is something else. */
  private Statement simple(String word, InsnParser p) {
    if (DATA.containsKey(word)) {
      p.next();
      return new Statement.Data(DATA.get(word), items(p));
    }
    if (RESERVE.containsKey(word)) {
      p.next();
      return new Statement.Reserve(RESERVE.get(word), p.expression());
    }
    if (word.equals("times")) {
      p.next();
      Expr count = p.expression();
      String inner = p.peek().word() ? p.peek().text().toLowerCase(Locale.ROOT) : "";
      return new Statement.Times(count, simple(inner, p));
    }
    if (word.equals("incbin")) {
      p.next();
      return incbin(p);
    }
    return DIRECTIVES.contains(word) ? null : p.instruction();
  }

  private static List<Statement.Data.Item> items(InsnParser p) {
    var items = new ArrayList<Statement.Data.Item>();
    while (!p.atEnd() && !p.peek().is(")")) {
      Expr e = p.expression();
      if (p.accept("dup")) {
        p.expect("(", "after dup");
        items.add(new Statement.Data.Item(null, e, items(p)));
        p.expect(")", "after the values of dup");
      } else {
        items.add(new Statement.Data.Item(e, null, null));
      }
      if (!p.accept(",")) {
        break;
      }
    }
    return items;
  }

  private static Statement incbin(InsnParser p) {
    Token name = p.next();
    if (name.kind() != Token.Kind.STRING) {
      throw new SourceError("incbin needs a file name in quotes");
    }
    Expr skip = p.accept(",") ? p.expression() : null;
    Expr length = p.accept(",") ? p.expression() : null;
    return new Statement.Include(name.text(), skip, length);
  }

  private List<Statement> directive(String word, InsnParser p) {
    p.next();
    switch (word) {
      case "org":
        return one(new Statement.Org(p.expression()), p);
      case "bits":
        return one(new Statement.Bits(bits(p)), p);
      case "use16", "use32", "use64":
        return one(new Statement.Bits(Integer.parseInt(word.substring(3))), p);
      case "default":
        return one(defaults(p), p);
      case "section", "segment":
        return one(section(p), p);
      case "absolute":
        return one(new Statement.Absolute(p.expression()), p);
      case "align", "alignb":
        return one(align(word, p), p);
      case "struc", "endstruc", "istruc", "at", "iend":
        return structure(word, p);
      default:
        // global, extern, static, common: no linker follows; cpu: every instruction is allowed; sectalign, warning, list: no effect on
        // bytes
        return List.of();
    }
  }

  private static int bits(InsnParser p) {
    Token t = p.next();
    if (t.kind() != Token.Kind.NUMBER) {
      throw new SourceError("bits needs 16, 32 or 64");
    }
    return (int) Lexer.value(t.text());
  }

  private static List<Statement> one(Statement s, InsnParser p) {
    p.end();
    return List.of(s);
  }

  private static Statement defaults(InsnParser p) {
    boolean relative = p.accept("rel");
    if (!relative && !p.accept("abs")) {
      throw new SourceError("'default rel' or 'default abs' expected, found " + p.found());
    }
    return new Statement.Default(relative);
  }

  private Statement align(String word, InsnParser p) {
    Expr to = p.expression();
    Statement fill = null;
    if (p.accept(",")) {
      fill = simple(p.peek().word() ? p.peek().text().toLowerCase(Locale.ROOT) : "", p);
    }
    if (fill == null) {
      fill = word.equals("align") ? new Statement.Instruction("nop", List.of(), 0, 0, 0, -1)
          : new Statement.Reserve(1, new Expr.Num(1));
    }
    return new Statement.Align(to, fill);
  }

  private static Statement section(InsnParser p) {
    if (!p.peek().word()) {
      throw new SourceError("section needs a name, found " + p.found());
    }
    String name = p.next().text();
    var attributes = new ArrayList<Statement.SwitchSection.Attribute>();
    while (!p.atEnd()) {
      String key = p.next().text().toLowerCase(Locale.ROOT);
      if (!p.accept("=")) {
        attributes.add(new Statement.SwitchSection.Attribute(key, null, null));
      } else if (key.endsWith("follows")) {
        attributes.add(new Statement.SwitchSection.Attribute(key, null, p.next().text()));
      } else {
        attributes.add(new Statement.SwitchSection.Attribute(key, p.expression(), null));
      }
    }
    return new Statement.SwitchSection(name, List.copyOf(attributes));
  }

  /** Structures (NASM manual 4.11.10): members are labels in an absolute section. */
  private List<Statement> structure(String word, InsnParser p) {
    switch (word) {
      case "struc":
        structure = p.next().text();
        parent = structure;
        Expr from = p.accept(",") ? p.expression() : new Expr.Num(0);
        p.end();
        return List.of(new Statement.Absolute(from), new Statement.Label(structure));
      case "endstruc":
        if (structure == null) {
          throw new SourceError("endstruc without struc");
        }
        String name = structure;
        structure = null;
        return List.of(new Statement.Equ(name + "_size", new Expr.Binary("-", new Expr.Here(), new Expr.Sym(name))),
            new Statement.SwitchSection(null, List.of()));
      case "istruc":
        instance = p.next().text();
        p.end();
        return List.of(new Statement.Instance());
      case "at":
        return member(p);
      default:
        if (instance == null) {
          throw new SourceError("iend without istruc");
        }
        Expr size = new Expr.Sym(instance + "_size");
        instance = null;
        return List.of(new Statement.PadTo(size));
    }
  }

  private List<Statement> member(InsnParser p) {
    if (instance == null) {
      throw new SourceError("at outside istruc");
    }
    String saved = parent;
    String name = p.peek().text();
    p.next();
    Expr offset = new Expr.Sym(name.startsWith(".") ? instance + name : name);
    if (!p.accept(",") && p.atEnd()) {
      return List.of(new Statement.PadTo(offset));
    }
    Statement s = simple(p.peek().word() ? p.peek().text().toLowerCase(Locale.ROOT) : "", p);
    p.end();
    parent = saved;
    return s == null ? List.of(new Statement.PadTo(offset)) : List.of(new Statement.PadTo(offset), s);
  }
}
