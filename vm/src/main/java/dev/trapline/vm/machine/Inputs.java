package dev.trapline.vm.machine;

import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.Stateful;
import dev.trapline.vm.util.Hash;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The one door into a machine: every input goes through here, is remembered with its place, and in a repetition comes from here at that
 * place again. A place is an instruction count, and how many interrupts the processor has taken since it retired that instruction.
 */
public final class Inputs {
  private final Processors processors;
  private final Consumer<Input> apply;
  private final List<Journal.Entry> entries = new ArrayList<>();
  private int done;
  private boolean ended;
  private Consumer<Journal.Entry> listener = e -> {};

  /** @param apply brings an input to its device */
  Inputs(Processors processors, Consumer<Input> apply) {
    this.processors = processors;
    this.apply = apply;
  }

  /** Who hears of every input, right before it comes. */
  public void listen(Consumer<Journal.Entry> to) {
    listener = to;
  }

  /** What has come in so far, and what is still awaited. */
  public Journal journal() {
    return new Journal(entries, done);
  }

  /** Takes over what has come, and repeats what is awaited: it comes at its places, and until the last has come nothing else can. */
  public void journal(Journal journal) {
    entries.clear();
    entries.addAll(journal.entries());
    done = journal.done();
    bound();
  }

  /** Whether a journal is being repeated and has not come to its end. */
  public boolean awaits() {
    return done < entries.size();
  }

  /** Gives up what is awaited. */
  public void forget() {
    while (awaits()) {
      entries.removeLast();
    }
    bound();
  }

  /**
   * An input from the host, now.
   *
   * @throws ReplayException while a journal is being repeated
   */
  public void take(Input input) {
    if (awaits()) {
      throw busy();
    }
    var entry = new Journal.Entry(processors.position(), processors.interpreter().taken(), digest(), input);
    entries.add(entry);
    done++;
    listener.accept(entry);
    apply.accept(input);
  }

  /** Writes memory as a debugger does: past access rights, devices left out. */
  public void poke(long pa, byte[] bytes) {
    take(Input.memory(pa, bytes));
  }

  /** What a debugger does to a component's registers: {@code work} is done at once, and a repetition of this run will change them too. */
  public void change(Stateful<?> component, Runnable work) {
    if (awaits()) {
      throw busy();
    }
    long before = digest();
    work.run();
    byte[] after = StateBinary.write(StateForm.apart(component.state()));
    entries.add(new Journal.Entry(position(), processors.interpreter().taken(), before, Input.state(component.stateName(), after)));
    done++;
    listener.accept(entries.getLast());
  }

  /** The end of a recording, if it is ended now. */
  public Journal.Entry end(long hash) {
    return new Journal.Entry(position(), processors.interpreter().taken(), digest(), Input.end(hash));
  }

  /** Whether a repeated journal's end has come since the last call. */
  boolean takeEnded() {
    boolean was = ended;
    ended = false;
    return was;
  }

  /** Where the machine stands: the sum of all processors' instruction counts. */
  public long position() {
    return processors.position();
  }

  /** Consoles through this door. */
  List<HostConsole> journalled(List<HostConsole> consoles) {
    return consoles.stream().map(c -> (HostConsole) new JournalledConsole(c, this)).toList();
  }

  private ReplayException busy() {
    return ReplayException.of("its journal drives this machine up to #%d: it takes no other input before", entries.getLast().at());
  }

  /** Brings what is due. */
  void deliver() {
    while (awaits() && entries.get(done).at() <= processors.position()) {
      Journal.Entry e = entries.get(done);
      if (e.at() < processors.position()) {
        throw diverged(e, "the machine stands at #" + processors.position());
      }
      takeInterrupts(e);
      if (e.processors() != digest()) {
        throw diverged(e, "the processors are in another state than they were");
      }
      if (e.input().kind() == Input.Kind.END) {
        ended = true;
        entries.removeLast();
      } else {
        done++;
        listener.accept(e);
      }
      apply.accept(e.input());
    }
    bound();
  }

  private void takeInterrupts(Journal.Entry e) {
    for (int before = -1; processors.interpreter().taken() != e.interrupts(); ) {
      if (processors.interpreter().taken() <= before || before > e.interrupts()) {
        throw diverged(e, "no interrupt comes before it");
      }
      before = processors.interpreter().taken();
      processors.interpreter().takeInterrupt();
    }
  }

  private ReplayException diverged(Journal.Entry e, String how) {
    ReplayException x = ReplayException.of("the run does not follow its journal: at input %d of %d, due at #%d, %s", done + 1, entries.size(),
        e.at(), how);
    forget();
    return x;
  }

  /** The machine waits for something to come from outside. */
  void starved() {
    if (awaits()) {
      throw diverged(entries.get(done), "the machine waits at #" + processors.position() + " and no time passes");
    }
  }

  private void bound() {
    processors.bound(awaits() ? entries.get(done).at() : Long.MAX_VALUE);
  }

  /** Hash of all processors' states. */
  long digest() {
    long h = 0;
    for (var cpu : processors.cpus()) {
      h = Hash.combine(h, Hash.of(StateBinary.write(StateForm.apart(cpu.state()))));
    }
    return h;
  }
}
