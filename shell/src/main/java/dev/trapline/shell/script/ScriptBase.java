package dev.trapline.shell.script;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.render.Json;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.render.Text;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.Verdict;
import dev.trapline.vm.debug.view.BreakpointView;
import groovy.lang.Closure;
import groovy.lang.MissingMethodException;
import groovy.lang.Script;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What every script can say. Names it does not know are the script's variables, then registers and symbols of its machine; functions it
 * does not know are the commands of the shell: {@code info 'gdt'}, {@code bp 'main'}.
 */
public abstract class ScriptBase extends Script {
  /** Getters that win over symbols of a guest which happen to have the same name. */
  private static final Set<String> OWN = Set.of("machine", "machines", "session", "cpu", "cpus", "mem", "tables", "shell", "root", "cache");

  private Scripting scripting() {
    return ((ShellBinding) getBinding()).scripting();
  }

  @Override
  public Object getProperty(String name) {
    return OWN.contains(name) && !getBinding().getVariables().containsKey(name) ? getMetaClass().getProperty(this, name)
        : super.getProperty(name);
  }

  // ---- machines

  /** Makes a machine by options of {@code boot} without their dashes: {@code boot kernel: 'vmlinuz', mem: '256M', technique: 'hvm'}. */
  public Pc boot(Map<String, ?> options) {
    return scripting().boot(options);
  }

  /** Makes a machine with a kernel. */
  public Pc boot(String kernel) {
    return boot(Map.of("kernel", kernel));
  }

  /** Makes a machine with the guest that comes with Trapline. */
  public Pc boot() {
    return boot(Map.of());
  }

  /** Makes several guests of one monitor: {@code group { guest('a') { memory '32M' }; guest('b') { technique 'trap' } }}. */
  public Group group(Closure<?> description) {
    return scripting().group(scripting().workshop().group(MachineFile.of(description)));
  }

  /** Makes the guests of a machine description: {@code group 'scripts/machines/two-guests.groovy'}. */
  public Group group(String file) {
    return scripting().group(scripting().workshop().group(MachineFile.read(Path.of(file), scripting().workshop().cache())));
  }

  /** The machine a script means that names no other: the one booted last; else the one of the command line or of the prompt. */
  public Pc getMachine() {
    return scripting().machine();
  }

  /** All machines the script has made. */
  public List<Pc> getMachines() {
    return scripting().machines();
  }

  /** The session of {@code machine}. */
  public Session getSession() {
    return getMachine().getSession();
  }

  /** The shell of {@code machine}. */
  public Object getShell() {
    return getMachine().shell();
  }

  /** Registers of the selected processor: {@code cpu.eax}, {@code cpu.eax = 1}. */
  public Processor getCpu() {
    return getMachine().getCpu();
  }

  /** All processors of {@code machine}. */
  public List<Processor> getCpus() {
    return getMachine().getCpus();
  }

  /** Memory of {@code machine}: {@code mem.u32('p:0x1000')}. */
  public Memory getMem() {
    return getMachine().getMem();
  }

  /** Descriptor and page tables of {@code machine}: {@code tables.idt}, {@code tables.walk(0x1000)}. */
  public Tables getTables() {
    return getMachine().getTables();
  }

  /** The folder Trapline is in, which has {@code scripts}. */
  public String getRoot() {
    return scripting().workshop().root().toString();
  }

  /** The folder of fetched guests. */
  public String getCache() {
    return scripting().workshop().cache().toString();
  }

  // ---- running

  /** Runs {@code machine} until something stops it. */
  public Stop go() {
    return getMachine().go();
  }

  /** Executes one instruction. */
  public Stop step() {
    return getMachine().step();
  }

  /** Executes so many instructions. */
  public Stop step(long instructions) {
    return getMachine().step(instructions);
  }

  /** Runs until an address or {@code '#count'} is reached. */
  public Stop until(Object where) {
    return where instanceof Closure<?> c ? getMachine().until(c) : getMachine().until(where);
  }

  /** Runs until a text was printed; the script fails if the guest ends before. */
  public Stop expect(String text) {
    return getMachine().expect(text);
  }

  /** The same on a console. */
  public Stop expect(String console, String text) {
    return getMachine().expect(console, text);
  }

  /** The same within so many seconds of the guest's time: {@code expect 'login:', timeout: 60}. */
  public Stop expect(Map<String, ?> options, String text) {
    return getMachine().expect(options, text);
  }

  /** The same on a console. */
  public Stop expect(Map<String, ?> options, String console, String text) {
    return getMachine().expect(options, console, text);
  }

  /** Types on the serial console. */
  public void type(String text) {
    getMachine().type(text);
  }

  /** Types on a console. */
  public void type(String console, String text) {
    getMachine().type(console, text);
  }

