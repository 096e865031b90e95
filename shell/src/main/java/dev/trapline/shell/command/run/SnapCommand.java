package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.ProgressLine;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Saves;
import dev.trapline.vm.debug.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code snap}. */
@Command(name = "snap", description = "Keep the whole machine in a file, go back to it, compare: snap save|load|info|diff|ls",
    subcommands = {SnapCommand.Save.class, SnapCommand.Load.class, SnapCommand.Info.class, SnapCommand.Diff.class, SnapCommand.Ls.class},
    footerHeading = "Examples:%n", footer = {
        "  snap save boot.snap       memory, processors, devices, what was written to disks, kernel, names",
        "  snap load boot.snap       that machine again, in any process; load boot.snap does the same",
        "  snap diff boot.snap       what has changed since; snap diff a.snap b.snap compares two",
        "  snap info boot.snap       what is in it",
        "  snap ls                   snapshots in this folder",
        "Disk images stay in their own files: loading needs them unchanged."})
public final class SnapCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    throw new BadInput("snap save FILE, load FILE, info FILE, diff FILE [FILE] or ls (help snap)");
  }

  private static Path path(String name) {
    return Path.of(name.startsWith("~/") ? System.getProperty("user.home") + name.substring(1) : name);
  }

  /** Replaces the machine by the one of a snapshot. */
  static Stop load(Shell shell, Path file) {
    try (ProgressLine progress = ProgressLine.of(shell, "loading " + file.getFileName())) {
      return shell.session().saves().load(file, progress);
    }
  }

  /** {@code snap save}. */
  @Command(name = "save", description = "Write the whole machine to a file")
  public static final class Save extends ShellCommand {
    @Parameters(paramLabel = "FILE", description = "replaced when the new one is complete")
    private String file;

    @Override
    public Object run(Shell shell) {
      try (ProgressLine progress = ProgressLine.of(shell, "saving " + file)) {
        long bytes = shell.session().saves().save(path(file), progress);
        return "%s: %,d bytes, #%d".formatted(file, bytes, shell.session().inspect().place().count());
      }
    }
  }

  /** {@code snap load}. */
  @Command(name = "load", description = "Go on from a snapshot; breakpoints stay")
  public static final class Load extends Listing {
    @Parameters(paramLabel = "FILE", description = "written by snap save")
    private String file;

    @Override
    public Object run(Shell shell) {
      return load(shell, path(file));
    }
  }

  /** {@code snap info}. */
  @Command(name = "info", description = "Show what a snapshot holds")
  public static final class Info extends Listing {
    @Parameters(paramLabel = "FILE", description = "written by snap save")
    private String file;

    @Override
    public Object run(Shell shell) {
      return Saves.info(path(file));
    }
  }

  /** {@code snap diff}. */
  @Command(name = "diff", description = "List what differs between two snapshots, or a snapshot and the machine")
  public static final class Diff extends Listing {
    @Parameters(index = "0", paramLabel = "FILE", description = "the earlier one")
    private String first;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "the later one; without it the machine as it is")
    private String second;

    @Override
    public Object run(Shell shell) {
      return shell.session().saves().diff(path(first), second == null ? null : path(second));
    }
  }

  /** {@code snap ls}. */
  @Command(name = "ls", description = "List the snapshots in a folder")
  public static final class Ls extends Listing {
    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "this one")
    private String folder = ".";

    @Override
    public Object run(Shell shell) {
      try (Stream<Path> all = Files.list(path(folder))) {
        return all.filter(Files::isRegularFile).filter(Saves::isSnapshot).sorted().map(Ls::line).toList();
      } catch (IOException unreadable) {
        throw new BadInput("cannot list " + folder);
      }
    }

    private static String line(Path file) {
      try {
        return "%s  %,d bytes  %s".formatted(file.getFileName(), Files.size(file), Files.getLastModifiedTime(file));
      } catch (IOException gone) {
        return file.getFileName() + "  (gone)";
      }
    }
  }
}
