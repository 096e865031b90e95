package dev.trapline.shell.script;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.Session;
import java.nio.file.Path;
import java.util.List;

/** Makes what scripts ask for: the program knows the options of machines. */
public interface Workshop {
  /** The machine the command line describes. */
  Session given();

  /** A machine by options of {@code boot}. @throws dev.trapline.vm.debug.BadInput if they are wrong */
  Session open(List<String> options);

  /** Several guests of one monitor. @throws dev.trapline.vm.debug.BadInput if the description is wrong */
  GuestGroup group(MachineFile.Description description);

  /** Commands on a machine, for scripts. */
  Shell shell(Session session);

  /** Names of the commands. */
  List<String> commands();

  /** Where fetched guests are. */
  Path cache();

  /** The folder that holds {@code scripts}. */
  Path root();
}
