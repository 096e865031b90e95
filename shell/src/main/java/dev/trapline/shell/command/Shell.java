package dev.trapline.shell.command;

import dev.trapline.shell.render.Json;
import dev.trapline.shell.render.MemoryFormat;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.render.Text;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.ExitTally;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.view.RegistersView;
import dev.trapline.vm.isa.disasm.Syntax;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What commands work with: the session, the output, the settings. Executes lines. */
public final class Shell {
  private final Session session;
  private final PrintWriter out;
  private final Registry registry;
  private final Aliases aliases = new Aliases();
  private final boolean interactive;
  private Style style;
  private Script script;
  private Attacher attacher;
  private Pager pager;
  private boolean paging = true;
  private List<String> arguments = List.of();
  private final Set<Path> scripts = new LinkedHashSet<>();
  private final ConsoleText console = new ConsoleText();
  private final GuestLines guestLines;
  private Object result;
  private RegistersView shown;
  private Examined examined;
  private final Map<String, Tallies> tallies = new HashMap<>();
  private Address disassembled;
  private boolean leaving;
  /** The guest's console stands in the middle of a line. */
  private volatile boolean midLine;
  private boolean autoContext = true;
  private String repeatable;
  private int depth;
  private Transcript transcript;

  /**
   * @param interactive whether a person sits there: results of stepping get more context, errors do not end anything
   */
  public Shell(Registry registry, Session session, PrintWriter out, Style style, boolean interactive) {
    this.registry = registry;
    this.session = session;
    this.guestLines = new GuestLines(session.guests().names());
    this.out = out;
    this.style = style;
    this.interactive = interactive;
  }

  /** The commands it knows. */
  public Registry registry() {
    return registry;
  }

  /** The session of the guest that commands are about. */
  public Session session() {
    return session.guests().current();
  }

  public PrintWriter out() {
    return out;
  }

  public boolean interactive() {
    return interactive;
  }

  public Style style() {
    return style;
  }

  public void style(Style value) {
    style = value;
  }

  public Text text() {
    return new Text(style);
  }

  public Aliases aliases() {
    return aliases;
  }

  /** The scripting language behind lines that are no commands; null if there is none. */
  public void script(Script value) {
    script = value;
  }

  /** What stands behind the script on the command line: {@code args} of scripts. */
  public List<String> arguments() {
    return arguments;
  }

  public void arguments(List<String> words) {
    arguments = List.copyOf(words);
  }

  /** Who connects the user with a console of the guest. */
  public void attacher(Attacher value) {
    attacher = value;
  }

  /** Who shows what is longer than the screen; null if nobody reads. */
  public void pager(Pager value) {
    pager = value;
  }

  /** Whether long results are paged without {@code | less}. */
  public void paging(boolean value) {
    paging = value;
  }

  /** Runs with input and output connected to a console. */
  public Stop attach(String name) {
    if (transcript != null) {
      transcript.gap("something was typed on " + name);
    }
    if (attacher == null) {
      throw new BadInput("nobody is here to attach to " + session().console(name).name() + ": type and expect do it in scripts");
    }
    return attacher.attach(this, name);
  }

  /** The last result, {@code _} in scripts. */
  public Object result() {
    return result;
  }

  /** Registers as they were when last shown, to accent changes; may be null. */
  public RegistersView shown() {
    return shown;
  }

  public void shown(RegistersView value) {
    shown = value;
  }

  /** Whether the next instruction is shown after each stop. */
  public boolean autoContext() {
    return autoContext;
  }

  public void autoContext(boolean value) {
    autoContext = value;
  }

  /**
   * What {@code x} did last: where it goes on, and how.
   *
   * @param next first address not yet shown
   */
  public record Examined(Address next, MemoryFormat format) {}

  /** What exits are counted from: by {@code stat exits --reset}, and by the last {@code stat exits}. */
  public record Tallies(ExitTally reset, ExitTally last) {
    static final Tallies NONE = new Tallies(ExitTally.NOTHING, ExitTally.NOTHING);
  }

