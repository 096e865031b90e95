package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.mem.PhysicalMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Two processors, an instruction at a time, compared after each; see the package's description for the rules. */
final class LockStep {
  /** Steps between two looks at all of memory. */
  private static final int SWEEP = 20_000;
  /** Elements up to which QEMU goes through a repetition by single steps. */
  private static final int FEW = 16;
  private static final int HISTORY = 12;
  /** Bytes of a difference in memory that are shown. */
  private static final int SHOWN = 48;
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
  private static final int PAGE = PhysicalMemory.PAGE;
  /** The legacy range where memory may be ROM, RAM or a device. */
  private static final long HOLE = 0xa0000;
  private static final long HOLE_END = 0x100000;

  /** Instructions that only pass time: QEMU leaves its loop in them and does not stop after the step. */
  private static final Set<String> WAITS = Set.of("pause", "hlt");

  private final Ours ours;
  private final Qemu qemu;
  private final MemorySegment theirRam;
  private final Map<String, Integer> inputs = new TreeMap<>();
  private final Set<Expected> met = new HashSet<>();
  private final Deque<Supplier<String>> history = new ArrayDeque<>();
  private long hiddenSeen;
  private long steps;
  private String ended;
  private boolean resetTags;
  private boolean sysretStack;

  LockStep(Ours ours, Qemu qemu) {
    this.ours = ours;
    this.qemu = qemu;
    this.theirRam = qemu.ram();
  }

  /** What QEMU was given or forgiven, by kind, with how often. */
  Map<String, Integer> inputs() {
    return inputs;
  }

  /** Known differences that were met. */
  Set<Expected> met() {
    return met;
  }

  long steps() {
    return steps;
  }

  /** Why the run was shorter than asked for, or null. */
  String ended() {
    return ended;
  }

  /** Compares the state both begin with, then a number of steps. */
  void run(long wanted) throws IOException {
    start();
    while (steps < wanted && ended == null) {
      one();
      steps++;
      if (steps % SWEEP == 0) {
        sweep();
      }
      if (ours.cpu().halted || ours.cpu().shutdown) {
        ended = ours.cpu().halted ? "halted" : "shut down";
      }
    }
    sweep();
    hidden();
  }

  /**
   * After RESET QEMU's x87 is as after FNINIT; by SDM 3A table 9-1 the control word is 0040h and no register is empty. QEMU gets our
   * control word, but gdb cannot write tags: they are left alone until they agree.
   */
  private void start() throws IOException {
    ours.prepare();
    Registers mine = Registers.of(ours.cpu());
    if (!mine.same(Registers.FCTRL, qemu.registers())) {
      qemu.set(Registers.FCTRL, mine);
      count("x87 control word after RESET");
      resetTags = true;
    }
    Differences d = Differences.of(mine, qemu.registers());
    if (!d.none()) {
      throw difference("The processors do not start alike.", mine, qemu.registers(), d);
    }
    sweep();
    hidden();
  }

  private void one() throws IOException {
    ours.prepare();
    remember(ours.disassembled());
    long dma = Inputs.firmwareDma(ours);
    Insn in = ours.insn();
    if (in != null && in.repeats()) {
      ours.step();
      repeat();
    } else if (in != null && WAITS.contains(in.row.mnemonic())) {
      ours.step();
      qemu.set(Registers.RIP, Registers.of(ours.cpu()));
    } else {
      qemu.step();
      ours.step();
      qemu.stepped();
    }
    if (dma >= 0) {
      firmwareDma(dma);
    }
    compare();
    if (ours.raised() || Hidden.fingerprint(ours.cpu()) != hiddenSeen) {
      hidden();
    }
  }

  /** QEMU stops after each element when it steps; longer repetitions run to where ours went, with interrupts off. */
  private void repeat() throws IOException {
    if (ours.steps() <= FEW || ours.raised()) {
      for (long i = 0; i < ours.steps(); i++) {
        qemu.step();
        qemu.stepped();
      }
      return;
    }
    long flags = ours.before().low()[Registers.FLAGS];
    qemu.set(Registers.FLAGS, flags & ~Cpu.IF);
    qemu.runTo(ours.linearRip());
    long now = qemu.registers().low()[Registers.FLAGS];
    qemu.set(Registers.FLAGS, now | flags & Cpu.IF);
  }

  // ---- comparing

