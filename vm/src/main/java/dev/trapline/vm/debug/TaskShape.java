package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Where the fields of {@code task_struct} are in a 32-bit kernel that does not say so (no BTF), worked out from its tasks.
 *
 * <p>What every kernel since 4.9 has: the idle task's name, a ring of all processes through {@code tasks} in which processes 1 and 2 come
 * first, {@code pid} before {@code tgid}, {@code real_parent} before {@code parent}, {@code mm} before {@code active_mm},
 * {@code exit_state, exit_code, exit_signal} in a row, and {@code state, stack, usage, flags} behind {@code thread_info}
 * (include/linux/sched.h). Each field must hold for every task there is, and only one place may do so: else this refuses.
 */
final class TaskShape implements Layout {
  private static final int WORD = 4;
  /** What is looked at before the name of a task, and so how far its beginning may be; the name and what follows it. */
  private static final int SPAN = 0x1000;
  private static final int END = SPAN + 0x200;
  private static final int CHUNK = 1 << 20;
  private static final byte[] IDLE = "swapper/0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
  /** Functions that read {@code current} first of all, and the instruction they do it with, {@code mov eax, fs:[...]}. */
  private static final List<String> READERS = List.of("__do_sys_getpid", "__ia32_sys_getpid", "sys_getpid");
  private static final int[] READS = {0x64, 0xa1};
  private static final int READER = 32;
  /** Selector of the segment of per-CPU variables (arch/x86/include/asm/segment.h GDT_ENTRY_PERCPU). */
  private static final int PER_CPU = 27 * 8;
  private static final int COMMAND = 16;
  private static final int MOST = 100_000;
  private static final int PAGE = 0x1000;
  /** The lowest address of a kernel, whatever split of the address space it was built with. */
  private static final long LOWEST = 0x40000000L;
  private static final long KERNEL_THREAD = 0x200000;
  private static final int SIGCHLD = 17;
  private static final int MOST_SIGNAL = 64;
  /** Alignment of page tables, at least (the four pointers of PAE). */
  private static final int TABLES = 32;
  private static final int MOST_MEMORY = 0x100;
  /** Of a task that lives or has ended (EXIT_DEAD, EXIT_ZOMBIE). */
  private static final List<Long> EXIT_STATES = List.of(0L, 16L, 32L);
  private static final long STATES = 0xffff;

  /**
   * A task.
   *
   * @param name address of its name
   * @param data from {@link #SPAN} before its name to a little behind it; what places are counted in until its beginning is known
   */
  private record Task(long name, byte[] data) {
    long word(int at) {
      return number(data, at);
    }

    long field(int at) {
      return name - SPAN + at;
    }
  }

  private final Spaces spaces;
  private final Symbols symbols;
  private final Map<String, Integer> places = new HashMap<>();
  private List<Task> tasks = List.of();
  private Task idle;
  private Task init;
  private Task daemon;
  /** Where tasks begin. */
  private int start;

  private int tgid;
  private int parent;
  private int stack;
  private int memory;

  private TaskShape(Spaces spaces, Symbols symbols) {
    this.spaces = spaces;
    this.symbols = symbols;
  }

  /** The places in the kernel that has these symbols; {@link BadInput} says what cannot be told. */
  static TaskShape of(Spaces spaces, Symbols symbols, PhysicalMemory memory) {
    TaskShape shape = new TaskShape(spaces, symbols);
    shape.ring(memory);
    shape.family();
    shape.states();
    shape.memory();
    shape.threads();
    return shape;
  }

  @Override
  public int offset(String struct, String path) {
    return places.getOrDefault(struct + "." + path, -1);
  }

  /** Address of the first processor's idle task. */
  long idle() {
    return idle.field(start);
  }

  // ---- reading

  private static long number(byte[] b, int at) {
    return PhysicalMemory.get(b, at, WORD);
  }

  private long read(long address) {
    Long v = spaces.read(new Address.Linear(address), WORD);
    return v == null ? 0 : v;
  }

  private byte[] bytes(long address, int n) {
    return spaces.read(new Address.Linear(address), n, new boolean[n]);
  }

  private static boolean inKernel(long v) {
    return v >= LOWEST;
  }

  /** The name at an address, or empty if none is there: printed characters and a zero. */
  private String command(long address) {
    byte[] b = bytes(address, COMMAND);
    int n = 0;
    while (n < COMMAND && b[n] >= ' ' && b[n] < 127) {
      n++;
    }
    return n == COMMAND || b[n] != 0 ? "" : new String(b, 0, n, StandardCharsets.ISO_8859_1);
  }

