package dev.trapline.vm.vmm;

import java.util.Optional;

/** Somebody who looks at the monitor's structures between exits and entries. Where nobody looks it costs nothing. */
public interface Inspector {
  /**
   * A guest is about to be entered: everything the hardware will read is in its place.
   *
   * @return why it must not be, one line: the guest is stopped, and no other; empty to go on
   */
  Optional<String> entering(Vcpu v);

  /** Guest code was left, and nothing has been done about it yet. */
  void left(Vcpu v, long exitCode);

  /** An exit has been dealt with. */
  void handled(Vcpu v, long exitCode);
}
