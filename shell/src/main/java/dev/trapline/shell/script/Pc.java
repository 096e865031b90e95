package dev.trapline.shell.script;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.PointOptions;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.EventHandler;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.ExitView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.GuestView;
import dev.trapline.vm.debug.view.HolesView;
import groovy.lang.Closure;
import groovy.lang.MissingMethodException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;

/**
 * A machine: what {@code boot(...)} gives, and {@code machine}. Running it gives the {@code Stop} that ended the run. Every command of the
 * shell is also a method: {@code machine.info('gdt')} is what {@code info gdt} shows, as an object.
 */
public final class Pc {
  private final Shell shell;
  private final Scripting scripting;
  /** One of several guests; null for the one that commands are about. */
  private final Session guest;
  private final Map<String, ScriptConsole> consoles = new LinkedHashMap<>();
  private boolean echo;

  /** The machine of a shell, whatever it is about. */
  Pc(Shell shell, Scripting scripting) {
    this(shell, scripting, null);
    scripting.stopper().machine(() -> session().interrupt());
  }

  /**
   * A machine of the script's own: what it prints is kept for the script.
   *
   * @param guest one of the guests of the shell
   */
  Pc(Shell shell, Scripting scripting, Session guest) {
    this.shell = shell;
    this.scripting = scripting;
    this.guest = guest;
    if (guest != null) {
      scripting.stopper().machine(guest::interrupt);
      guest.consoles().stream().filter(c -> !c.name().equals("screen")).forEach(c -> console(c.name()).listen());
    }
  }

  Shell shell() {
    return shell;
  }

  private Session session() {
    return guest == null ? shell.session() : guest;
  }

  /** The session itself, for what is not here. */
  public Session getSession() {
    return session();
  }

  // ---- running

  /** Runs until something stops it: a breakpoint, the guest's end, input it waits for. */
  public Stop go() {
    return letRun(session()::resume);
  }

  /** Runs at most so many instructions of virtual time. */
  public Stop run(long instructions) {
    return letRun(() -> session().runFor(instructions));
  }

  /** Executes one instruction of the selected processor. */
  public Stop step() {
    return step(1);
  }

  /** Executes so many instructions of the selected processor. */
  public Stop step(long instructions) {
    return letRun(() -> session().step(instructions));
  }

  /** Steps, but runs calls, software interrupts and repeated string instructions to their end. */
  public Stop over() {
    return letRun(() -> session().stepOver(1));
  }

  /** Runs until the current function has returned. */
  public Stop finish() {
    return letRun(session()::finish);
  }

  /** Runs until an address ({@code 0x7c00}, {@code 'main'}, {@code 'p:0x1000'}) is next, or a count ({@code '#1000'}) is reached. */
  public Stop until(Object where) {
    if (where.toString().startsWith("#")) {
      return letRun(() -> session().untilCount(Long.decode(where.toString().substring(1))));
    }
    Address address = getMem().address(where);
    return letRun(() -> session().until(address));
  }

  /** Steps until a condition holds: {@code until { cpu.eax == 3 }}. */
  public Stop until(Closure<?> condition) {
    Stop stop = getStop();
    while (!Boolean.TRUE.equals(condition.call())) {
      Stopper.check();
      stop = step();
      if (!(stop instanceof Stop.Stepped)) {
        throw new Failure(ExitCode.ASSERTION, "until: the condition has not come true: " + text(stop));
      }
    }
    return stop;
  }

  /** Runs until the guest has printed a text on its serial console or screen; the script fails if it ends before. */
  public Stop expect(String text) {
    return expect(Map.of(), null, text);
  }

  /** The same on a console of that name. */
  public Stop expect(String console, String text) {
    return expect(Map.of(), console, text);
  }

  /** The same, waiting at most so many seconds of the guest's time: {@code expect('login:', timeout: 60)}. */
  public Stop expect(Map<String, ?> options, String text) {
    return expect(options, null, text);
  }

  /** The same on a console. */
  public Stop expect(Map<String, ?> options, String console, String text) {
    Object seconds = options.get("timeout");
    if (seconds != null && !(seconds instanceof Number)) {
      throw new BadInput("expect: timeout: seconds are expected");
    }
    long most = seconds == null ? Long.MAX_VALUE : (long) (((Number) seconds).doubleValue() * session().perSecond());
    Stop stop = letRun(() -> session().expect(text, console, most));
    if (!(stop instanceof Stop.Reached)) {
      String last = String.join(" | ", session().printed(console == null ? "uart0" : console, 3));
      throw new Failure(stop instanceof Stop.Limit ? ExitCode.LIMIT : stop instanceof Stop.Dead ? ExitCode.GUEST_FAULT : ExitCode.ASSERTION,
          "expect: '" + text.replace("\n", "\\n") + "' has not appeared: " + text(stop) + "; last: " + (last.isEmpty() ? "nothing" : last));
    }
    return stop;
  }