  /** Those of the guest that commands are about. */
  public Tallies tallies() {
    return tallies.getOrDefault(session().inspect().place().guest(), Tallies.NONE);
  }

  public void tallies(Tallies value) {
    tallies.put(session().inspect().place().guest(), value);
  }

  /** The last examination, or null. */
  public Examined examined() {
    return examined;
  }

  public void examined(Examined value) {
    examined = value;
  }

  /** Where disassembly goes on; null means at the next instruction. */
  public Address disassembled() {
    return disassembled;
  }

  public void disassembled(Address value) {
    disassembled = value;
  }

  /** Another processor is looked at: what listings go on from and registers are compared with is another's. */
  public void elsewhere() {
    disassembled = null;
    examined = null;
    shown = null;
  }

  /** How code is written. */
  public void syntax(Syntax syntax) {
    session().syntax(syntax);
  }

  /** Runs the commands of a file, or a script of the scripting language; errors name file and line. */
  public void source(Path file) {
    if (depth > 20) {
      throw new BadInput(file + ": scripts call each other too deeply (20 levels)");
    }
    String text = read(file);
    if (file.toString().endsWith(".groovy")) {
      named(text, file.getFileName().toString());
      return;
    }
    int number = 0;
    for (String line : text.split("\\R", -1)) {
      number++;
      run(line, file + ":" + number + ": ");
      if (leaving) {
        return;
      }
    }
  }

  private void run(String line, String where) {
    try {
      execute(line.strip().startsWith("#") ? "" : line);
    } catch (BadInput wrong) {
      throw new BadInput(where + wrong.getMessage());
    } catch (Failure failed) {
      throw new Failure(failed.code(), where + failed.getMessage());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException absent) {
      throw new BadInput("no file " + file);
    } catch (MalformedInputException binary) {
      throw new BadInput(file + " is no text: a file of commands is expected");
    } catch (IOException unreadable) {
      throw new BadInput("cannot read " + file + ": " + unreadable.getMessage());
    }
  }

  public void leave() {
    leaving = true;
  }

  public boolean leaving() {
    return leaving;
  }

  /** The prompt: the guest's name instead if there are several; with the radix if it is not ten and the processor if it is not the first. */
  public String prompt(String plain) {
    Session now = session();
    String radix = now.names().radix() == 16 ? "[hex] " : "";
    if (now.guests().several()) {
      int number = now.guests().names().indexOf(now.guest());
      return radix + style.guest(number, now.guest()) + (now.selected() == 0 ? "" : ".cpu" + now.selected()) + "> ";
    }
    return radix + (now.selected() == 0 ? "" : "cpu" + now.selected() + " ") + plain;
  }

  /** What an empty line repeats, or null. */
  public String repeatable() {
    return repeatable;
  }

  /** Executes one line and prints its result; mistakes are {@link BadInput}, other ends {@link Failure}. */
  public void execute(String line) {
    String text = line.strip();
    if (text.isEmpty()) {
      return;
    }
    if (depth > 20) {
      throw new BadInput("commands call each other too deeply (20 levels)");
    }
    if (depth == 0 && transcript == null && interactive) {
      transcript = new Transcript(Transcript.Mark.of(this));
    }
    depth++;
    try {
      Output output = output(text);
      Outcome o = evaluate(output.line());
      try {
        keep(text, o, print(o, output));
      } finally {
        o.restore.run();
      }
    } finally {
      depth--;
    }
  }

  /** Executes one line and gives what it would print to the terminal. */
  public String quietly(String line) {
    Output output = output(line.strip());
    Outcome o = evaluate(output.line());
    try {
      result = o.value == null ? result : o.value;
      return o.value == null ? "" : output.deliver(text(o));
    } finally {
      o.restore.run();
    }
  }

  /** What was typed so far, or null. */
  public Transcript transcript() {
    return transcript;
  }

  public void transcript(Transcript value) {
    transcript = value;
  }

