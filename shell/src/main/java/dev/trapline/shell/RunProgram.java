package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.render.Text;
import dev.trapline.shell.script.Claim;
import dev.trapline.shell.script.GroovyScript;
import dev.trapline.shell.script.Scripting;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code run}: a script in Groovy, from its first line to its exit code. */
@Command(name = "trapline run", description = "Run a Groovy script. Options before it say what its 'machine' is, if it makes none itself;\n"
    + "what follows it are its own options (run SCRIPT --help shows what it is about).", usageHelpWidth = 100,
    customSynopsis = {"trapline run [OPTIONS] SCRIPT [ARGS]", "       trapline run [OPTIONS] -e EXPR..."}, synopsisHeading = "Usage: ",
    footerHeading = "%nExit codes: 0 fine, 1 assertion or check failed, 2 usage or script error, 3 guest fault, 4 limit, 130 Ctrl-C.%n",
    footer = {"Examples:", "  trapline run -e '1 + 1'", "  trapline run -e 'go()' -e 'machine.lines.take(3)'",
        "  trapline run scripts/exit-costs.groovy --svg costs.svg",
        "  trapline run --kernel vmlinuz --mem 256M --junit result.xml check.groovy fast"})
final class RunProgram implements Program {
  @Mixin
  private final MachineOptions machine = new MachineOptions();

  @Mixin
  private final SaveOptions saves = new SaveOptions();

  @Option(names = {"-e", "--execute"}, paramLabel = "EXPR", description = "run this and print its value; may be repeated")
  private List<String> expressions = new ArrayList<>();

  @Option(names = "--report", paramLabel = "FILE", description = "write how it ended as JSON")
  private Path report;

  @Option(names = "--junit", paramLabel = "FILE", description = "write the script's checks as JUnit's XML")
  private Path junit;

  @Option(names = "--timeout", paramLabel = "SECONDS", description = "leave with 4 after so much time of the host")
  private double timeout;

  @Option(names = "--limit", paramLabel = "N", description = "leave with 4 when a machine has executed so many instructions")
  private long limit;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this")
  private boolean help;

  @Parameters(arity = "0..*", paramLabel = "SCRIPT", hidden = true)
  private List<String> words = new ArrayList<>();

  private final PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
  private final List<Session> opened = new ArrayList<>();

  @Override
  public int run() {
    if (expressions.isEmpty() == words.isEmpty() && words.isEmpty()) {
      throw new BadInput("run: a script or -e is expected (trapline run --help)");
    }
    if (timeout < 0 || limit < 0) {
      throw new BadInput("--timeout and --limit take positive numbers");
    }
    boolean file = expressions.isEmpty();
    List<String> arguments = file ? words.subList(1, words.size()) : words;
    if (file && arguments.contains("--help")) {
      System.out.println(header(read(Path.of(words.getFirst()))));
      return ExitCode.OK;
    }
    var scripting = new Scripting(new ScriptWorkshop(this::given, out), out, arguments);
    scripting.limit(limit == 0 ? Long.MAX_VALUE : limit);
    return reported(scripting, file ? words.getFirst() : String.join("; ", expressions), arguments);
  }

  private Session given() {
    Session session = saves.open(machine);
    opened.add(session);
    return session;
  }

  /** Runs it, and reports on it whatever its end. */
  private int reported(Scripting scripting, String name, List<String> arguments) {
    RuntimeException end = null;
    try {
      watched(scripting);
      claims(scripting.claims());
    } catch (BadInput | Failure wrong) {
      end = wrong;
    } finally {
      out.flush();
      opened.forEach(s -> s.saves().stopRecording());
    }
    int status = end == null ? ExitCode.OK : end instanceof Failure f ? f.code() : ExitCode.USAGE;
    if (report != null || junit != null) {
      var all = new ScriptReport(status, end == null ? null : end.getMessage(), name, List.copyOf(arguments), scripting.claims(),
          scripting.machines().stream().map(m -> stand(m.getSession())).toList());
      write(all);
    }
    if (end != null) {
      throw end;
    }
    return status;
  }

  private void write(ScriptReport all) {
    if (report != null) {
      all.json(report);
    }
    if (junit != null) {
      all.junit(junit);
    }
  }

  private static ScriptReport.MachineReport stand(Session s) {
    return new ScriptReport.MachineReport(s.image().boot().name(), s.executed(), s.last(), "0x%016x".formatted(s.stateHash()));
  }

  private static void claims(List<Claim> claims) {
    long failed = claims.stream().filter(c -> !c.held()).count();
    if (failed > 0) {
      throw new Failure(ExitCode.ASSERTION, failed + " of " + claims.size() + " checks failed: "
          + claims.stream().filter(c -> !c.held()).map(Claim::name).collect(Collectors.joining(", ")));
    }
  }

  /** Runs with Ctrl-C and the clock able to end it. */
  private void watched(Scripting scripting) {
    var groovy = new GroovyScript(scripting);
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    Object before = Signals.register("INT", groovy::stop);
    try {
      if (timeout > 0) {
        clock.schedule(() -> scripting.stopper().stop(ExitCode.LIMIT, "the time limit of " + timeout + " seconds came first"),
            (long) (timeout * 1e9), TimeUnit.NANOSECONDS);
      }
      all(groovy);
    } finally {
      Signals.unregister("INT", before);
      clock.shutdownNow();
    }
  }

  private void all(GroovyScript groovy) {
    if (expressions.isEmpty()) {
      Path file = Path.of(words.getFirst());
      groovy.evaluate(read(file), file.getFileName().toString());
    }
    for (String e : expressions) {
      Object value = groovy.evaluate(e);
      if (value != null) {
        out.println(new Text(Style.PLAIN).of(value));
      }
    }
  }

  private static String read(Path script) {
    try {
      return Files.readString(script);
    } catch (MalformedInputException binary) {
      throw new BadInput(script + " is no text: a Groovy script is expected");
    } catch (IOException absent) {
      throw new BadInput("no script " + script);
    }
  }

  /** The comment a script begins with. */
  private static String header(String text) {
    return text.lines().dropWhile(l -> l.startsWith("#!")).takeWhile(l -> l.startsWith("//")).map(l -> l.replaceFirst("^// ?", ""))
        .collect(Collectors.joining("\n"));
  }
}
