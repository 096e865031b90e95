package dev.trapline.shell.command;

import dev.trapline.shell.command.change.AsmCommand;
import dev.trapline.shell.command.change.FillCommand;
import dev.trapline.shell.command.change.PokeCommand;
import dev.trapline.shell.command.change.SetCommand;
import dev.trapline.shell.command.look.ContextCommand;
import dev.trapline.shell.command.look.DisassembleCommand;
import dev.trapline.shell.command.look.EvaluateCommand;
import dev.trapline.shell.command.look.ExamineCommand;
import dev.trapline.shell.command.look.ExaminePhysicalCommand;
import dev.trapline.shell.command.look.FindCommand;
import dev.trapline.shell.command.look.HashCommand;
import dev.trapline.shell.command.look.InfoCommand;
import dev.trapline.shell.command.look.PageTableCommand;
import dev.trapline.shell.command.look.RegistersCommand;
import dev.trapline.shell.command.look.SymbolsCommand;
import dev.trapline.shell.command.meta.AproposCommand;
import dev.trapline.shell.command.meta.AssertCommand;
import dev.trapline.shell.command.meta.EchoCommand;
import dev.trapline.shell.command.meta.HelpCommand;
import dev.trapline.shell.command.meta.QuitCommand;
import dev.trapline.shell.command.meta.SourceCommand;
import dev.trapline.shell.command.points.BreakpointCommand;
import dev.trapline.shell.command.points.WatchCommand;
import dev.trapline.shell.command.run.ContinueCommand;
import dev.trapline.shell.command.run.FinishCommand;
import dev.trapline.shell.command.run.LoadCommand;
import dev.trapline.shell.command.run.NextCommand;
import dev.trapline.shell.command.run.ResetCommand;
import dev.trapline.shell.command.run.StepCommand;
import dev.trapline.shell.command.run.TypeCommand;
import dev.trapline.shell.command.run.UntilCommand;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The list of commands. */
public final class Commands {
  /** A command: what it is about, its class and how to make one. Name and description stand in its {@link Command} annotation. */
  public record Entry(Topic topic, Class<? extends ShellCommand> type, Supplier<ShellCommand> make) {
    public String name() {
      return type.getAnnotation(Command.class).name();
    }

    /** One line about it. */
    public String summary() {
      return type.getAnnotation(Command.class).description()[0];
    }
  }

  private static final List<Entry> ALL = List.of(
      new Entry(Topic.RUN, ContinueCommand.class, ContinueCommand::new),
      new Entry(Topic.RUN, StepCommand.class, StepCommand::new),
      new Entry(Topic.RUN, NextCommand.class, NextCommand::new),
      new Entry(Topic.RUN, FinishCommand.class, FinishCommand::new),
      new Entry(Topic.RUN, UntilCommand.class, UntilCommand::new),
      new Entry(Topic.RUN, LoadCommand.class, LoadCommand::new),
      new Entry(Topic.RUN, ResetCommand.class, ResetCommand::new),
      new Entry(Topic.RUN, TypeCommand.class, TypeCommand::new),
      new Entry(Topic.POINTS, BreakpointCommand.class, BreakpointCommand::new),
      new Entry(Topic.POINTS, WatchCommand.class, WatchCommand::new),
      new Entry(Topic.LOOK, ContextCommand.class, ContextCommand::new),
      new Entry(Topic.LOOK, RegistersCommand.class, RegistersCommand::new),
      new Entry(Topic.LOOK, ExamineCommand.class, ExamineCommand::new),
      new Entry(Topic.LOOK, ExaminePhysicalCommand.class, ExaminePhysicalCommand::new),
      new Entry(Topic.LOOK, DisassembleCommand.class, DisassembleCommand::new),
      new Entry(Topic.LOOK, InfoCommand.class, InfoCommand::new),
      new Entry(Topic.LOOK, PageTableCommand.class, PageTableCommand::new),
      new Entry(Topic.LOOK, FindCommand.class, FindCommand::new),
      new Entry(Topic.LOOK, SymbolsCommand.class, SymbolsCommand::new),
      new Entry(Topic.LOOK, EvaluateCommand.class, EvaluateCommand::new),
      new Entry(Topic.LOOK, HashCommand.class, HashCommand::new),
      new Entry(Topic.CHANGE, SetCommand.class, SetCommand::new),
      new Entry(Topic.CHANGE, PokeCommand.class, PokeCommand::new),
      new Entry(Topic.CHANGE, FillCommand.class, FillCommand::new),
      new Entry(Topic.CHANGE, AsmCommand.class, AsmCommand::new),
      new Entry(Topic.META, HelpCommand.class, HelpCommand::new),
      new Entry(Topic.META, AproposCommand.class, AproposCommand::new),
      new Entry(Topic.META, AssertCommand.class, AssertCommand::new),
      new Entry(Topic.META, EchoCommand.class, EchoCommand::new),
      new Entry(Topic.META, SourceCommand.class, SourceCommand::new),
      new Entry(Topic.META, QuitCommand.class, QuitCommand::new));

  private Commands() {}

  public static List<Entry> all() {
    return ALL;
  }

  public static List<String> names() {
    return ALL.stream().map(Entry::name).toList();
  }

  /** The command of exactly this name, or null. */
  public static Entry find(String name) {
    return ALL.stream().filter(e -> e.name().equals(name)).findFirst().orElse(null);
  }

  /** A parser for one line of a command. Words that look like options but are none are arguments: {@code ? -1}. */
  public static CommandLine line(Entry entry) {
    CommandLine line = new CommandLine(entry.make().get());
    configure(line);
    line.getSubcommands().values().forEach(Commands::configure);
    return line;
  }

  private static void configure(CommandLine line) {
    line.setUnmatchedOptionsArePositionalParams(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedSubcommandsAllowed(true);
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.setExpandAtFiles(false);
    line.setToggleBooleanFlags(false);
  }

  /** The examples in a command's help: its footer lines. */
  public static List<String> examples(Entry entry) {
    return Arrays.stream(entry.type().getAnnotation(Command.class).footer()).map(s -> s.replace("%%", "%").strip()).toList();
  }
}
