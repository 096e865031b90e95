package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.asm.Token.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Single-line macros: {@code %define} and its relatives (NASM manual 4.1). */
final class Defines {
  /** One definition; {@code parameters} is null for a name without parentheses. */
  private record Define(List<String> parameters, List<Token> body) {}

  private final Map<String, List<Define>> exact = new HashMap<>();
  private final Map<String, List<Define>> anyCase = new HashMap<>();

  void define(String name, List<String> parameters, List<Token> body, boolean ignoreCase) {
    var list = (ignoreCase ? anyCase : exact).computeIfAbsent(ignoreCase ? lower(name) : name, k -> new ArrayList<>());
    list.removeIf(d -> arity(d.parameters) == arity(parameters));
    list.add(new Define(parameters, body));
  }

  private static int arity(List<String> parameters) {
    return parameters == null ? -1 : parameters.size();
  }

  void undefine(String name) {
    exact.remove(name);
    anyCase.remove(lower(name));
  }

  boolean defined(String name) {
    return exact.containsKey(name) || anyCase.containsKey(lower(name));
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The tokens with all single-line macros expanded and {@code %+} pasted. */
  List<Token> expand(List<Token> tokens) {
    return paste(expand(tokens, Set.of()));
  }

  private List<Token> expand(List<Token> tokens, Set<String> active) {
    var out = new ArrayList<Token>();
    for (int i = 0; i < tokens.size(); i++) {
      Token t = tokens.get(i);
      List<Define> candidates = t.word() && !active.contains(t.text()) ? candidates(t.text()) : List.of();
      if (candidates.isEmpty()) {
        out.add(t);
        continue;
      }
      var call = new Call(tokens, i + 1);
      Define d = choose(candidates, call);
      if (d == null) {
        out.add(t);
        continue;
      }
      var deeper = new HashSet<>(active);
      deeper.add(t.text());
      List<Token> body = d.parameters == null ? d.body : substitute(d, call.arguments(), active);
      List<Token> result = expand(body, deeper);
      for (int k = 0; k < result.size(); k++) {
        out.add(k == 0 ? result.get(0).spaced(t.spaced()) : result.get(k));
      }
      i = d.parameters == null ? i : call.end - 1;
    }
    return out;
  }

  private List<Define> candidates(String name) {
    List<Define> list = exact.get(name);
    return list != null ? list : anyCase.getOrDefault(lower(name), List.of());
  }

  private static Define choose(List<Define> candidates, Call call) {
    Define plain = null;
    for (Define d : candidates) {
      if (d.parameters == null) {
        plain = d;
      } else if (call.present() && d.parameters.size() == call.arguments().size()) {
        return d;
      }
    }
    return plain;
  }

  private List<Token> substitute(Define d, List<List<Token>> arguments, Set<String> active) {
    var out = new ArrayList<Token>();
    for (Token t : d.body) {
      int p = t.word() ? d.parameters.indexOf(t.text()) : -1;
      if (p < 0) {
        out.add(t);
        continue;
      }
      List<Token> value = expand(arguments.get(p), active);
      for (int k = 0; k < value.size(); k++) {
        out.add(k == 0 ? value.get(0).spaced(t.spaced()) : value.get(k));
      }
    }
    return out;
  }

  /** The parenthesised arguments after a name. */
  private static final class Call {
    private final List<Token> tokens;
    private final int start;
    private List<List<Token>> arguments;
    int end;

    Call(List<Token> tokens, int start) {
      this.tokens = tokens;
      this.start = start;
    }

    boolean present() {
      return start < tokens.size() && tokens.get(start).is("(");
    }

    List<List<Token>> arguments() {
      if (arguments == null) {
        arguments = new ArrayList<>();
        parse();
      }
      return arguments;
    }

    private void parse() {
      int depth = 0;
      var current = new ArrayList<Token>();
      for (end = start; end < tokens.size(); ) {
        Token t = tokens.get(end++);
        depth += t.is("(") ? 1 : t.is(")") ? -1 : 0;
        if (depth == 0) {
          if (!current.isEmpty() || !arguments.isEmpty()) {
            arguments.add(current);
          }
          return;
        }
        if (depth == 1 && t.is(",")) {
          arguments.add(current);
          current = new ArrayList<>();
        } else if (end - 1 > start) {
          current.add(t);
        }
      }
      throw new SourceError("the arguments of '" + tokens.get(start - 1).text() + "' lack a closing parenthesis");
    }
  }

  /** Joins the neighbours of {@code %+}. */
  private static List<Token> paste(List<Token> tokens) {
    var out = new ArrayList<Token>();
    for (int i = 0; i < tokens.size(); i++) {
      Token t = tokens.get(i);
      if (t.kind() == Kind.PP && t.text().equals("%+") && !out.isEmpty() && i + 1 < tokens.size()) {
        Token left = out.removeLast();
        out.add(join(left, tokens.get(++i)));
      } else {
        out.add(t);
      }
    }
    return out;
  }

  /** Two tokens as one. */
  static Token join(Token left, Token right) {
    var joined = Lexer.tokens(left.text() + right.text());
    if (joined.size() != 1) {
      throw new SourceError("'" + left.text() + right.text() + "' is not one word");
    }
    return joined.getFirst().spaced(left.spaced());
  }
}
