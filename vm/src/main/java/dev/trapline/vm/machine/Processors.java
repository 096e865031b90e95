package dev.trapline.vm.machine;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.CpuModel;
import dev.trapline.vm.cpu.CpuType;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The processors of a machine and whose turn it is. In a round each of them, in order, runs a quantum of instructions; one that is
 * halted lets its quantum pass. Whose turn it is follows from the counts, so it is not state of its own.
 */
final class Processors {
  /** Instructions in a turn: divisible by every number of processors up to 8. */
  static final long QUANTUM = 840;

  private final List<Cpu> cpus = new ArrayList<>();
  private final List<Interpreter> interpreters = new ArrayList<>();
  private final long quantum;
  /** How much of each one's count it was halted. */
  private final long[] idle;
  private int current;
  /** Position at which to stop: an input comes. */
  private long bound = Long.MAX_VALUE;

  /**
   * @param turn instructions in a turn: {@link #QUANTUM}, or 0 if somebody else gives the turns
   * @param sources who interrupts each of them
   */
  Processors(int n, long turn, boolean apic, CpuType type, PhysicalMemory memory, PortBus ports, IntFunction<InterruptSource> sources) {
    this.quantum = n == 1 ? Long.MAX_VALUE : turn;
    this.idle = new long[n];
    for (int i = 0; i < n; i++) {
      Cpu cpu = new Cpu(memory, ports, sources.apply(i), new CpuModel(i, n, apic, turn, type));
      cpus.add(cpu);
      interpreters.add(new Interpreter(cpu));
    }
  }

  List<Cpu> cpus() {
    return cpus;
  }

  List<Interpreter> interpreters() {
    return interpreters;
  }

  /** The one whose turn it is. */
  Cpu cpu() {
    return cpus.get(current);
  }

  Interpreter interpreter() {
    return interpreters.get(current);
  }

  int current() {
    return current;
  }

  /** Where the one stands whose turn it is: the linear address of its instruction pointer. */
  long linearRip() {
    return cpu().seg[Cpu.CS].base + cpu().rip;
  }

  /** Virtual time. */
  long now() {
    return cpu().time();
  }

  /** How much of a processor's count it was halted. */
  long idle(int number) {
    return idle[number];
  }

  /** How much of each one's count it was halted. */
  long[] idle() {
    return idle.clone();
  }

  /** Restores what {@link #idle()} gave. */
  void idle(long[] saved) {
    System.arraycopy(saved, 0, idle, 0, idle.length);
  }

  /** Sum of all counts: unlike the time it tells any two moments apart between which something was executed or waited for. */
  long position() {
    long sum = 0;
    for (Cpu c : cpus) {
      sum += c.count;
    }
    return sum;
  }

  /** Nobody goes on past a position. */
  void bound(long position) {
    bound = position;
  }

  private long room() {
    return bound == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, bound - position());
  }

  /** Whether there is only one. */
  boolean alone() {
    return cpus.size() == 1;
  }

  /** The processor's count at which its turn ends. */
  private long turnEnd() {
    return alone() ? Long.MAX_VALUE : cpu().round + quantum;
  }

  /** How many instructions are left of a processor's turn, be it the present or the next one. */
  long room(int processor) {
    Cpu c = cpus.get(processor);
    return alone() ? Long.MAX_VALUE : c.round + quantum - c.count;
  }

  /** The count of the processor whose turn it is at which a time has come, at most the end of its turn. */
  private long countAt(long time) {
    if (alone()) {
      return time;
    }
    Cpu c = cpu();
    if (time >= c.round + quantum) {
      return turnEnd();
    }
    long count = c.round + (time - c.round) * cpus.size() - current * quantum;
    return Math.min(turnEnd(), count);
  }

  /** Instructions the processor whose turn it is may run until a time. */
  long budget(long time) {
    return Math.clamp(countAt(time) - cpu().count, 0, room());
  }

  /**
   * Lets time pass for the processor whose turn it is, which is halted.
   *
   * @param most how much at most, in its count
   */
  void pass(long time, long most) {
    long passes = Math.min(most, budget(time));
    idle[current] += passes;
    cpu().count += passes;
  }

  /**
   * Lets time pass for all, none of which has anything to do: whole rounds if a round is about to begin.
   *
   * @param most how much at most for the processor whose turn it is, in its count
   * @param limit the count that no processor is to pass by whole rounds
   */
  void passAll(long time, long most, long limit) {
    boolean fresh = current == 0 && cpu().count == cpu().round;
    long until = Math.min(Math.min(time, limit), bound / cpus.size());
    if (alone() || !fresh || until - cpu().round < quantum) {
      pass(time, most);
      return;
    }
    long to = until / quantum * quantum;
    for (int i = 0; i < idle.length; i++) {
      idle[i] += to - cpus.get(i).count;
      cpus.get(i).count = to;
    }
    settle();
  }

  /** Gives the turn to the next one if the present one's has ended. */
  void next() {
    if (!alone() && cpu().count >= turnEnd()) {
      settle();
    }
  }

  /** Gives one the turn at a time of somebody else's clock. */
  void select(int processor, long time) {
    current = processor;
    cpu().count = time;
    cpu().round = time;
  }

  /** Finds whose turn it is by the counts. */
  void settle() {
    if (alone()) {
      return;
    }
    long least = Long.MAX_VALUE;
    for (Cpu c : cpus) {
      least = Math.min(least, c.count);
    }
    long round = least / quantum * quantum;
    for (Cpu c : cpus) {
      c.round = round;
    }
    current = 0;
    while (cpu().count >= round + quantum) {
      current++;
    }
  }

  /** Whether a halted processor has something to wake up for. */
  static boolean wakes(Cpu c) {
    InterruptSource source = c.interrupts;
    return source.event(c.nmiBlocked) != InterruptSource.Event.NONE || (c.svm.interruptible(c) && source.pending() || c.svm.virtuallyInterruptible(c));
  }

  /** Whether a processor has shut down. This and the others here are asked at every turn. */
  boolean anyShutdown() {
    for (Cpu c : cpus) {
      if (c.shutdown) {
        return true;
      }
    }
    return false;
  }

  /** Whether no processor has anything to do. */
  boolean allWait() {
    for (Cpu c : cpus) {
      if (!c.halted || wakes(c)) {
        return false;
      }
    }
    return true;
  }

  /** Whether no maskable interrupt could wake anybody. */
  boolean allDeaf() {
    return cpus.stream().noneMatch(c -> c.svm.interruptible(c));
  }
}