  private void compare() throws IOException {
    Registers mine = Registers.of(ours.cpu());
    Registers theirs = afterStep(mine);
    Differences d = Differences.of(mine, theirs);
    stores(d);
    if (!d.none()) {
      Differences all = Differences.of(mine, theirs);
      List<Integer> memory = List.copyOf(d.memory().keySet());
      for (Inputs.Input i : Inputs.of(ours)) {
        if (d.take(i.allowed())) {
          count(i.kind());
        }
      }
      for (Expected e : Expected.ALL) {
        if (!d.none() && e.when().test(ours) && d.take(e.allowed())) {
          met(e);
        }
      }
      if (!d.none()) {
        throw difference("The processors differ.", mine, theirs, d);
      }
      give(mine, all, memory);
    }
  }

  private void met(Expected e) {
    met.add(e);
    count("expected: " + e.name());
  }

  /** QEMU's registers; now and then it stops without having executed anything, and steps again. */
  private Registers afterStep(Registers mine) throws IOException {
    Registers theirs = qemu.registers();
    if (!mine.same(Registers.RIP, ours.before()) && Differences.of(ours.before(), theirs).none()) {
      qemu.step();
      qemu.stepped();
      count("a step that executed nothing");
      return qemu.registers();
    }
    return theirs;
  }

  private void give(Registers mine, Differences d, List<Integer> memory) throws IOException {
    for (int r : d.registers().stream().toArray()) {
      qemu.set(r, mine);
    }
    for (int i : memory) {
      copy(ours.storeAddress(i), ours.storeLength(i));
    }
  }

  private void copy(long physical, int n) throws IOException {
    byte[] bytes = new byte[n];
    ours.cpu().mem.physical().peek(physical, bytes, 0, n);
    qemu.pokePhysical(physical, bytes);
  }

  private void stores(Differences d) {
    for (int i = 0; i < ours.storeCount(); i++) {
      long bits = differing(ours.storeAddress(i), ours.storeLength(i));
      if (bits != 0) {
        d.memory().put(i, bits);
      }
    }
  }

  private long differing(long at, int n) {
    PhysicalMemory memory = ours.cpu().mem.physical();
    long bits = 0;
    for (int i = 0; i < n; i++) {
      long p = at + i;
      if (p < qemu.ramSize() && memory.isRam(p)) {
        bits |= ((memory.read(p, 1) ^ theirRam.get(ValueLayout.JAVA_BYTE, p)) & 0xff) << 8 * i;
      }
    }
    return bits;
  }

  /** What the firmware configuration device put into memory, by the descriptor: control, length and address, all big-endian. */
  private void firmwareDma(long descriptor) throws IOException {
    PhysicalMemory memory = ours.cpu().mem.physical();
    copy(descriptor, 16);
    int length = Integer.reverseBytes((int) memory.read(descriptor + 4, 4));
    long to = Long.reverseBytes(memory.read(descriptor + 8, 8));
    copy(to, length);
    count("DMA of the firmware configuration device");
  }

  /** Compares all RAM. */
  private void sweep() throws IOException {
    PhysicalMemory memory = ours.cpu().mem.physical();
    byte[] page = new byte[PAGE];
    MemorySegment heap = MemorySegment.ofArray(page);
    for (long p = 0; p < qemu.ramSize(); p += PAGE) {
      if (p >= HOLE && p < HOLE_END && !memory.isRam(p)) {
        continue;
      }
      memory.peek(p, page, 0, PAGE);
      long at = MemorySegment.mismatch(heap, 0, PAGE, theirRam, p, p + PAGE);
      if (at >= 0) {
        throw memoryDifference(p + at, page, (int) at);
      }
    }
  }

  private LockStepDifference memoryDifference(long physical, byte[] page, int at) {
    int n = Math.min(SHOWN, PAGE - at);
    byte[] theirs = theirRam.asSlice(physical, n).toArray(ValueLayout.JAVA_BYTE);
    return new LockStepDifference(String.format(
        "Memory differs at %08x, which no compared store of ours since the last look shows%n  ours %s%n  QEMU %s", physical,
        HEX.formatHex(page, at, at + n), HEX.formatHex(theirs)) + history());
  }

  // ---- hidden state

