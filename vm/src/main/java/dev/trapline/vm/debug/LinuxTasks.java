package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.TaskView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The tasks and structures of a Linux guest, read with the kernel's own description of its types, or what its tasks show of it. */
final class LinuxTasks {
  private static final int MOST = 100_000;
  private static final int COMMAND = 16;
  /** Bit of {@code task_struct.flags} of the kernel's own tasks (include/linux/sched.h PF_KTHREAD). */
  private static final long KERNEL_THREAD = 0x200000;
  /** Beside TASK_UNINTERRUPTIBLE: does not count as load (TASK_NOLOAD). */
  private static final long NO_LOAD = 0x400;
  private static final String WITHOUT = "it is built without BTF (CONFIG_DEBUG_INFO_BTF)";
  private final Spaces spaces;
  private final Symbols symbols;
  private final Layout layout;
  /** The kernel's own description of its types; null if it has none. */
  private final Btf types;
  private final int word;
  /** The first processor's idle task, where the list begins. */
  private final long idle;
  /** The task that each processor executes; 0 where there is none yet. */
  private final List<Long> current;

  private LinuxTasks(Spaces spaces, Symbols symbols, Btf types, int word, List<Cpu> cpus) {
    this.spaces = spaces;
    this.symbols = symbols;
    this.layout = types;
    this.types = types;
    this.word = word;
    this.idle = symbols.address("init_task").orElseThrow(() -> new BadInput("the kernel's names lack init_task"));
    this.current = IntStream.range(0, cpus.size()).mapToObj(this::current).toList();
  }

  private LinuxTasks(Spaces spaces, Symbols symbols, TaskShape shape, List<Cpu> cpus) {
    this.spaces = spaces;
    this.symbols = symbols;
    this.layout = shape;
    this.types = null;
    this.word = 4;
    this.idle = shape.idle();
    this.current = cpus.stream().map(shape::current).toList();
  }

  /** The guest's; {@link BadInput} says what is missing. */
  static LinuxTasks of(Spaces spaces, Symbols symbols, List<Cpu> cpus) {
    if (symbols.address("_text").isEmpty()) {
      throw new BadInput("no names of a Linux kernel: 'symbols' takes them from the guest's memory");
    }
    Btf types = Btf.ofGuest(spaces, symbols);
    int word = symbols.address("_text").getAsLong() < 0 ? 8 : 4;
    boolean silent = types == null && symbols.address("__start_BTF").isEmpty();
    if (types == null && !(silent && word == 4)) {
      throw new BadInput("this kernel says nothing about its types: " + (silent ? WITHOUT : "its BTF is not mapped now"));
    }
    return silent ? new LinuxTasks(spaces, symbols, TaskShape.of(spaces, symbols, cpus.getFirst().mem.physical()), cpus)
        : new LinuxTasks(spaces, symbols, types, word, cpus);
  }

  private long read(long address, int bytes) {
    Long v = spaces.read(new Address.Linear(address), bytes);
    if (v == null) {
      throw new BadInput("a structure of the kernel at 0x" + Long.toHexString(address) + " is not mapped");
    }
    return v;
  }

  private int offset(String path) {
    int o = layout.offset("task_struct", path);
    if (o < 0) {
      throw new BadInput("this kernel's task_struct has no " + path);
    }
    return o;
  }

  private long field(long task, String path, int bytes) {
    return read(task + offset(path), bytes);
  }

  // ---- tasks

  /** The processes in the order of the kernel's list, the idle task first, or with all their threads. */
  List<TaskView> list(boolean threads) {
    int next = offset("tasks");
    var out = new ArrayList<TaskView>();
    long task = idle;
    do {
      for (long t : threads ? threads(task) : List.of(task)) {
        out.add(view(t));
      }
      task = read(task + next, word) - next;
    } while (task != idle && out.size() < MOST);
    // Idle tasks of the other processors are on no list.
    current.stream().filter(t -> t != 0 && out.stream().noneMatch(o -> o.address() == t) && field(t, "pid", 4) == 0)
        .forEach(t -> out.add(1, view(t)));
    return out;
  }

  private List<Long> threads(long task) {
    int node = layout.offset("task_struct", "thread_node");
    int head = layout.offset("signal_struct", "thread_head");
    long signal = field(task, "signal", word);
    if (node < 0 || head < 0 || signal == 0) {
      return List.of(task);
    }
    var out = new ArrayList<Long>();
    for (long at = read(signal + head, word); at != signal + head && out.size() < MOST; at = read(at, word)) {
      out.add(at - node);
    }
    // The idle task's list is never filled.
    return out.isEmpty() ? List.of(task) : out;
  }

  private long current(int cpu) {
    long at = perCpu(cpu, "current_task", "pcpu_hot");
    return at == 0 ? 0 : read(at, word);
  }

  private long perCpu(int cpu, String... names) {
    for (String name : names) {
      Long at = perCpu(spaces, symbols, cpu, name);
      if (at != null) {
        return at;
      }
    }
    return 0;
  }

