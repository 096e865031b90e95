package dev.trapline.vm.vmm;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mem.PhysicalMemory;

/** What the processors of the host have in common: all memory mapped as it is, and a few bytes of code through which guests are entered. */
final class HostLayout {
  private static final int GIB_SHIFT = 30;
  /** Present, writable, user, accessed, dirty. */
  private static final int TABLE = 0x27;
  private static final int LARGE_PAGE = 0xe7;
  /** Where a processor hands over to the Java part of the monitor without having been in a guest. */
  private static final int CALL = 0xfa;
  /**
   * {@code vmload; vmrun; hlt}: a #VMEXIT stops before HLT, at which a processor waits that has nothing to do. Then {@code out CALL, al;
   * hlt}.
   */
  private static final byte[] STUB = {0x0f, 0x01, (byte) 0xda, 0x0f, 0x01, (byte) 0xd8, (byte) 0xf4, (byte) 0xe6, (byte) CALL, (byte) 0xf4};
  private static final int HLT = 6;

  /** What comes of that, in place of an exit code. */
  static final long CALLED = -2;

  private final long stub;
  private final MonitorArea area;
  private final long root;

  HostLayout(Machine host, FrameTable frames) {
    PhysicalMemory memory = frames.memory();
    this.stub = frames.take(new Owner.Monitor("code that enters guests"));
    memory.poke(stub, STUB, 0, STUB.length);
    this.area = new MonitorArea(host, frames);
    this.root = identity(frames);
    host.port("monitor call", CALL, () -> host.end(new Outcome.LeftGuest(CALLED)));
    frames.seal(stub, 1);
    frames.seal(root, 1);
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

  /** Address of the code that enters a guest, its VMCB in RAX. */
  long entry() {
    return stub;
  }

  /** Address of the HLT behind it. */
  long halt() {
    return stub + HLT;
  }

  /** Address of the code that calls the monitor. */
  long call() {
    return halt() + 1;
  }

  /** Whether an address is on the way into a guest. */
  boolean onWayIn(long rip) {
    return rip >= stub && rip < halt();
  }

  /** Physical address of the monitor's own top-level table. */
  long root() {
    return root;
  }

  /** Where the code and the tables are that deprivileged guests are entered and left by. */
  MonitorArea area() {
    return area;
  }
}
