package dev.trapline.vm.machine;

import dev.trapline.vm.bus.PortDevice;

/** A port of which only counts that something is written to it. */
record WrittenPort(Runnable written) implements PortDevice {
  @Override
  public int in(int offset, int bytes) {
    return -1;
  }

  @Override
  public void out(int offset, int bytes, int value) {
    written.run();
  }
}
