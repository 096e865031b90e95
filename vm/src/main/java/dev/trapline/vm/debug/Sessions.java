package dev.trapline.vm.debug;

import dev.trapline.vm.machine.MachineConfig;

/** Opens sessions. */
public final class Sessions {
  private Sessions() {}

  /** A fresh machine, loaded and standing before its first instruction; {@link BadInput} if the image cannot be started. */
  public static Session open(MachineConfig config, Image image) {
    return new MachineSession(config, image);
  }
}
