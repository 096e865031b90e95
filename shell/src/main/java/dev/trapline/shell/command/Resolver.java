package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.util.ArrayList;
import java.util.List;

/** Finds the command a line means: canonical names, aliases, unique prefixes; {@code x/4xw} is {@code x} with format {@code 4xw}. */
final class Resolver {
  /** A command and the words for its parser. */
  record Resolved(Registry.Entry entry, List<String> words) {}

  private final Registry registry;
  private final Aliases aliases;

  Resolver(Registry registry, Aliases aliases) {
    this.registry = registry;
    this.aliases = aliases;
  }

  /** The command, or null if the first word is none; a prefix of several is {@link BadInput}. */
  Resolved resolve(String line) {
    List<String> words = words(line);
    if (words.isEmpty()) {
      return null;
    }
    if (words.getFirst().equals("monitor") && words.size() > 1) {
      words = words.subList(1, words.size());
    }
    String first = words.getFirst();
    List<String> rest = words.subList(1, words.size());
    String expansion = aliases.expansion(first);
    if (expansion == null && !known(first) && first.indexOf('/') > 0) {
      int slash = first.indexOf('/');
      String name = first.substring(0, slash);
      String stem = aliases.expansion(name);
      return find(stem == null ? List.of(name) : List.of(stem.split("\\|")), first.substring(slash + 1), rest);
    }
    return find(expansion == null ? List.of(first) : List.of(expansion.split("\\|")), null, rest);
  }

  /** A line that cannot be split into words may still be a script: only commands are held to quoting. */
  private List<String> words(String line) {
    try {
      return Words.of(line);
    } catch (BadInput unbalanced) {
      String first = line.split("[\\s/]", 2)[0];
      if (known(first) || aliases.expansion(first) != null) {
        throw unbalanced;
      }
      return List.of();
    }
  }

  private boolean known(String name) {
    return registry.find(name) != null;
  }

  private Resolved find(List<String> head, String format, List<String> rest) {
    String name = head.getFirst();
    String slash = format;
    int at = name.indexOf('/');
    if (at > 0 && registry.find(name) == null) {
      slash = name.substring(at + 1);
      name = name.substring(0, at);
    }
    Registry.Entry entry = registry.find(name);
    if (entry == null) {
      entry = byPrefix(name);
    }
    if (entry == null) {
      String alias = aliases.byPrefix(name);
      return alias == null ? null : find(List.of(alias.split("\\|")), slash, rest);
    }
    var words = new ArrayList<String>(head.subList(1, head.size()));
    if (slash != null) {
      words.add("--format=" + slash);
    }
    words.addAll(rest);
    return new Resolved(entry, words);
  }

  private Registry.Entry byPrefix(String prefix) {
    if (prefix.length() < 2 || !Character.isLetter(prefix.charAt(0))) {
      return null;
    }
    List<String> matches = registry.names().stream().filter(n -> n.startsWith(prefix)).toList();
    if (matches.size() > 1) {
      throw new BadInput("'" + prefix + "' is ambiguous: " + String.join(", ", matches));
    }
    return matches.isEmpty() ? null : registry.find(matches.getFirst());
  }
}
