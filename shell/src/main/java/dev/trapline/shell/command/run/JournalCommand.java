package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Saves;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code journal}. */
@Command(name = "journal", description = "Write what comes in from outside to a file, or repeat a run from one",
    footerHeading = "Examples:%n", footer = {
        "  journal run.journal          every input since the start, and each to come, with its instruction count",
        "  journal off                  end it with the machine's hash; or give up what is being repeated",
        "  journal replay run.journal   start again and repeat that run: c runs to its end, or to a difference",
        "  journal                      how many inputs have come, how many are to come"})
public final class JournalCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "FILE|off|replay", description = "a file to write, or what to do")
  private String what;

  @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "the journal to repeat")
  private String file;

  @Override
  public Object run(Shell shell) {
    Saves saves = shell.session().saves();
    if (what == null) {
      return saves.journal();
    }
    if (what.equals("replay")) {
      if (file == null) {
        throw new BadInput("journal replay FILE");
      }
      return saves.replay(Path.of(file));
    }
    if (file != null) {
      throw new BadInput("journal FILE, journal off, or journal replay FILE");
    }
    if (what.equals("off")) {
      saves.stopRecording();
      saves.forget();
    } else {
      saves.record(Path.of(what));
    }
    return saves.journal();
  }
}
