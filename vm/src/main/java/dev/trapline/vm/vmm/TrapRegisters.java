package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.cpu.svm.SaveArea;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.svm.Vmcb;

/**
 * The registers of a deprivileged guest: the host's processor has the general ones, and what the ring-0 stack holds on the way in and out.
 * What the guest cannot change without a fault stays in the guest's {@link Cpu} object: CPL, IF, IOPL, control and system registers.
 *
 * <p>The page that is a VMCB for other techniques is the monitor's own notebook here, in the same layout; no VMRUN uses it.
 */
final class TrapRegisters implements Registers {
  /** Flags that are the virtual processor's, whatever the real ones are; RF is in the image of every fault. */
  private static final int VIRTUAL = Cpu.IF | Cpu.IOPL | Cpu.RF | Cpu.VM | Cpu.VIF | Cpu.VIP;
  private static final int NO_BREAKPOINTS = 0x400;

  private final Vcpu vcpu;
  private final Cpu guest;
  private final ShadowDescriptors descriptors;
  private final int[] given = new int[6];
  /** A selector that x87 instructions recorded, as the guest knows it and as the hardware was given it. */
  private record Recorded(int virtual, int real) {}

  private Recorded fcs = new Recorded(0, 0);
  private Recorded fds = new Recorded(0, 0);
  /** Whether the hardware has run the guest since it was given the registers. */
  private boolean ran;

  TrapRegisters(Vcpu vcpu, ShadowDescriptors descriptors) {
    this.vcpu = vcpu;
    this.guest = vcpu.shell();
    this.descriptors = descriptors;
  }

  private Cpu host() {
    return vcpu.on().cpu();
  }

  private ProcessorArea area() {
    return vcpu.on().area();
  }

  @Override
  public void put() {
    Cpu host = host();
    ran = false;
    general(guest, host);
    host.unswitched(guest);
    fcs = new Recorded(guest.x87.fcs, recorded(guest.x87.fcs));
    fds = new Recorded(guest.x87.fds, recorded(guest.x87.fds));
    host.x87.fcs = fcs.real();
    host.x87.fds = fds.real();
    host.dr[7] = NO_BREAKPOINTS;
    SaveArea.saveGuest(guest, vcpu.vmcb());
    SaveArea.saveRest(guest, vcpu.vmcb());
    Vmcb.INTERRUPT_STATE.set(vcpu.vmcb(), 0);
  }

  /** What the entry code pops, from the bottom. Call after {@link #put}. */
  long lay(boolean switchTables) {
    byte[] vmcb = vcpu.vmcb();
    for (int s = 0; s < 6; s++) {
      given[s] = real(s);
    }
    long root = switchTables ? Vmcb.CR3.get(vmcb) : 0;
    long flags = guest.rflags() & ~(long) (Cpu.IOPL | Cpu.VIF | Cpu.VIP | Cpu.VM | Cpu.RF) | Cpu.IF;
    long fs = guest.seg[Cpu.FS].base;
    long gs = guest.seg[Cpu.GS].base;
    long rcx = guest.r[Cpu.RCX];
    long rdx = guest.r[Cpu.RDX];
    long rax = guest.r[Cpu.RAX];
    long rsp = guest.r[Cpu.RSP];
    if (!guest.longMode()) {
      return area().lay(root, Vmcb.CR0.get(vmcb), Vmcb.CR4.get(vmcb), given[Cpu.DS], given[Cpu.ES], given[Cpu.FS], given[Cpu.GS],
          rcx, rdx, rax, guest.rip, given[Cpu.CS], flags, rsp, given[Cpu.SS]);
    }
    return area().lay(root, Vmcb.CR0.get(vmcb), Vmcb.CR4.get(vmcb), given[Cpu.DS], given[Cpu.ES], given[Cpu.FS], given[Cpu.GS],
        fs & 0xffffffffL, fs >>> 32, gs & 0xffffffffL, gs >>> 32, rcx, rdx, rax, guest.rip, given[Cpu.CS], flags, rsp, given[Cpu.SS]);
  }

