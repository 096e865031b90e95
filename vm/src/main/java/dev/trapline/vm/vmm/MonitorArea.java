package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.isa.asm.Assembly;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import java.util.ArrayList;
import java.util.List;

/**
 * What of the monitor stands in the linear address space of a deprivileged guest: the real IDT, for each processor its
 * {@link ProcessorArea}, and the code that enters the guest and is entered from it. All its pages are supervisor pages of one slot of the
 * top-level table. A guest in 64-bit mode runs at CPL 3 and cannot reach them; one in 32-bit mode runs in compatibility mode at CPL 1 or 3,
 * whose linear addresses end far below. The guest's own accesses to this slot fault and are carried out by the monitor on the guest's
 * tables.
 */
final class MonitorArea {
  /** Entry of the top-level table; Linux and the BSDs leave it alone, and a guest that does not is served all the same. */
  static final int SLOT = 507;
  static final long LINEAR = -1L << 48 | (long) SLOT << 39;
  private static final long SLOT_SIZE = 1L << 39;

  /** Selectors at the top of the GDT that are the monitor's, and those of the guest that are below them. */
  static final int FIRST_OWN = 0xffd0;
  static final int CODE = 0xffd0;
  static final int TASK = 0xffe0;
  /** A data segment of ring 3 that stands for the null selector in SS, which hardware at CPL 3 cannot have. */
  static final int NULL_STACK = 0xfff0 | 3;

  static final long NULL_STACK_DESCRIPTOR = 0x00cff3000000ffffL;
  private static final long GATE = 0x0000_8e00_0000_0000L;

  private static final int PAGE = PhysicalMemory.PAGE;
  static final int IDT = 2;
  /** Where the areas of processors begin. */
  private static final int PROCESSORS = 3;

  /** Present, writable, supervisor, accessed, dirty. */
  private static final int ENTRY = 0x63;
  /** Where a stop in the exit code hands over to the Java part of the monitor. */
  private static final int DOOR = 0xf8;
  private static final int ERRORS = 1 << 8 | 0x1f << 10 | 1 << 17;

  private final PhysicalMemory memory;
  private final long frames;
  private final long top;
  private final List<ProcessorArea> areas = new ArrayList<>();
  private final long entry32;
  private final long entry64;

  MonitorArea(Machine host, FrameTable table) {
    Owner owner = new Owner.Monitor("code, stacks and descriptor tables below deprivileged guests");
    int pages = PROCESSORS + ProcessorArea.PAGES * host.cpus().size();
    this.memory = table.memory();
    this.frames = table.take(owner, pages);
    long directories = table.take(owner);
    long directory = table.take(owner);
    long entries = table.take(owner);
    memory.write(directories, 8, directory | ENTRY);
    memory.write(directory, 8, entries | ENTRY);
    for (int i = 0; i < pages; i++) {
      memory.write(entries + 8 * i, 8, frames + (long) i * PAGE | ENTRY);
    }
    this.top = directories | ENTRY;
    Assembly code = new Assembler(X86.set()).assemble(source());
    memory.poke(frames, code.bytes(), 0, code.bytes().length);
    this.entry32 = code.symbols().get("entry32");
    this.entry64 = code.symbols().get("entry64");
    fillTable();
    for (int i = 0; i < host.cpus().size(); i++) {
      long at = (long) PAGE * (PROCESSORS + ProcessorArea.PAGES * i);
      areas.add(new ProcessorArea(memory, frames + at, LINEAR + at));
      table.seal(frames + at, 1);
    }
    table.seal(frames, PROCESSORS);
    table.seal(directories, 1);
    table.seal(directory, 1);
    table.seal(entries, 1);
    host.port("monitor", DOOR, () -> {
      ProcessorArea at = areas.get(host.lastRun());
      at.left();
      host.end(new Outcome.LeftGuest(at.vector() < 32 ? ExitCode.EXCEPTION + at.vector() : ExitCode.INTR));
    });
  }

  /** Sixteen bytes for each vector, then the common way out and the ways in. */
  private static String source() {
    var s = new StringBuilder("bits 64\norg " + LINEAR + "\n");
    for (int v = 0; v < 256; v++) {
      s.append("align 16\n").append(v < 32 && (ERRORS >> v & 1) != 0 ? "" : "push 0\n").append("push ").append(v).append("\njmp near leave\n");
    }
    String shared = "pop rax\ntest rax, rax\njz %%same\nmov cr3, rax\n%%same: pop rax\nmov cr0, rax\npop rax\nmov cr4, rax\n"
        + "pop rax\nmov ds, eax\npop rax\nmov es, eax\npop rax\nmov fs, eax\npop rax\nmov gs, eax\n";
    String bases = "mov ecx, 0xc0000100\npop rax\npop rdx\nwrmsr\nmov ecx, 0xc0000101\npop rax\npop rdx\nwrmsr\n";
    String end = "pop rcx\npop rdx\npop rax\niretq\n";
    return s.append("align 4096\nleave: out ").append(DOOR).append(", al\nhlt\n")
        .append("entry32:\n").append(shared.replace("%%", "short_")).append(end)
        .append("entry64:\n").append(shared.replace("%%", "long_")).append(bases).append(end).toString();
  }

  private void fillTable() {
    for (int v = 0; v < 256; v++) {
      long to = LINEAR + 16L * v;
      memory.write(frames + IDT * PAGE + 16 * v, 8, to & 0xffff | (long) CODE << 16 | GATE | (to & 0xffff0000L) << 32);
      memory.write(frames + IDT * PAGE + 16 * v + 8, 8, to >>> 32);
    }
  }

  /** What belongs to one processor. */
  ProcessorArea of(int processor) {
    return areas.get(processor);
  }

  /** Entry of a top-level table under which all this stands. */
  long top() {
    return top;
  }

  /** Whether a linear address lies in the slot that is the monitor's. */
  static boolean holds(long linear) {
    return linear - LINEAR >= 0 && linear - LINEAR < SLOT_SIZE;
  }

  /** Linear address of the code that enters a guest. */
  long entry(boolean bases) {
    return bases ? entry64 : entry32;
  }

  /** Whether an address is on the way into the guest, not on the way out. */
  boolean onWayIn(long rip) {
    return rip >= entry32;
  }
}
