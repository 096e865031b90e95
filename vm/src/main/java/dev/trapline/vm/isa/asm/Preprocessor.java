package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.asm.Token.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Runs NASM's preprocessor (manual chapter 4) over a source: what comes out is lines of plain assembler. */
final class Preprocessor {
  private static final int MOST_NESTED = 200;
  private static final int MOST_REPEATS = 1_000_000;

  private final Source source;
  private final Predicate<String> instruction;
  private final Defines defines = new Defines();
  private final Map<String, List<Macro>> macros = new HashMap<>();
  private final Deque<Integer> contexts = new ArrayDeque<>();
  private final List<Line> out = new ArrayList<>();
  private final List<String> errors;
  private final List<String> warnings;
  private int unique;
  private int depth;
  private boolean exitRep;
  private boolean fatal;

  /** @param instruction whether a word is an instruction or directive, so that a macro call with a wrong count may still be one */
  Preprocessor(Source source, Predicate<String> instruction, List<String> errors, List<String> warnings) {
    this.source = source;
    this.instruction = instruction;
    this.errors = errors;
    this.warnings = warnings;
  }

  void define(String name, String value) {
    defines.define(name, null, Lexer.tokens(value), false);
  }

  /** Preprocesses a file. */
  List<Line> run(String file) {
    try {
      block(read(file, file), null);
    } catch (SourceError e) {
      errors.add(e.getMessage());
    }
    return out;
  }