  /** Takes a line into the transcript; one that was interrupted ends where it did. */
  private void keep(String line, Outcome o, String printed) {
    if (transcript == null || depth > 1 || o.command == null && o.value == null || line.startsWith("session")) {
      return;
    }
    if (o.value instanceof Stop.Interrupted stop) {
      String there = "until #" + stop.at().count();
      transcript.add(there, "", Transcript.Mark.of(this));
    } else {
      transcript.add(line, printed, Transcript.Mark.of(this));
    }
  }

  /** Filters and files belong to commands; in scripts bars and angles mean what the language says. */
  private Output output(String text) {
    Output o = Output.of(text);
    boolean plain = o.line().equals(text) || text.startsWith("=") || text.startsWith("{");
    return plain || new Resolver(registry, aliases).resolve(o.line()) == null ? new Output(text, List.of(), null, false) : o;
  }

  /** Rows for which a closure of the scripting language holds. */
  Object chosen(Object rows, String closure) {
    result = rows;
    return script("_.findAll " + (closure.startsWith("{") ? closure : "{" + closure + "}"));
  }

  /** @param restore puts back the guest that commands are about, if the line was about another */
  private record Outcome(Object value, ShellCommand command, Runnable restore) {
    Outcome(Object value) {
      this(value, null, () -> { });
    }
  }

  /** Shows what is printed on the serial console; of several guests, line by line under their names. */
  public void showConsoles() {
    List<String> names = session.guests().names();
    if (!session.guests().several()) {
      session.onConsole(this::console);
      return;
    }
    for (int i = 0; i < names.size(); i++) {
      int guest = i;
      session.guests().session(names.get(i)).onConsole(b -> guestLines.accept(guest, b, style).forEach(this::line));
    }
  }

  /** Shows the lines that guests have begun and not ended. */
  private void endLines() {
    for (int i = 0; i < session.guests().names().size(); i++) {
      guestLines.take(i, style).forEach(this::line);
    }
  }

  /** Shows a byte of the guest's console. */
  public void console(int b) {
    console.accept(b, out);
    midLine = b != '\n';
    // A person sees a prompt, which ends no line.
    if (!midLine || interactive) {
      out.flush();
    }
  }

  /** What is printed next begins a line: something else wrote to the terminal. */
  public void freshLine() {
    midLine = true;
  }

  /** Begins a line if the guest or something else has left one open. */
  public void openLine() {
    if (midLine) {
      out.println();
      midLine = false;
    }
  }

  /** Prints a line that is no command's result: a trace. */
  public void line(String text) {
    openLine();
    out.println(text);
    if (interactive) {
      out.flush();
    }
  }

  /** Prints a result; what of it went to the terminal. */
  private String print(Outcome o, Output output) {
    String left = "";
    if (o.value != null) {
      endLines();
      openLine();
      result = o.value;
      left = output.deliver(text(o));
      if (!left.isEmpty() && !shown(left, output)) {
        out.println(left);
      }
    }
    out.flush();
    return left;
  }

  private String text(Outcome o) {
    boolean json = o.command instanceof Listing l && l.json();
    return json ? Json.of(o.value) : o.command == null ? text().of(o.value) : o.command.text(this, o.value);
  }

  /** Whether a pager has shown it: asked for, or by itself when a person has typed the command. */
  private boolean shown(String text, Output output) {
    boolean wanted = output.paged() || paging && depth == 1;
    out.flush();
    return wanted && pager != null && pager.show(text);
  }

  /** Executes a line for its result, without printing: {@code cmd('...')} of scripts. */
  public Object command(String line) {
    Outcome o = evaluate(line.strip());
    o.restore.run();
    result = o.value == null ? result : o.value;
    return o.value;
  }

