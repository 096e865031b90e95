package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.cpu.svm.SaveArea;
import dev.trapline.vm.svm.Vmcb;

/**
 * Moves the registers of a virtual processor between the hardware (its VMCB and, for what VMRUN does not switch, the host's processor) and
 * the {@link Cpu} object of the guest's machine.
 */
final class VmcbRegisters implements Registers {
  private static final int HIGHEST_PRIORITY = 15;
  private final Vcpu vcpu;
  private final Cpu guest;

  VmcbRegisters(Vcpu vcpu) {
    this.vcpu = vcpu;
    this.guest = vcpu.shell();
  }

  /** Guest mode was just left: VMSAVE, and what the guest made of its task priority. */
  @Override
  public void left() {
    SaveArea.saveRest(host(), vcpu.vmcb());
    taskPriority((int) Vmcb.V_INTR.get(vcpu.vmcb()));
  }

  /** The guest's APIC learns what its processor wrote to CR8 without leaving guest mode. */
  private void taskPriority(int virtual) {
    int priority = virtual & HIGHEST_PRIORITY;
    if (priority != guest.cr8) {
      guest.cr8 = priority;
      vcpu.machine();
      guest.interrupts.taskPriority(priority);
    }
  }

  private Cpu host() {
    return vcpu.on().cpu();
  }

  /** From the hardware; what follows from control registers is still to be recomputed. */
  @Override
  public void fetch() {
    take(vcpu.vmcb());
    guest.shadow = (Vmcb.INTERRUPT_STATE.get(vcpu.vmcb()) & Vmcb.INTERRUPT_SHADOW) != 0;
  }

  /** The same while the host's processor is in guest mode, as a debugger on a probe would read it. */
  @Override
  public void peek() {
    Cpu host = host();
    byte[] area = new byte[Vmcb.SIZE];
    SaveArea.saveGuest(host, area);
    SaveArea.saveRest(host, area);
    take(area);
    taskPriority(host.svm.vTpr);
    guest.shadow = host.shadow;
    guest.base = host.base;
  }

  private void take(byte[] area) {
    Cpu host = host();
    general(host, guest);
    guest.unswitched(host);
    guest.msrs.branches(host.msrs);
    SaveArea.loadGuest(guest, area);
    SaveArea.loadRest(guest, area);
    guest.efer &= ~(long) Control.SVME;
  }

  /** To the hardware. */
  @Override
  public void put() {
    Cpu host = host();
    byte[] vmcb = vcpu.vmcb();
    general(guest, host);
    host.unswitched(guest);
    host.msrs.branches(guest.msrs);
    SaveArea.saveGuest(guest, vmcb);
    SaveArea.saveRest(guest, vmcb);
    Vmcb.EFER.set(vmcb, guest.efer | Control.SVME);
    Vmcb.INTERRUPT_STATE.set(vmcb, guest.shadow ? Vmcb.INTERRUPT_SHADOW : 0);
    // Both counters go with their machine's time, and the guest's time is the host's since the guest began.
    Vmcb.TSC_OFFSET.set(vmcb, offset(guest) - vcpu.guest().born() - offset(host));
  }

  private static long offset(Cpu c) {
    return Msrs.tsc(c) - c.time();
  }

  /** All but RAX and RSP, which the VMCB has. */
  private static void general(Cpu from, Cpu to) {
    for (int i = 0; i < 16; i++) {
      if (i != Cpu.RAX && i != Cpu.RSP) {
        to.r[i] = from.r[i];
      }
    }
  }
}
