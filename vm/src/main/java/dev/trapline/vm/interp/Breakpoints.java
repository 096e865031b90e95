package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.util.LongMap;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where the interpreter stops before an instruction: linear and physical addresses, and names of instructions. Blocks are cut at
 * candidates, so code elsewhere runs at full speed, nothing in guest memory changes, and code that is not loaded yet needs no care.
 */
public final class Breakpoints {
  /** What to do before an instruction with a breakpoint. */
  public enum Answer {
    /** Execute it. */
    GO,
    /** Stop before it. */
    STOP,
    /** The processor stands elsewhere now: look again. */
    AGAIN
  }

  /** Who is asked at a breakpoint; it runs in the middle of the engine, where registers are exact. */
  @FunctionalInterface
  public interface Gate {
    Answer reached(Cpu c, Insn next, long linear);
  }

  private static final int PAGE_MASK = 0xfff;
  private static final Gate STOPS = (c, next, linear) -> Answer.STOP;

  private final Set<Long> linear = new HashSet<>();
  private final Set<Long> physical = new HashSet<>();
  private LongMap<Long> linearIndex = new LongMap<>(java.util.Map.of());
  private Set<String> mnemonics = Set.of();
  private Gate gate = STOPS;
  private final boolean[] linearOffsets = new boolean[PAGE_MASK + 1];
  /** Set when addresses changed: cached blocks are cut for the old ones. */
  private boolean changed;
  private int version;

  Breakpoints() {}

  /** Replaces all addresses; who is asked and names of instructions stay. */
  public void set(Set<Long> linearAddresses, Set<Long> physicalAddresses) {
    linear.clear();
    linear.addAll(linearAddresses);
    linearIndex = new LongMap<>(linear.stream().collect(Collectors.toMap(Function.identity(), Function.identity())));
    physical.clear();
    physical.addAll(physicalAddresses);
    java.util.Arrays.fill(linearOffsets, false);
    linear.forEach(a -> linearOffsets[(int) (a & PAGE_MASK)] = true);
    changed = true;
    version++;
  }

  /** Stops before every instruction of these names, and asks this gate at all breakpoints; null stops at them. */
  public void ask(Set<String> names, Gate who) {
    mnemonics = Set.copyOf(names);
    gate = who == null ? STOPS : who;
    changed = true;
    version++;
  }

  /** Changes with every {@link #set} and {@link #ask}. */
  public int version() {
    return version;
  }

  public boolean isEmpty() {
    return linear.isEmpty() && physical.isEmpty() && mnemonics.isEmpty();
  }

  public Set<Long> linear() {
    return Set.copyOf(linear);
  }

  public Set<Long> physical() {
    return Set.copyOf(physical);
  }

  /** Names of the instructions to stop before. */
  public Set<String> mnemonics() {
    return mnemonics;
  }

  /** Who is asked. */
  public Gate gate() {
    return gate;
  }

  boolean takeChange() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /** Whether a block may have to stop before the instruction at a physical address, at some linear address. */
  boolean candidate(long pa) {
    return linearOffsets[(int) pa & PAGE_MASK] || physical.contains(pa);
  }

  /** Whether an instruction has one of the names. */
  boolean named(Insn in) {
    return in != null && !mnemonics.isEmpty() && mnemonics.contains(in.row.mnemonic());
  }

  /** Whether to stop before an instruction at these addresses. */
  boolean hit(long linearAddress, long pa, Insn in) {
    return linearIndex.get(linearAddress) != null || !physical.isEmpty() && physical.contains(pa) || named(in);
  }
}
