package dev.trapline.vm.debug;

import dev.trapline.vm.machine.MachineConfig;
import java.nio.file.Path;

/** Opens sessions. */
public final class Sessions {
  private Sessions() {}

  /** A fresh machine, loaded and standing before its first instruction; {@link BadInput} if the image cannot be started. */
  public static Session open(MachineConfig config, Image image) {
    return new MachineSession(config, image, Machines.BARE);
  }

  /** The same as the guest of a monitor. */
  public static Session open(MachineConfig config, Image image, Virtual how) {
    return new MachineSession(config, image, new Monitored(how));
  }

  /** The machine of a snapshot, where it stood; {@link BadInput} if the file cannot be used. */
  public static Session open(Path snapshot, Saves.Progress progress) {
    return new MachineSession(Saves.open(snapshot, progress));
  }
}