  private static BadInput unsure(String what) {
    return new BadInput("this kernel is built without BTF, and its tasks do not show " + what + " (has it started its first program?)");
  }

  /** The only place of its kind. */
  private static int only(String what, int from, int to, IntPredicate fits) {
    List<Integer> found = IntStream.iterate(from, at -> at < to, at -> at + WORD).filter(fits).boxed().toList();
    if (found.size() != 1) {
      throw unsure(what + (found.isEmpty() ? "" : " clearly"));
    }
    return found.getFirst();
  }

  private void put(String name, int at) {
    places.put("task_struct." + name, at - start);
  }

  private boolean all(Predicate<Task> test) {
    return tasks.stream().allMatch(test);
  }

  // ---- the ring of processes

  /** A kernel's names without CONFIG_KALLSYMS_ALL are those of functions, so the idle task is looked for by its own. */
  private void ring(PhysicalMemory physical) {
    long text = symbols.address("_text").orElseThrow();
    long at = spaces.physical(new Address.Linear(text));
    // The kernel and the memory tasks are in are mapped as one piece.
    for (long pa = at; at >= 0 && idle == null && physical.isRam(pa); pa += CHUNK) {
      byte[] b = new byte[CHUNK + COMMAND];
      physical.peek(pa, b, 0, (int) Math.min(b.length, physical.regionAt(pa).end() - pa));
      for (int i = 0; i < CHUNK && idle == null; i += WORD) {
        if (Arrays.equals(b, i, i + COMMAND, IDLE, 0, COMMAND)) {
          ring(text + pa - at + i);
        }
      }
    }
    if (idle == null) {
      throw unsure("where they are");
    }
  }

  private void ring(long name) {
    List<Integer> next = IntStream.iterate(0, f -> f < SPAN, f -> f + WORD).filter(f -> !ring(name, f).isEmpty()).boxed().toList();
    if (next.size() == 1) {
      tasks = ring(name, next.getFirst()).stream().map(a -> new Task(a, bytes(a - SPAN, END))).toList();
      idle = tasks.get(0);
      init = tasks.get(1);
      daemon = tasks.get(2);
      places.put("next", next.getFirst());
    }
  }

  /** The names' addresses of the tasks on a ring through a field, the idle task first; empty if it is no ring of tasks. */
  private List<Long> ring(long name, int field) {
    var out = new ArrayList<Long>();
    long at = name;
    do {
      out.add(at);
      long node = at - SPAN + field;
      long next = read(node);
      if (!inKernel(next) || next == node || read(next + WORD) != node || command(next - field + SPAN).isEmpty()) {
        return List.of();
      }
      at = next - field + SPAN;
    } while (at != name && out.size() < MOST);
    return out.size() > 2 && command(out.get(2)).equals("kthreadd") ? out : List.of();
  }

  // ---- numbers and parents

  private void family() {
    parent = only("their parents", 0, SPAN - WORD, this::parents);
    start = (int) (idle.word(parent) - idle.field(0));
    int pid = only("their numbers", start, SPAN - WORD, this::numbers);
    tgid = pid + WORD;
    put("comm", SPAN);
    put("tasks", places.remove("next"));
    put("pid", pid);
    put("tgid", tgid);
    put("real_parent", parent);
  }

  /** The idle task is its own parent, and that of processes 1 and 2. */
  private boolean parents(int at) {
    long top = idle.word(at);
    boolean first = top >= idle.field(0) && top < idle.field(at) && idle.word(at + WORD) == top;
    return first && init.word(at) == top && init.word(at + WORD) == top && daemon.word(at) == top
        && all(t -> inKernel(t.word(at)) && inKernel(t.word(at + WORD)))
        && tasks.stream().anyMatch(t -> t.word(at) == daemon.field((int) (top - idle.field(0))));
  }

  private boolean numbers(int at) {
    var seen = new HashSet<Long>();
    return all(t -> t.word(at) == t.word(at + WORD) && seen.add(t.word(at))) && idle.word(at) == 0 && init.word(at) == 1
        && daemon.word(at) == 2;
  }

  private boolean ofKernel(Task t) {
    return t == idle || t == daemon || t.word(parent) == daemon.field(start);
  }

  // ---- what they do

