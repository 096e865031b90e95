package dev.trapline.vm.debug;

import dev.trapline.vm.machine.MachineConfig;
import java.nio.file.Path;
import java.util.List;

/** Opens sessions. */
public final class Sessions {
  /** What the only guest is called. */
  private static final String GUEST = "guest";

  private Sessions() {}

  /** A fresh machine, loaded and standing before its first instruction; {@link BadInput} if the image cannot be started. */
  public static Session open(MachineConfig config, Image image) {
    return new MachineSession(config, image, Machines.BARE, new SessionNames.Settings());
  }

  /** The same as the guest of a monitor. */
  public static Session open(MachineConfig config, Image image, Virtual how) {
    return open(HostPlan.STANDARD, List.of(new GuestPlan(GUEST, config, image, how, 0, 0)));
  }

  /** Several guests of one monitor; the session of the first, whose {@link Session#guests} has the others. */
  public static Session open(HostPlan host, List<GuestPlan> plans) {
    return new GuestGroup(host, plans).current();
  }

  /** The machine of a snapshot, where it stood; {@link BadInput} if the file cannot be used. */
  public static Session open(Path snapshot, Saves.Progress progress) {
    return new MachineSession(Saves.open(snapshot, progress), new SessionNames.Settings());
  }
}