  /** Sends a text to the guest's serial console; it is taken when the machine runs. */
  public void type(String text) {
    console("uart0").type(text);
  }

  /** Sends a text to a console; the screen's has a keyboard. */
  public void type(String console, String text) {
    console(console).type(text);
  }

  // ---- events

  /**
   * Asks a closure about events while the machine runs: {@code on('exit npf') { e -> ... }}, {@code on('exec main') { ... }}. It gets the
   * event ({@code help script event}) and may look at everything; it lets the machine go on unless it says {@code stop()}, {@code skip()},
   * {@code emulate(v)} or {@code inject(vector)}.
   */
  public BreakpointView on(String event, Closure<?> handler) {
    return on(Map.of(), event, handler);
  }

  /** The same with options of {@code bp}: {@code on('irq', cpl: 3, hits: '%100') { e -> ... }}. */
  public BreakpointView on(Map<String, ?> options, String event, Closure<?> handler) {
    BreakpointView point = point(options, event, scripting.answers().handler(handler), false);
    scripting.set(() -> remove(point));
    return point;
  }

  /** Takes a handler or breakpoint away. */
  public void remove(BreakpointView point) {
    if (session().breakpoints().list().stream().anyMatch(b -> b.id() == point.id())) {
      session().breakpoints().remove(point.id());
    }
  }

  private BreakpointView point(Map<String, ?> options, String event, EventHandler handler, boolean stops) {
    var o = new PointOptions();
    try {
      new CommandLine(o).parseArgs(Scripting.words(options).toArray(String[]::new));
    } catch (CommandLine.ParameterException wrong) {
      throw new BadInput("'" + event + "': " + wrong.getMessage().lines().findFirst().orElse("wrong options"));
    }
    select();
    return (BreakpointView) o.asking(handler).add(shell, List.of(event.strip().split("\\s+")), stops);
  }

  /** Runs until an event has come: {@code await 'exit npf'}; the script fails if something else ends the run. */
  public Stop await(String event) {
    return await(Map.of(), event);
  }

  /** The same with options of {@code bp}, and waiting at most {@code within} instructions: {@code await 'irq 0x20', within: 1000000}. */
  public Stop await(Map<String, ?> options, String event) {
    return await(options, event, null);
  }

  /** The same until an event comes for which a closure holds: {@code await('io out') { e -> e.value == 0x41 }}. */
  public Stop await(String event, Closure<?> condition) {
    return await(Map.of(), event, condition);
  }

  private Stop await(Map<String, ?> options, String event, Closure<?> condition) {
    Map<String, Object> rest = new LinkedHashMap<>(options);
    Object within = rest.remove("within");
    EventHandler handler = condition == null ? null : scripting.answers().condition(condition);
    if (condition == null) {
      rest.put("once", true);
    }
    BreakpointView point = point(rest, event, handler, condition == null);
    try {
      Stop stop = letRun(() -> within == null ? session().resume() : session().runFor(((Number) within).longValue()));
      if (point.id() != met(stop)) {
        int code = stop instanceof Stop.Limit ? ExitCode.LIMIT : ExitCode.ASSERTION;
        throw new Failure(code, "await: '" + event + "' has not come: " + text(stop));
      }
      return stop;
    } finally {
      remove(point);
    }
  }

  /** Id of the point that stopped, or 0. */
  private static int met(Stop stop) {
    return switch (stop) {
      case Stop.Hit h -> h.breakpoint().id();
      case Stop.Watched w -> w.breakpoint().id();
      case Stop.Happened e -> e.breakpoint().id();
      default -> 0;
    };
  }

  /** Lets the machine run, and fails where a batch of commands would: the guest died, the script's limit is over, somebody ends it. */
  private Stop letRun(Supplier<Stop> how) {
    Stopper.check();
    if (scripting.answers().asked()) {
      throw new BadInput("a handler cannot run the machine: it answers stop(), and the script goes on from there");
    }
    long limit = scripting.limit();
    long before = session().executed();
    if (before >= limit) {
      throw limited();
    }
    session().limit(limit == Long.MAX_VALUE ? 0 : limit - before);
    Stop stop = how.get();
    Stopper.check();
    String panic = consoles.values().stream().map(ScriptConsole::takePanic).filter(p -> p != null).findFirst().orElse(null);
    if (panic != null) {
      throw new Failure(ExitCode.GUEST_FAULT, "the guest died: " + panic);
    }
    if (stop instanceof Stop.TripleFault) {
      throw new Failure(ExitCode.GUEST_FAULT, "the guest died: " + text(stop));
    }
    if (stop instanceof Stop.Limit && session().executed() >= limit) {
      throw limited();
    }
    return stop;
  }