  private Outcome evaluate(String text) {
    repeatable = null;
    if (text.startsWith("=") || text.startsWith("{")) {
      return new Outcome(script(text.startsWith("=") ? text.substring(1) : text));
    }
    Resolver.Resolved found = new Resolver(registry, aliases).resolve(text);
    if (found == null) {
      return unknown(text);
    }
    CommandLine spec = found.entry().line();
    GuestChoice about = GuestChoice.of(found.words(), session().guests(), takesGuest(spec));
    CommandLine parsed = parse(found.entry(), about.words());
    if (parsed.isUsageHelpRequested()) {
      out.println(Help.of(parsed, style));
      return new Outcome(null);
    }
    ShellCommand command = parsed.getCommand();
    command.typed(text);
    Runnable restore = about.select(session());
    try {
      Object value = run(command);
      repeatable = command.repeats() ? command.repetition(text) : null;
      return new Outcome(value, command, command.staysWithGuest() ? () -> { } : restore);
    } catch (BadInput | Failure wrong) {
      restore.run();
      throw wrong;
    }
  }

  private Object run(ShellCommand command) {
    Session session = session();
    long before = session.inspect().place().count();
    int cpu = session.selected();
    Object value = command.run(this);
    if (session != session() || session.selected() != cpu) {
      elsewhere();
    } else if (session.inspect().place().count() != before) {
      disassembled = null;
    }
    return command instanceof Listing l ? l.narrowed(this, value) : value;
  }

  /** Whether a command does something of its own with {@code --guest}. */
  private static boolean takesGuest(CommandLine line) {
    return line.getCommandSpec().findOption("--guest") != null || line.getSubcommands().values().stream().anyMatch(Shell::takesGuest);
  }

  private static CommandLine parse(Registry.Entry entry, List<String> words) {
    CommandLine line = entry.line();
    try {
      line.parseArgs(words.toArray(String[]::new));
    } catch (ParameterException wrong) {
      String first = wrong.getMessage().lines().findFirst().orElse("wrong arguments");
      throw new BadInput(entry.name() + ": " + decapitalized(first) + " (help " + entry.name() + ")");
    }
    CommandLine leaf = line;
    while (leaf.getParseResult().subcommand() != null) {
      leaf = leaf.getParseResult().subcommand().commandSpec().commandLine();
    }
    return leaf;
  }

  private static String decapitalized(String s) {
    return Character.toLowerCase(s.charAt(0)) + s.substring(1);
  }

  private Outcome unknown(String text) {
    String word = text.split("[\\s/(]", 2)[0];
    boolean plainWords = text.matches("[\\w!?.-]+(\\s+[\\w./:-]+)*");
    if (script == null || plainWords && !script.knows(word)) {
      List<String> names = new ArrayList<>(registry.names());
      names.addAll(aliases.all().keySet());
      String near = Near.of(word, names);
      String advice = near == null ? ": 'help' lists the commands" : "; did you mean '" + near + "'?";
      throw new BadInput("unknown command '" + word + "'" + advice);
    }
    return new Outcome(script(text));
  }

  private Object script(String text) {
    requireScript(text);
    return script.evaluate(text);
  }

  private Object named(String text, String name) {
    requireScript(name);
    return script.evaluate(text, name);
  }

  private void requireScript(String text) {
    if (script == null) {
      throw new BadInput("no scripting here: '" + text + "' is not a command");
    }
  }

  /** Runs a script of the scripting language; what it set when it was run before is taken back first. */
  public void loadScript(Path file) {
    named(read(file), file.getFileName().toString());
  }

  /** Takes back what a script has set. */
  public void forgetScript(Path file) {
    requireScript(file.toString());
    script.forget(file.getFileName().toString());
  }

  /** Files of scripts that were loaded, in their order. */
  public Set<Path> scripts() {
    return scripts;
  }

  /** Ends a script that runs; false if none does. Any thread may call it. */
  public boolean stopScript() {
    return script != null && script.stop();
  }

  /** A scripting language. */
  public interface Script {
    /** Runs a text; errors are {@link BadInput} with one line. */
    Object evaluate(String text);

    /** Runs a file's text; errors name the file and the line. */
    Object evaluate(String text, String name);

    /** Takes back what a file's text has set: handlers of events. */
    void forget(String name);

    /** Ends what runs; false if nothing does. Any thread may call it. */
    boolean stop();

    /** Whether a name means something to it. */
    boolean knows(String name);
  }
}