  private void states() {
    stack = only("their stacks", start + 2 * WORD, SPAN - 2 * WORD, this::stacks);
    put("__state", stack - WORD);
    put("flags", stack + 2 * WORD);
    put("thread_info.cpu", stack - 2 * WORD);
    put("exit_state", only("how they ended", stack, SPAN - 2 * WORD, this::ends));
  }

  private boolean stacks(int at) {
    var seen = new HashSet<Long>();
    // The stack of a process that has ended is taken away before its parent asks for it.
    return all(t -> t.word(at) == 0 ? t != idle && t != init && t != daemon
        : inKernel(t.word(at)) && t.word(at) % PAGE == 0 && seen.add(t.word(at)))
        && all(t -> (t.word(at + 2 * WORD) & KERNEL_THREAD) != 0 == ofKernel(t)) && all(t -> (t.word(at - WORD) & ~STATES) == 0);
  }

  /** Children of process 2 and programs tell their end by SIGCHLD; the idle task tells nobody. */
  private boolean ends(int at) {
    int signal = at + 2 * WORD;
    return all(t -> EXIT_STATES.contains(t.word(at))) && idle.word(signal) == 0 && init.word(signal) == SIGCHLD
        && all(t -> t.word(signal) == SIGCHLD || t.word(signal) == 0)
        && all(t -> t == idle || t == daemon || !ofKernel(t) || t.word(signal) == SIGCHLD);
  }

  // ---- memory

  private void memory() {
    memory = only("their memory", start, SPAN - WORD, this::memories);
    put("mm", memory);
    List<Long> all = tasks.stream().map(t -> t.word(memory)).filter(m -> m != 0).distinct().toList();
    places.put("mm_struct.pgd", only("their page tables", 0, MOST_MEMORY, at -> all.stream().allMatch(m -> maps(read(m + at)))));
  }

  private boolean memories(int at) {
    return inKernel(init.word(at)) && all(t -> !ofKernel(t) || t.word(at) == 0)
        && all(t -> t.word(at) == 0 || inKernel(t.word(at)) && t.word(at) == t.word(at + WORD));
  }

  /** Whether the page tables at an address have the kernel where it is. */
  private boolean maps(long tables) {
    long root = inKernel(tables) && tables % TABLES == 0 ? spaces.physical(new Address.Linear(tables)) : -1;
    return root >= 0 && spaces.directoryEntry(root, idle.name) == spaces.directoryEntry(spaces.root(), idle.name);
  }

  // ---- threads

  private void threads() {
    int node = only("their threads", parent, SPAN - WORD, at -> all(t -> t == idle || head(t, at) != 0));
    long head = head(init, node);
    int signal = only("their signals", SPAN, END, at -> shared(node, at));
    put("thread_node", node);
    put("signal", signal);
    places.put("signal_struct.thread_head", (int) (head - init.word(signal)));
  }

  /** The one member of the ring through a field that is in no thread of the same process; 0 if there is not just one. */
  private long head(Task t, int field) {
    long head = 0;
    long at = t.word(field);
    for (int n = 0; at != t.field(field); n++) {
      boolean thread = read(at - field + tgid) == t.word(tgid);
      if (!inKernel(at) || n > MOST || !thread && head != 0) {
        return 0;
      }
      head = thread ? head : at;
      at = read(at);
    }
    return head;
  }

  /** Whether a field points a little before each process's head of threads, always as far. */
  private boolean shared(int node, int at) {
    long distance = head(init, node) - init.word(at);
    return distance >= 0 && distance < MOST_SIGNAL && all(t -> t == idle || head(t, node) - t.word(at) == distance);
  }

  // ---- what runs

  /** The task a processor executes. */
  long current(Cpu cpu) {
    Spaces its = new Spaces(cpu);
    Long raw = its.read(new Address.Linear(cpu.gdtBase + PER_CPU), 8);
    Long task = raw == null ? null : its.read(new Address.Linear(Descriptors.base(raw) + variable() & 0xffffffffL), WORD);
    if (task == null || command(task - start + SPAN).isEmpty()) {
      throw unsure("which of them runs");
    }
    return task;
  }

  /** Where {@code current_task} is linked. */
  private long variable() {
    for (String name : READERS) {
      byte[] b = symbols.address(name).isPresent() ? bytes(symbols.address(name).getAsLong(), READER) : new byte[0];
      for (int i = 0; i < b.length - READS.length - WORD; i++) {
        if ((b[i] & 0xff) == READS[0] && (b[i + 1] & 0xff) == READS[1]) {
          return number(b, i + READS.length);
        }
      }
    }
    throw unsure("which of them runs");
  }
}
