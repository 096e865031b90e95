package dev.trapline.shell;

import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Registry.Entry;
import dev.trapline.shell.command.Topic;
import dev.trapline.shell.command.change.AsmCommand;
import dev.trapline.shell.command.change.CopyCommand;
import dev.trapline.shell.command.change.FillCommand;
import dev.trapline.shell.command.change.PokeCommand;
import dev.trapline.shell.command.change.SetCommand;
import dev.trapline.shell.command.look.BacktraceCommand;
import dev.trapline.shell.command.look.BalloonCommand;
import dev.trapline.shell.command.look.CompareCommand;
import dev.trapline.shell.command.look.ContextCommand;
import dev.trapline.shell.command.look.CpuCommand;
import dev.trapline.shell.command.look.DisassembleCommand;
import dev.trapline.shell.command.look.EvaluateCommand;
import dev.trapline.shell.command.look.ExamineCommand;
import dev.trapline.shell.command.look.ExamineHostCommand;
import dev.trapline.shell.command.look.ExaminePhysicalCommand;
import dev.trapline.shell.command.look.FindCommand;
import dev.trapline.shell.command.look.GuestCommand;
import dev.trapline.shell.command.look.HashCommand;
import dev.trapline.shell.command.look.InfoCommand;
import dev.trapline.shell.command.look.LoadSymbolsCommand;
import dev.trapline.shell.command.look.OwnerCommand;
import dev.trapline.shell.command.look.ProbeCommand;
import dev.trapline.shell.command.look.ProcessesCommand;
import dev.trapline.shell.command.look.RegistersCommand;
import dev.trapline.shell.command.look.ScreenCommand;
import dev.trapline.shell.command.look.ScreenshotCommand;
import dev.trapline.shell.command.look.StatCommand;
import dev.trapline.shell.command.look.SymbolsCommand;
import dev.trapline.shell.command.look.WhyCommand;
import dev.trapline.shell.command.meta.AproposCommand;
import dev.trapline.shell.command.meta.AssertCommand;
import dev.trapline.shell.command.meta.EchoCommand;
import dev.trapline.shell.command.meta.HelpCommand;
import dev.trapline.shell.command.meta.QuitCommand;
import dev.trapline.shell.command.meta.ScriptCommand;
import dev.trapline.shell.command.meta.SessionCommand;
import dev.trapline.shell.command.meta.SourceCommand;
import dev.trapline.shell.command.points.BreakpointCommand;
import dev.trapline.shell.command.points.GroupCommand;
import dev.trapline.shell.command.points.TraceCommand;
import dev.trapline.shell.command.points.WatchCommand;
import dev.trapline.shell.command.run.AttachCommand;
import dev.trapline.shell.command.run.ContinueCommand;
import dev.trapline.shell.command.run.ExpectCommand;
import dev.trapline.shell.command.run.FinishCommand;
import dev.trapline.shell.command.run.JournalCommand;
import dev.trapline.shell.command.run.LoadCommand;
import dev.trapline.shell.command.run.NextBranchCommand;
import dev.trapline.shell.command.run.NextCallCommand;
import dev.trapline.shell.command.run.NextReturnCommand;
import dev.trapline.shell.command.run.NextCommand;
import dev.trapline.shell.command.run.ResetCommand;
import dev.trapline.shell.command.run.SnapCommand;
import dev.trapline.shell.command.run.StepCommand;
import dev.trapline.shell.command.run.TypeCommand;
import dev.trapline.shell.command.run.UntilCommand;
import dev.trapline.shell.command.table.PageTableCommand;
import java.util.List;

