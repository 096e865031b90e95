package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;

/** Ports F0h and F1h: a write ends the coprocessor's interrupt. */
record FpuBusy(IrqLine interrupt) implements PortDevice {
  @Override
  public int in(int offset, int bytes) {
    return 0xff;
  }

  @Override
  public void out(int offset, int bytes, int value) {
    interrupt.set(false);
  }
}