  /** Runs a command of the shell and gives its result as an object: {@code cmd 'info idt'}. */
  public Object cmd(String line) {
    return getMachine().cmd(line);
  }

  // ---- events

  /** Asks a closure about events of {@code machine}: {@code on('exit npf') { e -> ... }}; {@code help event} says what there are. */
  public BreakpointView on(String event, Closure<?> handler) {
    return getMachine().on(event, handler);
  }

  /** The same with options of {@code bp}: {@code on('irq', cpl: 3) { e -> ... }}. */
  public BreakpointView on(Map<String, ?> options, String event, Closure<?> handler) {
    return getMachine().on(options, event, handler);
  }

  /** Runs {@code machine} until an event has come: {@code await 'exit npf'}. */
  public Stop await(String event) {
    return getMachine().await(event);
  }

  /** The same with options of {@code bp}, and {@code within} so many instructions. */
  public Stop await(Map<String, ?> options, String event) {
    return getMachine().await(options, event);
  }

  /** The same until an event comes for which a closure holds. */
  public Stop await(String event, Closure<?> condition) {
    return getMachine().await(event, condition);
  }

  /** A handler's answer: the machine stops. */
  public Verdict stop() {
    return scripting().answers().say(Verdict.stop());
  }

  /** A handler's answer: it does not happen. */
  public Verdict skip() {
    return scripting().answers().say(Verdict.skip());
  }

  /** A handler's answer: a read gives this value. */
  public Verdict emulate(long value) {
    return scripting().answers().say(Verdict.emulate(value));
  }

  /** A handler's answer: this exception or interrupt comes in its place. */
  public Verdict inject(int vector) {
    return scripting().answers().say(Verdict.inject(vector));
  }

  /** The same with an error code. */
  public Verdict inject(int vector, int errorCode) {
    return scripting().answers().say(Verdict.inject(vector, errorCode));
  }

  /** A handler's answer: the machine goes on, whatever was answered before. */
  public Verdict cont() {
    return scripting().answers().say(Verdict.goOn());
  }

  // ---- what a script finds

  /**
   * Checks a claim: the block fails by {@code assert} or by an error, or answers false. The script goes on and ends with exit code 1; each
   * claim is a test case of {@code --junit}.
   *
   * @return whether the claim holds
   */
  public boolean check(String claim, Closure<?> block) {
    long begun = System.nanoTime();
    String error = null;
    try {
      if (Boolean.FALSE.equals(block.call())) {
        error = "does not hold";
      }
    } catch (AssertionError failed) {
      error = GroovyScript.assertion(failed);
    } catch (BadInput | Failure failed) {
      Stopper.check();
      error = failed.getMessage();
    }
    scripting().claim(new Claim(claim, error, (int) ((System.nanoTime() - begun) / 1_000_000)));
    out().println((error == null ? "ok      " : "FAILED  ") + claim + (error == null ? "" : ": " + error));
    return error == null;
  }

  /** Ends the script with exit code 1. */
  public void fail(String why) {
    throw new Failure(ExitCode.ASSERTION, why);
  }

  private PrintWriter out() {
    return scripting().out();
  }

  /** Prints anything as the shell shows it: a stop as its line, the result of a command as the command does. */
  public void show(Object value) {
    out().println(new Text(Style.PLAIN).of(value));
  }

  /** Prints rows as a table: a list of maps, of records or of lists. */
  public void table(List<?> rows) {
    out().println(Rows.table(rows));
  }

  /** The same with other headings. */
  public void table(List<String> heads, List<? extends List<?>> rows) {
    out().println(Rows.table(heads, rows));
  }

  /** Prints a bar for each number: {@code bars syscall: 0, in: 1}. */
  public void bars(Map<String, ? extends Number> numbers) {
    out().println(Plot.bars(numbers));
  }

  /** Writes the same as a picture. */
  public void svg(String file, String title, Map<String, ? extends Number> numbers) {
    Plot.svg(Path.of(file), title, numbers);
  }

  /** Anything as JSON. */
  public String json(Object value) {
    return Json.of(value);
  }

  /**
   * The script's options from its arguments, with what they are when nothing is said: {@code def o = options(count: 100, svg: '')} takes
   * {@code --count 5}, {@code --count=5}; one that is {@code false} is a switch. Other arguments are in {@code o.rest}.
   */
  public Map<String, Object> options(Map<String, ?> defaults) {
    return Options.read(defaults, scripting().arguments());
  }

  /** Groovy's hook: the commands as functions. */
  public Object methodMissing(String name, Object arguments) {
    Object[] given = (Object[]) arguments;
    if (!scripting().commands().contains(name)) {
      throw new MissingMethodException(name, getClass(), given);
    }
    return getMachine().methodMissing(name, given);
  }
}