  private Failure limited() {
    return new Failure(ExitCode.LIMIT, "the limit of " + scripting.limit() + " instructions came first");
  }

  private String text(Object view) {
    return shell.text().of(view);
  }

  // ---- looking

  /** Its name among the guests; empty on the bare machine. */
  public String getName() {
    return session().guest();
  }

  /** How it ended: {@code powered off}, {@code exit 33}, {@code triple fault}; empty while it lives. */
  public String getEnd() {
    return session().guests().names().contains(getName()) ? session().guests().end(getName()) : isEnded() ? text(getStop()) : "";
  }

  /** Why it stands still now. */
  public Stop getStop() {
    return session().last();
  }

  /** Whether the guest has ended. */
  public boolean isEnded() {
    return getStop().finished();
  }

  /** Instructions executed so far. */
  public long getCount() {
    return session().executed();
  }

  /** Virtual time, in seconds. */
  public double getSeconds() {
    return session().inspect().place().nanoseconds() / 1e9;
  }

  /** Hash over its whole state. */
  public long getHash() {
    return session().stateHash();
  }

  /** The selected processor: the one that stopped last. */
  public Processor getCpu() {
    return new Processor(session(), -1);
  }

  /** All processors. */
  public List<Processor> getCpus() {
    return IntStream.range(0, session().cpus().size()).mapToObj(n -> new Processor(session(), n)).toList();
  }

  /** Its memory, as the selected processor sees it. */
  public Memory getMem() {
    return new Memory(session());
  }

  /** Descriptor tables and page tables, as the selected processor sees them. */
  public Tables getTables() {
    return new Tables(session());
  }

  /** A console: {@code uart0}, {@code virtio-console0}, {@code screen}. */
  public ScriptConsole console(String name) {
    return consoles.computeIfAbsent(session().console(name).name(), n -> new ScriptConsole(n, this));
  }

  /** What the guest has printed on its serial console. */
  public String getText() {
    return console("uart0").getText();
  }

  /** The same as lines. */
  public List<String> getLines() {
    return console("uart0").getLines();
  }

  /** The text on its screen. */
  public String getScreen() {
    return session().inspect().screen().text();
  }

  /** Whether what the guest prints is shown while the script runs. */
  public boolean isEcho() {
    return echo;
  }

  public void setEcho(boolean shows) {
    echo = shows;
  }

  /** The value of a symbol, or null. */
  public Long symbol(String name) {
    var value = session().symbols().address(name);
    return value.isPresent() ? value.getAsLong() : null;
  }

  // ---- the monitor under it

  /** Exits by reason, the most frequent first: {@code reason count least average most share meaning}. */
  public List<ExitView> getExits() {
    return session().monitor().exits();
  }

  /** Modelled cycles that are not the guest's progress, by kind. */
  public Map<String, Long> getOverheads() {
    return session().monitor().overheadCycles();
  }

  /** What a deprivileged kernel executed that the bare machine would have answered otherwise. */
  public HolesView getHoles() {
    return session().monitor().holes(session().symbols());
  }

  /** What the monitor knows of it: {@code name technique paging memory weight cap state ran waited exits}. */
  public GuestView getView() {
    return session().monitor().guests().stream().filter(g -> g.name().equals(getName())).findFirst().orElseThrow();
  }

  /** What shadow paging had to do for it. */
  public FieldsView getShadow() {
    return session().monitor().shadow();
  }

  // ---- commands

  /** Runs a command on this machine: {@code machine.cmd('info gdt')}; its result as an object. */
  public Object cmd(String line) {
    Stopper.check();
    select();
    return shell.command(line);
  }

  /** Commands are about this guest. */
  private void select() {
    if (guest != null && guest.guests().several()) {
      guest.guests().select(getName());
    }
  }

  /** Groovy's hook: the commands as methods. */
  public Object methodMissing(String name, Object arguments) {
    Object[] given = (Object[]) arguments;
    if (shell.registry().find(name) == null) {
      throw new MissingMethodException(name, Pc.class, given);
    }
    return cmd(name + Arrays.stream(given).map(Pc::word).collect(Collectors.joining()));
  }

  private static String word(Object argument) {
    return " " + (argument instanceof Number n ? "0x" + Long.toHexString(n.longValue()) : argument);
  }

  @Override
  public String toString() {
    return "machine with " + session().image().boot().name() + ": " + text(getStop());
  }
}