  private void hidden() throws IOException {
    hiddenSeen = Hidden.fingerprint(ours.cpu());
    Map<String, String> mine = Hidden.of(ours.cpu());
    Map<String, String> theirs = Hidden.parse(qemu.monitorRegisters());
    resetTags &= !mine.get("FTW").equals(theirs.get("FTW"));
    if (resetTags) {
      theirs.put("FTW", mine.get("FTW"));
    }
    codeAccessed(mine, theirs);
    taskBusy(mine, theirs);
    sysretStack(mine, theirs);
    var text = new StringBuilder();
    mine.forEach((name, value) -> {
      if (!value.equals(theirs.get(name))) {
        text.append(String.format("%n  %-4s ours %s, QEMU %s", name, value, theirs.get(name)));
      }
    });
    if (!text.isEmpty()) {
      throw new LockStepDifference("Hidden registers differ." + text + history());
    }
  }

  /** The descriptor in QEMU's memory gets the bit too. */
  private void codeAccessed(Map<String, String> mine, Map<String, String> theirs) throws IOException {
    if (!forgiven("CS", 1, mine, theirs)) {
      return;
    }
    int selector = ours.cpu().seg[Cpu.CS].selector;
    long rights = ((selector & 4) == 0 ? ours.cpu().gdtBase : ours.cpu().ldtr.base) + (selector & ~7) + 5;
    byte[] now = qemu.peek(rights, 1);
    if ((now[0] & 1) == 0) {
      now[0] |= 1;
      qemu.poke(rights, now);
      met(Expected.CODE_ACCESSED);
    }
  }

  private void taskBusy(Map<String, String> mine, Map<String, String> theirs) {
    if (forgiven("TR", 2, mine, theirs) && ours.insn() != null && ours.insn().row.mnemonic().equals("ltr")) {
      met(Expected.TASK_BUSY);
    }
  }

  /** From the SYSRET on until SS is loaded. */
  private void sysretStack(Map<String, String> mine, Map<String, String> theirs) {
    boolean now = ours.insn() != null && ours.insn().row.mnemonic().startsWith("sysret");
    String userLevel = mine.getOrDefault("SS", "").replaceAll("rights (..)9", "rights $1f");
    sysretStack = (now || sysretStack) && userLevel.equals(theirs.get("SS")) && !userLevel.equals(mine.get("SS"));
    if (sysretStack) {
      theirs.put("SS", mine.get("SS"));
      if (now) {
        met(Expected.SYSRET_STACK);
      }
    }
  }

  /** Whether a hidden part differs only in a bit of its type that ours has; it counts as equal then. */
  private static boolean forgiven(String name, int bit, Map<String, String> mine, Map<String, String> theirs) {
    boolean only = Hidden.withType(theirs.get(name), bit).equals(mine.get(name)) && !mine.get(name).equals(theirs.get(name));
    if (only) {
      theirs.put(name, mine.get(name));
    }
    return only;
  }

  // ---- reporting

  private void count(String kind) {
    inputs.merge(kind, 1, Integer::sum);
  }

  private void remember(Supplier<String> line) {
    if (history.size() == HISTORY) {
      history.removeFirst();
    }
    history.add(line);
  }

  private String history() {
    return String.format("%nAfter %d steps, at instruction count %d; the last of them:%n  ", steps, ours.cpu().count)
        + history.stream().map(Supplier::get).collect(Collectors.joining(String.format("%n  ")));
  }

  private LockStepDifference difference(String what, Registers mine, Registers theirs, Differences d) {
    var text = new StringBuilder(what).append(history());
    text.append(String.format("%n  %-14s %-34s %-34s %s", "register", "before", "ours", "QEMU"));
    for (int i = 0; i < Registers.ALL.size(); i++) {
      boolean differs = d.registers().get(i);
      if (differs || i <= Registers.GS) {
        text.append(String.format("%n%s %-14s %-34s %-34s %s", differs ? "*" : " ", Registers.ALL.get(i).name(), ours.before().text(i),
            mine.text(i), differs ? theirs.text(i) : ""));
      }
    }
    for (int i : d.memory().keySet()) {
      byte[] bytes = new byte[ours.storeLength(i)];
      ours.cpu().mem.physical().peek(ours.storeAddress(i), bytes, 0, bytes.length);
      text.append(String.format("%n* memory %08x  ours %s, QEMU %s", ours.storeAddress(i), HEX.formatHex(bytes),
          HEX.formatHex(theirRam.asSlice(ours.storeAddress(i), bytes.length).toArray(ValueLayout.JAVA_BYTE))));
    }
    ours.events().forEach(e -> text.append(String.format("%n  %s", e)));
    return new LockStepDifference(text.toString());
  }
}
