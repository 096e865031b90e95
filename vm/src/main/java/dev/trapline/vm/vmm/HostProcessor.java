package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.svm.World;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;

/**
 * The processor the monitor runs on: 64-bit mode with all memory mapped as it is, SVM switched on, and a few bytes of code through which
 * guests are entered. The rest of the monitor is Java and is entered when guest mode is left.
 */
final class HostProcessor {
  private static final int VM_HSAVE_PA = 0xc001_0117;
  private static final int GIB_SHIFT = 30;
  /** Present, writable, user, accessed, dirty. */
  private static final int TABLE = 0x27;
  private static final int LARGE_PAGE = 0xe7;
  private static final int CODE64 = 0xa09b;
  private static final int DATA = 0xc093;
  private static final int CODE_SELECTOR = 8;
  private static final int DATA_SELECTOR = 0x10;
  /** {@code vmload; vmrun; hlt}: a #VMEXIT stops before HLT, which is there for the reader of a disassembly. */
  private static final byte[] STUB = {0x0f, 0x01, (byte) 0xda, 0x0f, 0x01, (byte) 0xd8, (byte) 0xf4};

  private static final int HLT = STUB.length - 1;

  private final Cpu cpu;
  private final long stub;
  private final long root;
  private final MonitorArea area;

  HostProcessor(Machine host, FrameTable frames) {
    this.cpu = host.cpu();
    PhysicalMemory memory = frames.memory();
    this.stub = frames.take(new Owner.Monitor("code that enters guests"));
    memory.poke(stub, STUB, 0, STUB.length);
    this.area = new MonitorArea(host, frames);
    this.root = identity(frames);
    frames.seal(stub, 1);
    frames.seal(root, 1);
    longMode();
    cpu.msrs.write(cpu, VM_HSAVE_PA, frames.take(new Owner.Monitor("host save area")));
    cpu.svm.sink = code -> host.end(new Outcome.LeftGuest(code));
  }

  /** Page tables that map each address to itself, in pages of 1 GiB. */
  private long identity(FrameTable frames) {
    Owner owner = new Owner.Monitor("page tables of the monitor");
    PhysicalMemory memory = frames.memory();
    long top = frames.take(owner);
    long next = frames.take(owner);
    memory.write(top, 8, next | TABLE);
    for (long gib = 0; gib << GIB_SHIFT < memory.limit(); gib++) {
      memory.write(next + 8 * gib, 8, gib << GIB_SHIFT | LARGE_PAGE);
    }
    memory.write(top + 8 * MonitorArea.SLOT, 8, area.top());
    return top;
  }

  private void longMode() {
    cpu.halted = false;
    cpu.cr3 = root;
    cpu.cr4 = Control.PAE | Control.OSFXSR | Control.OSXMMEXCPT;
    cpu.efer = Control.LME | Control.LMA | Control.NXE | Control.SVME;
    cpu.cr0 = Control.PG & 0xffffffffL | Control.WP | Control.NE | Control.ET | Control.PE;
    cpu.seg[Cpu.CS].set(CODE_SELECTOR, 0, 0xffffffffL, CODE64);
    for (int s : new int[] {Cpu.DS, Cpu.ES, Cpu.SS}) {
      cpu.seg[s].set(DATA_SELECTOR, 0, 0xffffffffL, DATA);
    }
    cpu.rip = stub + HLT;
    cpu.rflags(Cpu.IF); // what V_INTR_MASKING lets physical interrupts through by
    cpu.svm.gif = false;
    cpu.registersLoaded();
  }

  /** Whether a guest's code is running: it was interrupted without an exit, and the next run goes on with it. */
  boolean inGuest() {
    return cpu.svm.guest;
  }

  /** Whether the processor is in a guest or on its way there. */
  boolean underWay() {
    return inGuest() || cpu.rip >= stub && cpu.rip < stub + HLT;
  }

  /** Whether the processor translates by the tables with this top. */
  boolean in(long top) {
    return cpu.cr3 == top;
  }

  /** Makes the next run enter a guest by VMRUN. */
  void enter(Vcpu v) {
    if (cpu.cr3 != root) {
      longMode();
    }
    cpu.r[Cpu.RAX] = v.vmcbAddress();
    cpu.rip = stub;
  }

  /** Leaves guest mode as a physical interrupt would, or gives up the way there. */
  void leaveGuest() {
    if (inGuest()) {
      World.exit(cpu, ExitCode.INTR, 0, 0, 0);
    } else {
      cpu.rip = stub + HLT;
    }
  }

  /** Where the code and the tables are that deprivileged guests are entered and left by. */
  MonitorArea area() {
    return area;
  }

  /**
   * Makes the next run enter a guest through the monitor's entry code.
   *
   * @param here whether to begin in the address space the processor is in, which must have the monitor's area
   * @param entry linear address of the code
   * @param frame linear address of what the code pops
   */
  void enter(boolean here, long entry, long frame) {
    if (!here) {
      longMode();
    }
    cpu.cpl = 0;
    cpu.seg[Cpu.CS].set(MonitorArea.CODE, 0, 0xffffffffL, CODE64);
    cpu.seg[Cpu.SS].set(0, 0, 0, 0);
    cpu.seg[Cpu.SS].unusable = true;
    cpu.rflags(2);
    cpu.svm.gif = true;
    cpu.halted = false;
    cpu.shadow = false;
    cpu.dropTraps();
    cpu.rip = entry;
    cpu.r[Cpu.RSP] = frame;
    area.use(cpu);
    cpu.modeChanged();
  }
}
