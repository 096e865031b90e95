package dev.trapline.shell.repl;

import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.change.SetCommand;
import dev.trapline.shell.command.look.InfoCommand;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.EventFilter;
import dev.trapline.vm.event.EventKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Completes commands with their descriptions, and inside a command what it takes: registers, symbols, breakpoint numbers, files,
 * topics, options. Never Groovy inside a command's arguments.
 */
public final class ShellCompleter implements Completer {
  private static final int MOST_SYMBOLS = 200;
  private static final Set<String> NUMBERED = Set.of("rm", "on", "off", "ignore");
  private final Shell shell;
  private final ScriptCandidates scripts;

  public ShellCompleter(Shell shell) {
    this.shell = shell;
    this.scripts = new ScriptCandidates(shell);
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> out) {
    if (line.wordIndex() == 0) {
      if (!scripts.members(line.word(), out)) {
        commands(out);
        scripts.verbs(out);
      }
      return;
    }
    String first = line.words().getFirst();
    String name = first.contains("/") ? first.substring(0, first.indexOf('/')) : first;
    String expansion = shell.aliases().expansion(name);
    String canonical = expansion == null ? name : expansion.split("[|/]")[0];
    Registry.Entry entry = shell.registry().find(canonical);
    if (entry == null) {
      return;
    }
    String word = line.word().substring(0, Math.min(line.wordCursor(), line.word().length()));
    if (word.startsWith("-")) {
      options(entry, line.words(), out);
    } else if (!value(line.words().get(line.wordIndex() - 1), line, word, out)) {
      arguments(entry.name(), line, word, out);
    }
  }

  private void commands(List<Candidate> out) {
    for (Registry.Entry e : shell.registry().all()) {
      out.add(new Candidate(e.name(), e.name(), e.topic().title, e.summary(), null, null, true));
    }
    shell.aliases().all().forEach((alias, meaning) -> {
      if (shell.registry().find(alias) == null) {
        out.add(new Candidate(alias, alias, "Other names", "= " + meaning.replace('|', ' '), null, null, true));
      }
    });
  }

  private static void options(Registry.Entry entry, List<String> words, List<Candidate> out) {
    CommandLine line = entry.line();
    CommandLine sub = words.size() > 1 ? line.getSubcommands().get(words.get(1)) : null;
    for (OptionSpec o : (sub == null ? line : sub).getCommandSpec().options()) {
      if (!o.hidden()) {
        out.add(new Candidate(o.longestName(), o.longestName(), null, String.join(" ", o.description()), null, null, true));
      }
    }
  }

