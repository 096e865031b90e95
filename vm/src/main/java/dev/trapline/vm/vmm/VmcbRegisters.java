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
  private final Cpu host;

  VmcbRegisters(Vcpu vcpu, Cpu host) {
    this.vcpu = vcpu;
    this.guest = vcpu.shell();
    this.host = host;
  }

  /** Guest mode was just left: VMSAVE, and what the guest made of its task priority. */
  @Override
  public void left() {
    SaveArea.saveRest(host, vcpu.vmcb());
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

  /** From the hardware; what follows from control registers is still to be recomputed. */
  @Override
  public void fetch() {
    take(vcpu.vmcb());
    guest.shadow = (Vmcb.INTERRUPT_STATE.get(vcpu.vmcb()) & Vmcb.INTERRUPT_SHADOW) != 0;
  }

  /** The same while the host's processor is in guest mode, as a debugger on a probe would read it. */
  @Override
  public void peek() {
    byte[] area = new byte[Vmcb.SIZE];
    SaveArea.saveGuest(host, area);
    SaveArea.saveRest(host, area);
    take(area);
    taskPriority(host.svm.vTpr);
    guest.shadow = host.shadow;
    guest.base = host.base;
  }

  private void take(byte[] area) {
    general(host, guest);
    guest.unswitched(host);
    SaveArea.loadGuest(guest, area);
    SaveArea.loadRest(guest, area);
    guest.efer &= ~(long) Control.SVME;
  }

  /** To the hardware. */
  @Override
  public void put() {
    byte[] vmcb = vcpu.vmcb();
    general(guest, host);
    host.unswitched(guest);
    SaveArea.saveGuest(guest, vmcb);
    SaveArea.saveRest(guest, vmcb);
    Vmcb.EFER.set(vmcb, guest.efer | Control.SVME);
    Vmcb.INTERRUPT_STATE.set(vmcb, guest.shadow ? Vmcb.INTERRUPT_SHADOW : 0);
    Vmcb.TSC_OFFSET.set(vmcb, guestTsc() - Msrs.tsc(host));
  }

  private long guestTsc() {
    vcpu.machine();
    return Msrs.tsc(guest);
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
