package dev.trapline.shell.script;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.Session;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a script works with: its machines, its output, its arguments, what it has claimed. */
public final class Scripting {
  private final Workshop workshop;
  private final PrintWriter out;
  private final List<String> arguments;
  private final Stopper stopper = new Stopper();
  private final List<Pc> machines = new ArrayList<>();
  private final Answers answers = new Answers();
  /** What scripts loaded from files have set, to be taken back when they are loaded again. */
  private final Map<String, List<Runnable>> undo = new LinkedHashMap<>();
  private String loading;
  private final List<Claim> claims = new ArrayList<>();
  /** The user's own machine at the prompt; null in a script that stands alone. */
  private final Pc own;
  private Pc current;
  private long limit = Long.MAX_VALUE;

  /** A script beside the prompt, about the machine there. */
  Scripting(Shell shell, Workshop workshop) {
    this.workshop = workshop;
    this.out = shell.out();
    this.arguments = null;
    this.own = new Pc(shell, this);
  }

  /** A script that stands alone: the machine of the command line is made when it asks for it. */
  public Scripting(Workshop workshop, PrintWriter out, List<String> arguments) {
    this.workshop = workshop;
    this.out = out;
    this.arguments = List.copyOf(arguments);
    this.own = null;
  }

  /** Bounds what each machine may execute in all. */
  public void limit(long instructions) {
    limit = instructions;
  }

  long limit() {
    return limit;
  }

  PrintWriter out() {
    return out;
  }

  List<String> arguments() {
    return arguments == null ? own.shell().arguments() : arguments;
  }

  /** Ends the script from outside. */
  public Stopper stopper() {
    return stopper;
  }

  /** The machine a script means that says no other. */
  Pc machine() {
    if (own != null) {
      return own;
    }
    if (current == null) {
      current = add(workshop.given());
    }
    return current;
  }

  /** Whether there is a machine yet. */
  boolean hasMachine() {
    return own != null || current != null;
  }

  /** Those that were made, in their order. */
  public List<Pc> machines() {
    return List.copyOf(machines);
  }

  private Pc add(Session session) {
    Pc made = new Pc(workshop.shell(session), this, session);
    machines.add(made);
    return made;
  }

  /** Several guests more; the first of them is the machine meant from now on. */
  Group group(GuestGroup guests) {
    Shell shell = workshop.shell(guests.current());
    List<Pc> all = guests.names().stream().map(n -> new Pc(shell, this, guests.session(n))).toList();
    machines.addAll(all);
    current = all.getFirst();
    return new Group(guests, all, this);
  }

  /** A machine more; the one meant from now on, unless there is one at the prompt. */
  Pc boot(Map<String, ?> options) {
    current = add(workshop().open(words(options)));
    return current;
  }

  /** Options as {@code boot} takes them: {@code mem: '64M'} is {@code --mem 64M}, {@code screen: true} is {@code --screen}. */
  static List<String> words(Map<String, ?> options) {
    var words = new ArrayList<String>();
    options.forEach((name, value) -> {
      List<?> values = value instanceof List<?> several ? several : value == null ? List.of(false) : List.of(value);
      for (Object v : values) {
        if (!Boolean.FALSE.equals(v)) {
          words.add("--" + name.replace('_', '-'));
          if (!Boolean.TRUE.equals(v)) {
            words.add(v.toString());
          }
        }
      }
    });
    return words;
  }

  /** What makes machines. */
  Workshop workshop() {
    if (workshop == null) {
      throw new BadInput("no machines can be made here");
    }
    return workshop;
  }

  /** Names of the shell's commands. */
  List<String> commands() {
    return own != null ? own.shell().registry().names() : workshop.commands();
  }

  Answers answers() {
    return answers;
  }

  /** A script from a file begins: what it set when it was loaded before goes. */
  void begin(String script) {
    forget(script);
    loading = script;
  }

  void end() {
    loading = null;
  }

  /** Takes back what a script from a file has set. */
  void forget(String script) {
    undo.getOrDefault(script, List.of()).forEach(Runnable::run);
    undo.remove(script);
  }

  /** Something was set that goes with the script that did. */
  void set(Runnable takeBack) {
    if (loading != null) {
      undo.computeIfAbsent(loading, s -> new ArrayList<>()).add(takeBack);
    }
  }

  void claim(Claim c) {
    claims.add(c);
  }

  /** What the script has checked, in order. */
  public List<Claim> claims() {
    return List.copyOf(claims);
  }
}