  /** The address of a processor's own copy of a per-CPU variable; null if there is no such variable or it is not mapped yet. */
  static Long perCpu(Spaces spaces, Symbols symbols, int cpu, String name) {
    if (symbols.perCpu(name).isEmpty() || symbols.address("__per_cpu_offset").isEmpty()) {
      return null;
    }
    Long base = spaces.read(new Address.Linear(symbols.address("__per_cpu_offset").getAsLong() + 8L * cpu), 8);
    return base == null ? null : Long.valueOf(base + symbols.perCpu(name).getAsLong());
  }

  private TaskView view(long task) {
    long memory = field(task, "mm", word);
    int cpu = (int) cpuOf(task);
    boolean runs = cpu < current.size() && current.get(cpu) == task;
    return new TaskView((int) field(task, "pid", 4), (int) field(task, "tgid", 4), (int) field(field(task, "real_parent", word), "tgid", 4),
        state(task), (field(task, "flags", 4) & KERNEL_THREAD) != 0, memory == 0 ? 0 : pageTables(memory), cpu, runs,
        text(task + offset("comm"), COMMAND), task);
  }

  private long cpuOf(long task) {
    int at = layout.offset("task_struct", "thread_info.cpu");
    at = at < 0 ? layout.offset("task_struct", "cpu") : at;
    return at < 0 ? 0 : read(task + at, 4);
  }

  private long pageTables(long memory) {
    int pgd = layout.offset("mm_struct", "pgd");
    return pgd < 0 ? 0 : Math.max(0, spaces.physical(new Address.Linear(read(memory + pgd, word))));
  }

  private String state(long task) {
    int at = layout.offset("task_struct", "__state");
    long s = read(task + (at < 0 ? offset("state") : at), 4) | field(task, "exit_state", 4);
    if ((s & NO_LOAD) != 0 && (s & 2) != 0) {
      return "I";
    }
    long lowest = Long.lowestOneBit(s & 0x7f);
    return lowest == 0 ? "R" : Character.toString("SDTtXZP".charAt(Long.numberOfTrailingZeros(lowest)));
  }

  private String text(long address, int most) {
    byte[] b = spaces.read(new Address.Linear(address), most, new boolean[most]);
    int n = 0;
    while (n < most && b[n] != 0) {
      n++;
    }
    return new String(b, 0, n, StandardCharsets.ISO_8859_1);
  }

  // ---- structures

  /** Names of structures that contain a text. */
  List<String> structs(String part) {
    if (types == null) {
      throw new BadInput("this kernel does not describe its structures: " + WITHOUT);
    }
    return types.structNames().stream().filter(n -> n.contains(part)).toList();
  }

  /**
   * The members of a structure.
   *
   * @param address where one stands; null for the layout alone
   */
  FieldsView struct(String name, Long address) {
    List<String> near = structs(name);
    int type = types.struct(name);
    if (type < 0) {
      throw new BadInput("no structure '" + name + "'" + (near.isEmpty() ? "" : "; there is " + String.join(" ",
          near.subList(0, Math.min(8, near.size())))));
    }
    var fields = new ArrayList<Field>();
    for (Btf.Member m : types.members(type)) {
      String value = address == null ? "" : value(address, m);
      String typed = types.name(m.type()) + (m.bits() > 0 ? ":" + m.bits() : "");
      fields.add(new Field("+0x%03x %s".formatted(m.offset(), m.name()), value, typed));
    }
    String at = address == null ? "" : " at 0x" + Long.toHexString(address);
    return new FieldsView("struct " + name + at + ", " + types.size(type) + " bytes", fields);
  }

  private String value(long base, Btf.Member m) {
    long at = base + m.offset();
    int bytes = types.kind(m.type()) == Btf.Kind.POINTER ? word : types.size(m.type());
    return switch (types.kind(m.type())) {
      case STRUCT, OTHER -> bytes == 0 ? "" : "at 0x" + Long.toHexString(at);
      case TEXT -> "'" + text(at, bytes) + "'";
      case POINTER -> pointer(read(at, word));
      case ENUM -> enumerated(m, number(at, m, bytes));
      case NUMBER -> bytes > 8 ? "at 0x" + Long.toHexString(at) : decimal(number(at, m, bytes), bytes);
    };
  }

  private long number(long at, Btf.Member m, int bytes) {
    long v = read(at, m.bits() > 0 ? Math.min(8, (m.bit() + m.bits() + 7) / 8) : bytes);
    return m.bits() > 0 ? v >>> m.bit() & (1L << m.bits()) - 1 : v;
  }

  private static String decimal(long v, int bytes) {
    long s = bytes == 4 ? (int) v : v;
    return s >= 0 && s < 10 ? Long.toString(s) : "0x" + Long.toHexString(v) + " " + s;
  }

  private String enumerated(Btf.Member m, long v) {
    String name = types.constant(m.type(), v);
    return v + (name == null ? "" : " " + name);
  }

  private String pointer(long v) {
    Symbols.Near near = symbols.near(v);
    return "0x" + Long.toHexString(v) + (near == null ? "" : " <" + near + ">");
  }
}
