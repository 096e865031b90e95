package dev.trapline.vm.machine;

import dev.trapline.vm.bus.Clock;
import dev.trapline.vm.mem.PhysicalMemory;

/** What a machine stands on whose processors a monitor runs: frames of the monitor's memory, and the monitor's time. */
public interface Substrate extends PhysicalMemory.FrameSource, Clock {
  /** The machine's next device event has moved nearer than it was. */
  void eventMovedNearer();
}
