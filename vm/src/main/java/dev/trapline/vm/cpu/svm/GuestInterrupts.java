package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.svm.ExitCode;

/** Interrupts in guest mode (APM2 15.13, 15.21): physical ones that leave it, and the virtual one. */
public final class GuestInterrupts {
  private GuestInterrupts() {}

  /**
   * Between two instructions of a guest: leaves guest mode for a pending interrupt that is intercepted; it stays pending.
   *
   * @return whether it did
   */
  public static boolean exits(Cpu c) {
    InterruptSource source = c.interrupts;
    int code = switch (source.event(c.nmiBlocked || c.shadow)) {
      case INIT -> ExitCode.INIT;
      case NMI -> ExitCode.NMI;
      case STARTUP, NONE -> source.pending() && !c.shadow && c.svm.interruptible(c) ? ExitCode.INTR : 0;
    };
    return code != 0 && leave(c, code);
  }

  private static boolean leave(Cpu c, int code) {
    if (!c.svm.intercepts(code)) {
      return false;
    }
    World.exit(c, code, 0, 0, 0);
    c.count++;
    return true;
  }

  /**
   * Takes the virtual interrupt if no physical one came first and it may be taken: to the guest's handler, or out.
   *
   * @return whether the guest's handler was entered
   */
  public static boolean virtual(Cpu c) {
    if (c.shadow || !c.svm.virtuallyInterruptible(c) || leave(c, ExitCode.VINTR)) {
      return false;
    }
    c.svm.vIrq = false;
    Delivery.interrupt(c, c.svm.vVector);
    return true;
  }
}