/** The list of commands. Adding one is adding a class and a line here; help, completion and scripts follow. */
final class Commands {
  static final Registry ALL = new Registry(List.of(
      new Entry(Topic.RUN, ContinueCommand.class, ContinueCommand::new),
      new Entry(Topic.RUN, StepCommand.class, StepCommand::new),
      new Entry(Topic.RUN, NextCommand.class, NextCommand::new),
      new Entry(Topic.RUN, NextBranchCommand.class, NextBranchCommand::new),
      new Entry(Topic.RUN, NextCallCommand.class, NextCallCommand::new),
      new Entry(Topic.RUN, NextReturnCommand.class, NextReturnCommand::new),
      new Entry(Topic.RUN, FinishCommand.class, FinishCommand::new),
      new Entry(Topic.RUN, UntilCommand.class, UntilCommand::new),
      new Entry(Topic.RUN, LoadCommand.class, LoadCommand::new),
      new Entry(Topic.RUN, ResetCommand.class, ResetCommand::new),
      new Entry(Topic.RUN, SnapCommand.class, SnapCommand::new),
      new Entry(Topic.RUN, JournalCommand.class, JournalCommand::new),
      new Entry(Topic.RUN, TypeCommand.class, TypeCommand::new),
      new Entry(Topic.RUN, ExpectCommand.class, ExpectCommand::new),
      new Entry(Topic.RUN, AttachCommand.class, AttachCommand::new),
      new Entry(Topic.POINTS, BreakpointCommand.class, BreakpointCommand::new),
      new Entry(Topic.POINTS, WatchCommand.class, WatchCommand::new),
      new Entry(Topic.POINTS, TraceCommand.class, TraceCommand::new),
      new Entry(Topic.POINTS, GroupCommand.class, GroupCommand::new),
      new Entry(Topic.LOOK, ContextCommand.class, ContextCommand::new),
      new Entry(Topic.LOOK, GuestCommand.class, GuestCommand::new),
      new Entry(Topic.LOOK, CpuCommand.class, CpuCommand::new),
      new Entry(Topic.LOOK, RegistersCommand.class, RegistersCommand::new),
      new Entry(Topic.LOOK, ExamineCommand.class, ExamineCommand::new),
      new Entry(Topic.LOOK, ExaminePhysicalCommand.class, ExaminePhysicalCommand::new),
      new Entry(Topic.LOOK, ExamineHostCommand.class, ExamineHostCommand::new),
      new Entry(Topic.LOOK, OwnerCommand.class, OwnerCommand::new),
      new Entry(Topic.LOOK, DisassembleCommand.class, DisassembleCommand::new),
      new Entry(Topic.LOOK, InfoCommand.class, InfoCommand::new),
      new Entry(Topic.LOOK, StatCommand.class, StatCommand::new),
      new Entry(Topic.LOOK, WhyCommand.class, WhyCommand::new),
      new Entry(Topic.LOOK, ProbeCommand.class, ProbeCommand::new),
      new Entry(Topic.LOOK, PageTableCommand.class, PageTableCommand::new),
      new Entry(Topic.LOOK, FindCommand.class, FindCommand::new),
      new Entry(Topic.LOOK, BacktraceCommand.class, BacktraceCommand::new),
      new Entry(Topic.LOOK, ProcessesCommand.class, ProcessesCommand::new),
      new Entry(Topic.LOOK, LoadSymbolsCommand.class, LoadSymbolsCommand::new),
      new Entry(Topic.LOOK, CompareCommand.class, CompareCommand::new),
      new Entry(Topic.LOOK, SymbolsCommand.class, SymbolsCommand::new),
      new Entry(Topic.LOOK, EvaluateCommand.class, EvaluateCommand::new),
      new Entry(Topic.LOOK, HashCommand.class, HashCommand::new),
      new Entry(Topic.LOOK, ScreenCommand.class, ScreenCommand::new),
      new Entry(Topic.LOOK, ScreenshotCommand.class, ScreenshotCommand::new),
      new Entry(Topic.CHANGE, SetCommand.class, SetCommand::new),
      new Entry(Topic.CHANGE, PokeCommand.class, PokeCommand::new),
      new Entry(Topic.CHANGE, FillCommand.class, FillCommand::new),
      new Entry(Topic.CHANGE, CopyCommand.class, CopyCommand::new),
      new Entry(Topic.CHANGE, BalloonCommand.class, BalloonCommand::new),
      new Entry(Topic.CHANGE, AsmCommand.class, AsmCommand::new),
      new Entry(Topic.META, HelpCommand.class, HelpCommand::new),
      new Entry(Topic.META, AproposCommand.class, AproposCommand::new),
      new Entry(Topic.META, AssertCommand.class, AssertCommand::new),
      new Entry(Topic.META, EchoCommand.class, EchoCommand::new),
      new Entry(Topic.META, SessionCommand.class, SessionCommand::new),
      new Entry(Topic.META, SourceCommand.class, SourceCommand::new),
      new Entry(Topic.META, ScriptCommand.class, ScriptCommand::new),
      new Entry(Topic.META, QuitCommand.class, QuitCommand::new)));

  private Commands() {}
}