  private List<Line> read(String name, String from) {
    String text;
    try {
      text = new String(source.read(name, from), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new SourceError("file '" + name + "' not found");
    } catch (IOException e) {
      throw new SourceError("file '" + name + "' cannot be read: " + e.getMessage());
    }
    var lines = new ArrayList<Line>();
    String[] raw = text.split("\r?\n", -1);
    for (int i = 0; i < raw.length; i++) {
      var at = new SourceLine(name, i + 1);
      var whole = new StringBuilder(raw[i]);
      while (whole.length() > 0 && whole.charAt(whole.length() - 1) == '\\' && i + 1 < raw.length) {
        whole.setCharAt(whole.length() - 1, ' ');
        whole.append(raw[++i]);
      }
      tokens(whole.toString(), at, lines);
    }
    return lines;
  }

  private void tokens(String text, SourceLine at, List<Line> lines) {
    try {
      var tokens = Lexer.tokens(text);
      if (!tokens.isEmpty()) {
        lines.add(new Line(tokens, at, ""));
      }
    } catch (SourceError e) {
      errors.add(at + ": " + e.getMessage());
    }
  }

  /** The state of one {@code %if}. */
  private static final class Conditional {
    boolean active;
    boolean done;
    boolean elseSeen;
    final Line at;

    Conditional(boolean holds, boolean outer, Line at) {
      this.active = holds && outer;
      this.done = holds || !outer;
      this.at = at;
    }
  }

  /** Processes lines up to the end; blocks that belong together ({@code %if}, {@code %macro}, {@code %rep}) must end inside. */
  private void block(List<Line> lines, Macro.Frame frame) {
    if (++depth > MOST_NESTED) {
      depth--;
      throw new SourceError("macros or include files nested more than " + MOST_NESTED + " deep");
    }
    var conditionals = new ArrayDeque<Conditional>();
    for (int i = 0; i < lines.size() && !fatal && !exitRep && (frame == null || !frame.exit); i++) {
      Line line = lines.get(i);
      if (frame != null) {
        line = new Line(line.tokens(), frame.call, frame.context + line.at());
      }
      try {
        i = line(lines, i, line, frame, conditionals);
      } catch (SourceError e) {
        errors.add(line.message(e.getMessage()));
      }
    }
    depth--;
    if (!conditionals.isEmpty() && !exitRep && (frame == null || !frame.exit)) {
      errors.add(conditionals.peek().at.message("%if without %endif"));
    }
  }

  /** Handles one line; returns the index of the last line used. */
  private int line(List<Line> lines, int i, Line line, Macro.Frame frame, Deque<Conditional> conditionals) {
    String directive = directive(line.tokens());
    boolean active = conditionals.isEmpty() || conditionals.peek().active;
    if (conditional(directive)) {
      condition(directive, substitute(line, frame), conditionals, active);
      return i;
    }
    if (!active) {
      return i;
    }
    switch (directive) {
      case "%macro", "%imacro", "%rmacro", "%irmacro" -> {
        int end = matching(lines, i, Set.of("%macro", "%imacro", "%rmacro", "%irmacro"), Set.of("%endmacro", "%endm"), line);
        defineMacro(substitute(line, frame), lines.subList(i + 1, end));
        return end;
      }
      case "%rep" -> {
        int end = matching(lines, i, Set.of("%rep"), Set.of("%endrep"), line);
        repeat(substitute(line, frame), lines.subList(i + 1, end), frame);
        return end;
      }
      case "" -> plain(substitute(line, frame), frame);
      default -> directive(directive, substitute(line, frame), frame);
    }
    return i;
  }

  private static String directive(List<Token> tokens) {
    Token t = tokens.getFirst();
    boolean named = t.kind() == Kind.PP && t.text().length() > 1 && Character.isLetter(t.text().charAt(1));
    return named ? t.text().toLowerCase(Locale.ROOT) : "";
  }

  private Line substitute(Line line, Macro.Frame frame) {
    List<Token> tokens = frame == null ? line.tokens() : frame.substitute(line.tokens());
    if (tokens.stream().anyMatch(t -> t.text().startsWith("%$"))) {
      tokens = tokens.stream().map(this::contextLocal).toList();
    }
    return line.with(tokens);
  }

  /** {@code %$x}: local to the context {@code %push} opened. */
  private Token contextLocal(Token t) {
    if (t.kind() != Kind.PP || !t.text().startsWith("%$")) {
      return t;
    }
    int up = t.text().lastIndexOf('$') - 1;
    Integer context = contexts.stream().skip(up).findFirst().orElseThrow(() -> new SourceError("'" + t.text() + "' outside %push"));
    return new Token(Kind.WORD, "..@c" + context + "." + t.text().substring(up + 2), t.spaced());
  }

  private int matching(List<Line> lines, int from, Set<String> open, Set<String> close, Line at) {
    int nested = 0;
    for (int i = from; i < lines.size(); i++) {
      String d = directive(lines.get(i).tokens());
      nested += open.contains(d) ? 1 : close.contains(d) ? -1 : 0;
      if (nested == 0) {
        return i;
      }
    }
    throw new SourceError(at.tokens().getFirst().text() + " without " + (close.contains("%endrep") ? "%endrep" : "%endmacro"));
  }

  // ---- conditionals

  private static boolean conditional(String d) {
    return d.startsWith("%if") || d.startsWith("%elif") || d.equals("%else") || d.equals("%endif");
  }

  private void condition(String d, Line line, Deque<Conditional> stack, boolean active) {
    if (d.startsWith("%if")) {
      var c = new Conditional(false, active, line);
      stack.push(c);
      if (active) {
        take(c, holds(d.substring(3), rest(line)));
      }
      return;
    }
    Conditional c = stack.peek();
    if (c == null) {
      throw new SourceError(d + " without %if");
    }
    if (d.equals("%endif")) {
      stack.pop();
    } else if (c.elseSeen) {
      throw new SourceError(d + " after %else");
    } else if (d.equals("%else")) {
      c.elseSeen = true;
      take(c, true);
    } else {
      take(c, !c.done && holds(d.substring(5), rest(line)));
    }
  }

  private static void take(Conditional c, boolean holds) {
    c.active = !c.done && holds;
    c.done |= holds;
  }

  private static List<Token> rest(Line line) {
    return line.tokens().subList(1, line.tokens().size());
  }

  private boolean holds(String kind, List<Token> words) {
    boolean negated = kind.startsWith("n") && !kind.equals("num");
    return test(negated ? kind.substring(1) : kind, words) != negated;
  }

  private boolean test(String kind, List<Token> words) {
    return switch (kind) {
      case "" -> number(words, "the condition") != 0;
      case "def" -> defined(words);
      case "macro" -> !words.isEmpty() && macros.containsKey(words.getFirst().text().toLowerCase(Locale.ROOT));
      case "idn", "idni" -> identical(words, kind.equals("idni"));
      case "empty" -> defines.expand(words).isEmpty();
      case "num" -> kindOf(words) == Kind.NUMBER;
      case "str" -> kindOf(words) == Kind.STRING;
      case "id" -> kindOf(words) == Kind.WORD;
      case "token" -> defines.expand(words).size() == 1;
      case "ctx" -> !contexts.isEmpty();
      default -> throw new SourceError("unknown condition %if" + kind);
    };
  }

  private boolean defined(List<Token> words) {
    return words.stream().filter(Token::word).anyMatch(w -> defines.defined(w.text()));
  }

  private Kind kindOf(List<Token> words) {
    List<Token> t = defines.expand(words);
    return t.isEmpty() ? null : t.size() == 2 && t.getFirst().is("-") ? t.get(1).kind() : t.getFirst().kind();
  }

  private boolean identical(List<Token> words, boolean ignoreCase) {
    List<List<Token>> sides = Macro.arguments(defines.expand(words));
    if (sides.size() != 2) {
      throw new SourceError("%ifidn compares two texts: %ifidn a, b");
    }
    String a = Token.join(sides.get(0));
    String b = Token.join(sides.get(1));
    return ignoreCase ? a.equalsIgnoreCase(b) : a.equals(b);
  }

  private long number(List<Token> words, String what) {
    var p = new ExprParser(defines.expand(words), "");
    Value v = p.expression().eval(CONSTANTS);
    p.end();
    return v.scalar(what);
  }

  /** The preprocessor runs before labels exist. */
  private static final Expr.Scope CONSTANTS = new Expr.Scope() {
    @Override
    public Value symbol(String name) {
      throw new SourceError("'" + name + "' is not a preprocessor constant (labels and equ are not known to the preprocessor; "
          + "use %assign)");
    }

    @Override
    public Value here() {
      throw new SourceError("$ is not known to the preprocessor");
    }

    @Override
    public Value sectionStart() {
      throw new SourceError("$$ is not known to the preprocessor");
    }
  };

  // ---- directives

  private void directive(String d, Line line, Macro.Frame frame) {
    List<Token> words = rest(line);
    switch (d) {
      case "%define", "%xdefine", "%idefine", "%ixdefine" -> define(d, words);
      case "%assign", "%iassign" -> assign(d, words);
      case "%undef" -> words.stream().filter(Token::word).forEach(w -> defines.undefine(w.text()));
      case "%unmacro", "%unimacro" -> macros.remove(name(words, d).toLowerCase(Locale.ROOT));
      case "%include" -> include(words, line);
      case "%error" -> errors.add(line.message(text(words)));
      case "%fatal" -> {
        errors.add(line.message(text(words)));
        fatal = true;
      }
      case "%warning" -> warnings.add(line.message(text(words)));
      case "%exitrep" -> exitRep = true;
      case "%exitmacro" -> frame(frame, d).exit = true;
      case "%rotate" -> frame(frame, d).rotate(number(words, "the count of %rotate"));
      case "%push" -> contexts.push(++unique);
      case "%pop" -> {
        if (contexts.poll() == null) {
          throw new SourceError("%pop without %push");
        }
      }
      case "%strlen", "%strcat", "%substr" -> string(d, words);
      case "%pragma", "%line" -> { } // instructions to another assembler's back ends, and to its line counter
      case "%endmacro", "%endm", "%endrep" -> throw new SourceError(d + " without its beginning");
      default -> throw new SourceError("unknown preprocessor directive " + d);
    }
  }

  private static Macro.Frame frame(Macro.Frame frame, String d) {
    if (frame == null) {
      throw new SourceError(d + " outside a macro");
    }
    return frame;
  }

  private static String name(List<Token> words, String d) {
    if (words.isEmpty() || !words.getFirst().word()) {
      throw new SourceError(d + " needs a name");
    }
    return words.getFirst().text();
  }

  private String text(List<Token> words) {
    List<Token> t = defines.expand(words);
    return t.size() == 1 ? t.getFirst().text() : Token.join(t);
  }

  private void define(String d, List<Token> words) {
    String name = name(words, d);
    int at = 1;
    List<String> parameters = null;
    if (words.size() > 1 && words.get(1).is("(") && !words.get(1).spaced()) {
      parameters = new ArrayList<>();
      for (at = 2; at < words.size() && !words.get(at).is(")"); at++) {
        if (words.get(at).word()) {
          parameters.add(words.get(at).text());
        }
      }
      at++;
    }
    List<Token> body = List.copyOf(words.subList(Math.min(at, words.size()), words.size()));
    boolean now = d.endsWith("xdefine");
    defines.define(name, parameters, now ? defines.expand(body) : body, d.startsWith("%i"));
  }

  private void assign(String d, List<Token> words) {
    String name = name(words, d);
    long value = number(words.subList(1, words.size()), "the value of %assign");
    List<Token> body = value < 0 && value != Long.MIN_VALUE
        ? List.of(new Token(Kind.OP, "-", true), new Token(Kind.NUMBER, Long.toString(-value), false)) : List.of(Token.number(value));
    defines.define(name, null, body, d.startsWith("%i"));
  }

  private void string(String d, List<Token> words) {
    String name = name(words, d);
    List<Token> values = defines.expand(words.subList(1, words.size()));
    List<String> strings = values.stream().filter(t -> t.kind() == Kind.STRING).map(Token::text).toList();
    if (strings.isEmpty()) {
      throw new SourceError(d + " needs a string");
    }
    Token result = switch (d) {
      case "%strlen" -> Token.number(Lexer.bytes(strings.getFirst()).length);
      case "%strcat" -> new Token(Kind.STRING, String.join("", strings), true);
      default -> new Token(Kind.STRING, substring(strings.getFirst(), values.subList(1, values.size())), true);
    };
    defines.define(name, null, List.of(result), false);
  }

  /** {@code %substr name 'text' from, length}: counted from 1; a negative length counts from the end. */
  private String substring(String s, List<Token> words) {
    List<List<Token>> numbers = Macro.arguments(words.stream().dropWhile(t -> t.is(",")).toList());
    int from = (int) number(numbers.getFirst(), "the start of %substr") - 1;
    long length = numbers.size() > 1 ? number(numbers.get(1), "the length of %substr") : 1;
    long to = length < 0 ? s.length() + length + 1 : from + length;
    return from < 0 || from >= s.length() || to <= from ? "" : s.substring(from, (int) Math.min(to, s.length()));
  }

  private void include(List<Token> words, Line line) {
    List<Token> t = defines.expand(words);
    if (t.size() != 1 || t.getFirst().kind() != Kind.STRING) {
      throw new SourceError("%include needs a file name in quotes");
    }
    block(read(t.getFirst().text(), line.at().file()), null);
  }

  private void repeat(Line line, List<Line> body, Macro.Frame frame) {
    long count = number(rest(line), "the count of %rep");
    if (count > MOST_REPEATS) {
      throw new SourceError("%rep " + count + ": at most " + MOST_REPEATS);
    }
    for (long n = 0; n < count && !exitRep && !fatal; n++) {
      block(body, frame);
    }
    exitRep = false;
  }

  // ---- macros and plain lines

  private void defineMacro(Line line, List<Line> body) {
    Macro m = Macro.header(rest(line), List.copyOf(body));
    var same = macros.computeIfAbsent(m.name().toLowerCase(Locale.ROOT), k -> new ArrayList<>());
    same.removeIf(old -> old.least() == m.least() && old.most() == m.most());
    same.add(m);
  }

  private void plain(Line line, Macro.Frame frame) {
    List<Token> tokens = line(defines.expand(line.tokens()), line);
    if (tokens.isEmpty()) {
      return;
    }
    int call = callAt(tokens);
    if (call < 0 || !call(tokens, call, line, frame)) {
      out.add(line.with(tokens));
    }
  }

  /** {@code __LINE__} and {@code __FILE__}. */
  private static List<Token> line(List<Token> tokens, Line line) {
    return tokens.stream().map(t -> !t.word() ? t : switch (t.text()) {
      case "__LINE__", "__?LINE?__" -> Token.number(line.at().line());
      case "__FILE__", "__?FILE?__" -> new Token(Kind.STRING, line.at().file(), t.spaced());
      default -> t;
    }).toList();
  }

  /** Where a macro's name stands: first, or after a label; -1 if nowhere. */
  private int callAt(List<Token> tokens) {
    if (isMacro(tokens.getFirst())) {
      return 0;
    }
    int after = tokens.size() > 1 && tokens.get(1).is(":") ? 2 : 1;
    return tokens.getFirst().word() && tokens.size() > after && isMacro(tokens.get(after))
        && (after == 2 || !instruction.test(tokens.getFirst().text())) ? after : -1;
  }

  private boolean isMacro(Token t) {
    return t.word() && macros.containsKey(t.text().toLowerCase(Locale.ROOT));
  }

  /** Expands a call; false if the word is an instruction after all. */
  private boolean call(List<Token> tokens, int at, Line line, Macro.Frame outer) {
    String name = tokens.get(at).text();
    List<Token> given = tokens.subList(at + 1, tokens.size());
    for (Macro m : macros.get(name.toLowerCase(Locale.ROOT))) {
      List<List<Token>> args = m.bind(given);
      boolean recursive = outer != null && outer.name.equalsIgnoreCase(name) && instruction.test(name);
      if (args != null && !recursive) {
        if (at > 0) {
          out.add(line.with(tokens.subList(0, at)));
        }
        String context = "in macro " + m.name() + ", ";
        block(m.body(), new Macro.Frame(m.name(), ++unique, line.at(), context, args));
        return true;
      }
    }
    if (instruction.test(name)) {
      return false;
    }
    Macro m = macros.get(name.toLowerCase(Locale.ROOT)).getFirst();
    throw new SourceError("macro '" + name + "' takes " + m.least() + (m.most() == m.least() ? "" : m.most() == Integer.MAX_VALUE
        ? " or more"
        : " to " + m.most()) + " parameters, given " + Macro.arguments(given).size());
  }
}
