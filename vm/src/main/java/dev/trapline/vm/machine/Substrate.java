package dev.trapline.vm.machine;

import dev.trapline.vm.bus.Clock;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.List;

/**
 * What a machine stands on whose processors a monitor runs: frames of the monitor's memory, the monitor's time, and the monitor, which
 * lets the machine's processors run among others.
 */
public interface Substrate extends PhysicalMemory.FrameSource, Clock {
  /** The machine's next device event has moved nearer than it was. */
  void eventMovedNearer();

  /** Runs everybody until this machine's time has come to a value, or something ends it. Registers can be looked at then. */
  Outcome run(long until);

  /** Runs everybody until a processor of this machine has executed one instruction, or its time has come to a value. */
  Outcome step(int processor, long until);

  /** Makes {@link #run} return soon; any thread may call it. */
  void requestStop();

  /** Who makes waiting take time on the host; null for nobody. */
  void pacing(Pacing value);

  /**
   * Makes the registers of the virtual processor that runs readable in the machine's processor, in the middle of the run.
   *
   * @return number of the processor, -1 if it is none of this machine's
   */
  int look();

  /** The running block ends after this instruction. */
  void stopHere();

  /** Functions for the machine's PCI bus that are not its own. */
  default List<PciFunction> functions() {
    return List.of();
  }

  /** Registers are about to be changed from outside. */
  void registersChange();
}
