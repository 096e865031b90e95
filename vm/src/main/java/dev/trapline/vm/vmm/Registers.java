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
final class Registers {
  private final Vcpu vcpu;
  private final Cpu guest;
  private final Cpu host;

  Registers(Vcpu vcpu, Cpu host) {
    this.vcpu = vcpu;
    this.guest = vcpu.shell();
    this.host = host;
  }

  /** From the hardware; what follows from control registers is still to be recomputed. */
  void fetch() {
    byte[] vmcb = vcpu.vmcb();
    SaveArea.saveRest(host, vmcb);
    general(host, guest);
    guest.unswitched(host);
    SaveArea.loadGuest(guest, vmcb);
    SaveArea.loadRest(guest, vmcb);
    guest.efer &= ~(long) Control.SVME;
    guest.shadow = (Vmcb.INTERRUPT_STATE.get(vmcb) & Vmcb.INTERRUPT_SHADOW) != 0;
  }

  /** To the hardware. */
  void put() {
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
