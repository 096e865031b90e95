package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.shell.command.Transcript;
import dev.trapline.shell.command.Transcript.Mark;
import dev.trapline.shell.command.Transcript.Step;
import dev.trapline.vm.debug.BadInput;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code session}. */
@Command(name = "session", description = "Keep what was typed as a script that checks itself: session record|save|replay|verify",
    subcommands = {SessionCommand.Record.class, SessionCommand.Save.class, SessionCommand.Replay.class, SessionCommand.Verify.class},
    footerHeading = "Examples:%n", footer = {
        "  session record              keep each line from here on (of a person's session it is kept anyway)",
        "  session save bug.trap       lines, what they printed, and a hash of the machine after each",
        "  session replay bug.trap     type them again on a fresh machine",
        "  session verify bug.trap     the same, and check every printed line and every hash: exit code 5 if one differs"})
public final class SessionCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    throw new BadInput("session record, save FILE, replay FILE or verify FILE (help session)");
  }

  /** {@code session record}. */
  @Command(name = "record", description = "Keep each line from here on; what was kept is forgotten")
  static final class Record extends ShellCommand {
    @Override
    public Object run(Shell shell) {
      shell.transcript(new Transcript(Mark.of(shell)));
      return null;
    }
  }

  /** {@code session save}. */
  @Command(name = "save", description = "Write what was kept to a file")
  static final class Save extends ShellCommand {
    @Parameters(paramLabel = "FILE", description = "a file of commands with comments")
    private Path file;

    @Override
    public Object run(Shell shell) {
      Transcript kept = shell.transcript();
      if (kept == null) {
        throw new BadInput("nothing was kept: 'session record' begins");
      }
      kept.save(file);
      return file + ": " + kept.steps().size() + " lines";
    }
  }

  /** {@code session replay}. */
  @Command(name = "replay", description = "Type the lines of a saved session again, on a machine as it was at its start")
  static final class Replay extends ShellCommand {
    @Parameters(paramLabel = "FILE", description = "written by session save")
    private Path file;

    @Override
    public Object run(Shell shell) {
      Transcript t = begin(shell, file);
      t.steps().forEach(s -> shell.execute(s.line()));
      return null;
    }
  }

  /** {@code session verify}. */
  @Command(name = "verify", description = "Type the lines again and check what they print and the state after each (where nothing is recorded as printed, the state)")
  static final class Verify extends ShellCommand {
    @Parameters(paramLabel = "FILE", description = "written by session save")
    private Path file;

    @Override
    public Object run(Shell shell) {
      Transcript t = begin(shell, file);
      int number = 0;
      for (Step s : t.steps()) {
        number++;
        check(shell, s, file + ", line " + number + " '" + s.line() + "': ");
      }
      return file + ": " + t.steps().size() + " lines, all as recorded";
    }

    private static void check(Shell shell, Step s, String where) {
      List<String> now = Transcript.lines(shell.quietly(s.line()));
      for (int i = 0; !s.printed().isEmpty() && i < Math.max(now.size(), s.printed().size()); i++) {
        String is = i < now.size() ? now.get(i) : "nothing";
        String was = i < s.printed().size() ? s.printed().get(i) : "nothing";
        if (!is.equals(was)) {
          throw new Failure(ExitCode.DIVERGED, where + "printed '" + was + "' then, '" + is + "' now");
        }
      }
      Mark mark = Mark.of(shell);
      if (!mark.equals(s.mark())) {
        throw new Failure(ExitCode.DIVERGED, where + "the machine stood at " + s.mark() + " then, at " + mark + " now");
      }
    }
  }

  /** A session read from a file, and the machine where it began. */
  private static Transcript begin(Shell shell, Path file) {
    Transcript t = Transcript.read(file);
    if (!Mark.of(shell).equals(t.start())) {
      shell.session().reset();
    }
    Mark now = Mark.of(shell);
    if (!now.equals(t.start())) {
      throw new BadInput(file + " begins with the machine at " + t.start() + ", this one is at " + now
          + " after a reset: start Trapline with the same guest and options");
    }
    return t;
  }
}
