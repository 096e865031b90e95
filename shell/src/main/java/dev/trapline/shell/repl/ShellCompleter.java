package dev.trapline.shell.repl;

import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.change.SetCommand;
import dev.trapline.shell.command.look.InfoCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private final Shell shell;

  public ShellCompleter(Shell shell) {
    this.shell = shell;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> out) {
    if (line.wordIndex() == 0) {
      commands(out);
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
    } else {
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

  private void arguments(String command, ParsedLine line, String word, List<Candidate> out) {
    switch (command) {
      case "load", "source", "symbols" -> files(word, out);
      case "info" -> info(line, out);
      case "attach" -> consoles(out);
      case "help" -> shell.registry().all().forEach(e -> out.add(described(e.name(), e.summary())));
      case "set" -> {
        SetCommand.SETTINGS.forEach(s -> out.add(described(s, "setting")));
        registers(out);
      }
      case "r" -> {
        registers(out);
        List.of("general", "flags", "segments", "control", "debug", "xmm").forEach(p -> out.add(described(p, "part")));
      }
      case "cpu" -> shell.session().cpus().forEach(c -> out.add(described(Integer.toString(c.number()), c.state())));
      case "bp" -> breakpoints(line, word, out);
      case "pt" -> {
        if (line.wordIndex() == 1) {
          out.add(described("walk", "translate an address step by step"));
        } else {
          addresses(word, out);
        }
      }
      case "x", "xp", "u", "until", "watch", "?", "poke", "fill", "find", "assert", "asm" -> addresses(word, out);
      default -> { }
    }
  }

  private static Candidate described(String value, String about) {
    return new Candidate(value, value, null, about.isEmpty() ? null : about, null, null, true);
  }

  private void saves(String command, ParsedLine line, String word, List<Candidate> out) {
    boolean alias = !line.words().getFirst().equals(command);
    if (line.wordIndex() == 1 && !alias) {
      (command.equals("snap") ? shell.registry().find("snap").line().getSubcommands().keySet() : Set.of("off", "replay")).forEach(w -> out.add(described(w, "")));
    }
    if (line.wordIndex() > 1 || alias || command.equals("journal")) {
      files(word, out);
    }
  }

  private void info(ParsedLine line, List<Candidate> out) {
    if (line.wordIndex() == 1) {
      InfoCommand.topics(shell).forEach((name, about) -> out.add(described(name, about)));
    } else if (line.words().get(1).equals("state")) {
      shell.session().inspect().devices().forEach(d -> out.add(described(d, "component")));
    } else if (line.words().get(1).equals("insn")) {
      shell.session().inspect().mnemonics().forEach(m -> out.add(described(m, "")));
    } else if (line.words().get(1).startsWith("symbol")) {
      addresses(line.word(), out);
    }
  }

  private void breakpoints(ParsedLine line, String word, List<Candidate> out) {
    String sub = line.words().get(1);
    if (line.wordIndex() == 1) {
      Map.of("add", "set one", "ls", "list", "rm", "delete", "on", "enable", "off", "disable", "ignore", "let hits pass")
          .forEach((name, about) -> out.add(described(name, about)));
    }
    if (line.wordIndex() > 1 && !sub.equals("add")) {
      shell.session().breakpoints().list().forEach(b -> out.add(described(Integer.toString(b.id()), b.kind() + " " + b.where())));
    } else {
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

  private static void files(String word, List<Candidate> out) {
    int slash = word.lastIndexOf('/');
    String folder = slash < 0 ? "" : word.substring(0, slash + 1);
    String real = folder.startsWith("~/") ? System.getProperty("user.home") + folder.substring(1) : folder;
    try (Stream<Path> list = Files.list(Path.of(real.isEmpty() ? "." : real))) {
      list.filter(p -> !p.getFileName().toString().startsWith(".")).sorted().forEach(p -> {
        boolean directory = Files.isDirectory(p);
        String name = p.getFileName() + (directory ? "/" : "");
        out.add(new Candidate(folder + name, name, null, null, null, null, !directory));
      });
    } catch (IOException unreadable) {
      // A folder that cannot be read has nothing to offer.
      out.clear();
    }
  }
}
