package dev.trapline.shell.repl;

import static dev.trapline.shell.repl.ShellCompleter.described;

import dev.trapline.shell.command.ApiDocs;
import dev.trapline.shell.command.Shell;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jline.reader.Candidate;

/** Completes what lines of Groovy begin with: verbs of scripts, and members behind a dot. Never inside a command's arguments. */
final class ScriptCandidates {
  /** Sections of the documentation by the names under which scripts have such objects. */
  private static final Map<String, String> ROOTS = Map.of("machine", "machine", "cpu", "cpu", "mem", "mem", "tables", "tables");
  private final Shell shell;
  private ApiDocs docs;

  ScriptCandidates(Shell shell) {
    this.shell = shell;
  }

  private ApiDocs docs() {
    if (docs == null) {
      docs = ApiDocs.read();
    }
    return docs;
  }

  /** What a line may begin with that is no command. */
  void verbs(List<Candidate> out) {
    docs().section("script").members().stream().filter(m -> shell.registry().find(m.name()) == null)
        .forEach(m -> out.add(new Candidate(m.name(), m.usage(), "Groovy", m.brief(), null, null, false)));
  }

  /** The members of an object, if a word has a dot; false if it has none. */
  boolean members(String word, List<Candidate> out) {
    int dot = word.lastIndexOf('.');
    String section = dot < 0 ? null : ROOTS.get(Optional.of(word.substring(0, dot)).map(w -> w.substring(w.lastIndexOf('.') + 1)).orElseThrow());
    if (section == null) {
      return dot >= 0;
    }
    String before = word.substring(0, dot + 1);
    docs().section(section).members().stream().filter(m -> !m.name().equals("[]"))
        .forEach(m -> out.add(new Candidate(before + m.name(), m.usage(), "Groovy", m.brief(), null, null, false)));
    if (section.equals("cpu")) {
      shell.session().inspect().registerNames().forEach(r -> out.add(new Candidate(before + r, r, "Registers", "register", null, null, false)));
    }
    return true;
  }

  /** What {@code help script} knows. */
  void names(List<Candidate> out) {
    docs().sections().forEach(s -> {
      out.add(described(s.word(), s.from().isEmpty() ? "what every script can say" : s.from()));
      s.members().forEach(m -> out.add(described(m.name(), m.brief())));
    });
  }
}