  /** What an option takes, if the word before is one that takes a value. */
  private boolean value(String option, ParsedLine line, String word, List<Candidate> out) {
    switch (option) {
      case "-g", "--guest" -> guests(out);
      case "--cpu" -> processors(out);
      case "--on" -> consoles(out);
      case "--if" -> addresses(word, out);
      case "--initrd", "--module" -> files(word.replaceFirst("^'", ""), word.startsWith("'") ? "'" : "", out);
      case "--bits" -> List.of("16", "32", "64").forEach(b -> out.add(described(b, "")));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void arguments(String command, ParsedLine line, String word, List<Candidate> out) {
    switch (command) {
      case "load", "source", "symbols", "screenshot" -> files(word, "", out);
      case "snap", "journal" -> saves(command, line, word, out);
      case "info" -> info(line, out);
      case "session" -> {
        if (line.wordIndex() == 1) {
          subcommands(shell.registry().find("session"), out);
        } else {
          files(word, "", out);
        }
      }
      case "attach" -> {
        consoles(out);
        guests(out);
      }
      case "guest", "balloon" -> guests(out);
      case "help" -> help(line, out);
      case "script" -> script(line, word, out);
      case "set" -> {
        SetCommand.SETTINGS.forEach(s -> out.add(described(s, "setting")));
        registers(out);
      }
      case "r" -> {
        registers(out);
        List.of("general", "flags", "segments", "control", "debug", "xmm").forEach(p -> out.add(described(p, "part")));
      }
      case "cpu" -> processors(out);
      case "bp" -> breakpoints(line, word, out);
      case "trace" -> {
        event(line, 1, out);
        if (line.wordIndex() == 1) {
          out.add(described("off", "no more"));
        }
      }
      case "probe" -> {
        if (line.wordIndex() == 1) {
          out.add(described("io", "a port"));
        }
        addresses(word, out);
      }
      case "pt" -> {
        if (line.wordIndex() == 1) {
          subcommands(shell.registry().find("pt"), out);
        } else if (line.words().get(1).equals("diff")) {
          shell.session().tables().saved().forEach(n -> out.add(described(n, "kept by pt save")));
        } else {
          addresses(word, out);
        }
      }
      case "x", "xp", "xh", "owner", "u", "until", "watch", "?", "poke", "fill", "find", "assert", "asm" -> addresses(word, out);
      default -> { }
    }
  }

  private static void subcommands(Registry.Entry entry, List<Candidate> out) {
    entry.line().getSubcommands().forEach((name, sub) -> out.add(described(name, sub.getCommandSpec().usageMessage().description()[0])));
  }

  private void script(ParsedLine line, String word, List<Candidate> out) {
    if (line.wordIndex() == 1) {
      out.add(described("load", "run a script and keep its handlers"));
      out.add(described("reload", "run the loaded ones again"));
      out.add(described("ls", "list the loaded ones"));
      out.add(described("rm", "take a script's handlers away"));
    } else if (line.words().get(1).equals("load")) {
      files(word, "", out);
    } else {
      shell.scripts().forEach(s -> out.add(described(s.toString(), "")));
    }
  }

  private void help(ParsedLine line, List<Candidate> out) {
    if (line.wordIndex() == 1) {
      shell.registry().all().forEach(e -> out.add(described(e.name(), e.summary())));
      out.add(described("script", "what scripts in Groovy can say"));
      out.add(described("event", "kinds of events"));
    } else if (line.words().get(1).equals("event")) {
      Arrays.stream(EventKind.values()).forEach(k -> out.add(described(k.word(), k.about())));
    } else if (line.words().get(1).equals("script")) {
      scripts.names(out);
    }
  }

  static Candidate described(String value, String about) {
    return new Candidate(value, value, null, about.isEmpty() ? null : about, null, null, true);
  }

  private void saves(String command, ParsedLine line, String word, List<Candidate> out) {
    boolean alias = !line.words().getFirst().equals(command);
    if (line.wordIndex() == 1 && !alias) {
      Set<String> words = command.equals("snap") ? shell.registry().find("snap").line().getSubcommands().keySet() : Set.of("off", "replay");
      words.forEach(w -> out.add(described(w, "")));
    }
    if (line.wordIndex() > 1 || alias || command.equals("journal")) {
      files(word, "", out);
    }
  }

  private void guests(List<Candidate> out) {
    if (!shell.session().guests().names().isEmpty()) {
      shell.session().monitor().guests().forEach(g -> out.add(described(g.name(), "guest " + g.id() + ", " + g.technique() + ", " + g.state())));
    }
  }

  private void processors(List<Candidate> out) {
    shell.session().cpus().forEach(c -> out.add(described(Integer.toString(c.number()), c.state())));
  }

  /** A kind of event at a place among the words, and behind it what the kind takes. */
  private static void event(ParsedLine line, int at, List<Candidate> out) {
    if (line.wordIndex() == at) {
      for (EventKind k : EventKind.values()) {
        out.add(described(k.word(), k.about()));
      }
      return;
    }
    EventKind kind = line.wordIndex() > at ? EventKind.of(line.words().get(at)) : null;
    if (kind != null) {
      EventFilter.words(kind).forEach(w -> out.add(described(w.word(), w.about())));
    }
  }

  private void structures(String word, List<Candidate> out) {
    try {
      shell.session().inspect().structs(word).stream().filter(s -> s.startsWith(word)).limit(MOST_SYMBOLS)
          .forEach(s -> out.add(described(s, "structure")));
    } catch (BadInput none) {
      // Not a Linux guest, or one that describes none.
      out.clear();
    }
  }

  private void info(ParsedLine line, List<Candidate> out) {
    if (line.wordIndex() == 1) {
      InfoCommand.topics(shell).forEach((name, about) -> out.add(described(name, about)));
    } else if (line.words().get(1).equals("state")) {
      shell.session().inspect().devices().forEach(d -> out.add(described(d, "component")));
    } else if (line.words().get(1).equals("insn")) {
      shell.session().inspect().mnemonics().forEach(m -> out.add(described(m, "")));
    } else if (line.words().get(1).equals("struct") && line.wordIndex() == 2) {
      structures(line.word(), out);
    } else if (line.words().get(1).startsWith("symbol") || line.words().get(1).equals("struct")) {
      addresses(line.word(), out);
    }
  }

  private void breakpoints(ParsedLine line, String word, List<Candidate> out) {
    String sub = line.words().get(1);
    if (line.wordIndex() == 1) {
      Map.of("add", "set one", "ls", "list", "rm", "delete", "on", "enable", "off", "disable", "ignore", "let hits pass")
          .forEach((name, about) -> out.add(described(name, about)));
    }
    int first = sub.equals("add") ? 2 : 1;
    boolean event = line.wordIndex() > first && EventKind.of(line.words().get(first)) != null;
    if (event || line.wordIndex() == first) {
      event(line, first, out);
    }
    if (NUMBERED.contains(sub) && line.wordIndex() > 1) {
      shell.session().breakpoints().list().forEach(b -> out.add(described(Integer.toString(b.id()), b.kind() + " " + b.where())));
    } else if (!event) {
      addresses(word, out);
    }
  }

  private void consoles(List<Candidate> out) {
    shell.session().consoles().forEach(c -> out.add(described(c.name(), c.about())));
  }

  private void registers(List<Candidate> out) {
    shell.session().inspect().registerNames().forEach(r -> out.add(described(r, "register")));
  }

  private void addresses(String word, List<Candidate> out) {
    String prefix = word.matches("[vlp]:.*") ? word.substring(0, 2) : "";
    String rest = word.substring(prefix.length());
    shell.session().symbols().names().stream().filter(s -> s.startsWith(rest)).limit(MOST_SYMBOLS)
        .forEach(s -> out.add(described(prefix + s, "symbol")));
    if (prefix.isEmpty()) {
      registers(out);
    }
  }

  private static void files(String word, String quote, List<Candidate> out) {
    int slash = word.lastIndexOf('/');
    String folder = slash < 0 ? "" : word.substring(0, slash + 1);
    String real = folder.startsWith("~/") ? System.getProperty("user.home") + folder.substring(1) : folder;
    try (Stream<Path> list = Files.list(Path.of(real.isEmpty() ? "." : real))) {
      list.filter(p -> !p.getFileName().toString().startsWith(".")).sorted().forEach(p -> {
        boolean directory = Files.isDirectory(p);
        String name = p.getFileName() + (directory ? "/" : "");
        out.add(new Candidate(quote + folder + name, name, null, null, null, null, !directory));
      });
    } catch (IOException unreadable) {
      // A folder that cannot be read has nothing to offer.
      out.clear();
    }
  }
}