  /** The selector a segment register really gets. */
  private int real(int s) {
    int selector = guest.seg[s].selector;
    if (s == Cpu.CS) {
      return selector & ~3 | descriptors.level();
    }
    if (s == Cpu.SS) {
      return selector <= 3 ? MonitorArea.NULL_STACK : selector & ~3 | descriptors.level();
    }
    return selector;
  }

  @Override
  public void left() {
    ran = true;
    ProcessorArea area = area();
    byte[] vmcb = vcpu.vmcb();
    long user = guest.cpl == 3 ? Walk.PF_U : 0;
    Vmcb.EXITINFO1.set(vmcb, area.errorCode() & ~(long) Walk.PF_U | user);
    Vmcb.EXITINFO2.set(vmcb, host().cr2);
    Vmcb.RIP.set(vmcb, area.rip());
    Vmcb.CPL.set(vmcb, guest.cpl);
    Vmcb.RFLAGS.set(vmcb, flags(area.rflags()));
  }

  @Override
  public void fetch() {
    if (ran || leaving()) {
      ProcessorArea area = area();
      take(area.rip(), area.cs(), area.rflags(), area.rsp(), area.ss());
    }
  }

  /** The guest has been left, and the exit code is still running. */
  private boolean leaving() {
    Cpu host = host();
    return host.cpl == 0 && MonitorArea.holds(host.rip) && !vcpu.on().layout().area().onWayIn(host.rip);
  }

  @Override
  public void peek() {
    Cpu host = host();
    take(host.rip, host.seg[Cpu.CS].selector, host.rflags(), host.r[Cpu.RSP], host.seg[Cpu.SS].selector);
    guest.base = host.base;
  }

  private void take(long rip, int cs, long rflags, long rsp, int ss) {
    Cpu host = host();
    general(host, guest);
    guest.r[Cpu.RAX] = host.r[Cpu.RAX];
    guest.r[Cpu.RSP] = rsp;
    long dr7 = guest.dr[7];
    guest.unswitched(host);
    guest.dr[7] = dr7;
    guest.rip = rip;
    guest.rflags(flags(rflags));
    segment(Cpu.CS, cs);
    segment(Cpu.SS, ss);
    for (int s : new int[] {Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS}) {
      segment(s, host.seg[s].selector);
    }
    guest.x87.fcs = virtual(host.x87.fcs, fcs, cs, ss);
    guest.x87.fds = virtual(host.x87.fds, fds, cs, ss);
    if (guest.longMode()) {
      guest.seg[Cpu.FS].base = host.seg[Cpu.FS].base;
      guest.seg[Cpu.GS].base = host.seg[Cpu.GS].base;
    }
  }

  private long flags(long real) {
    return real & ~(long) VIRTUAL | guest.sysFlags & (VIRTUAL & ~Cpu.RF);
  }

  /** A register that was loaded since the entry is what the guest's descriptor says; the others are as they were. */
  private void segment(int s, int selector) {
    if (selector != given[s]) {
      boolean ring = s == Cpu.CS || s == Cpu.SS;
      descriptors.load(guest.seg[s], ring ? selector & ~3 | guest.cpl : selector);
      given[s] = selector;
    }
  }

  /** What the hardware gets for a selector that x87 instructions recorded: that of CS or SS is another there (SDM 1 8.1.8). */
  private int recorded(int selector) {
    return selector == guest.seg[Cpu.CS].selector ? real(Cpu.CS) : selector == guest.seg[Cpu.SS].selector ? real(Cpu.SS) : selector;
  }

  /** The other way, of a selector in a register that had one before. */
  private int virtual(int selector, Recorded before, int cs, int ss) {
    if (selector == before.real()) {
      return before.virtual();
    }
    return selector == cs ? guest.seg[Cpu.CS].selector : selector == ss ? guest.seg[Cpu.SS].selector : selector;
  }

  private static void general(Cpu from, Cpu to) {
    for (int i = 0; i < 16; i++) {
      if (i != Cpu.RSP) {
        to.r[i] = from.r[i];
      }
    }
  }
}
