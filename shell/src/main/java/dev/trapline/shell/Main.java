package dev.trapline.shell;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The program's entry: a REPL, a batch of commands, {@code boot} or {@code run}. The only place that reads arguments, environment and
 * properties.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs the program and gives its exit code; errors are one line on standard error. */
  static int run(String... args) {
    try {
      return dispatch(args);
    } catch (BadInput wrong) {
      return complain(wrong.getMessage(), ExitCode.USAGE);
    } catch (Failure failed) {
      return complain(failed.getMessage(), failed.code());
    } catch (ParameterException wrong) {
      return complain(wrong.getMessage().lines().findFirst().orElse("wrong usage") + " (trapline --help)", ExitCode.USAGE);
    } catch (OutOfMemoryError full) {
      return complain("out of memory: give Java more with JAVA_OPTS=-Xmx4g, or the guest less with --mem", ExitCode.INTERNAL);
    } catch (RuntimeException bug) {
      return complain("internal error, please report: " + bug + " at " + where(bug), ExitCode.INTERNAL);
    }
  }

  private static int dispatch(String... args) {
    String verb = args.length > 0 ? args[0] : "";
    Program program = switch (verb) {
      case "boot" -> new BootProgram();
      case "run" -> new RunProgram();
      default -> new ShellProgram();
    };
    CommandLine line = new CommandLine(program);
    // What stands behind a script is the script's.
    line.setStopAtPositional(program instanceof RunProgram);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExpandAtFiles(false);
    List<String> rest = Arrays.asList(args).subList(program instanceof ShellProgram ? 0 : 1, args.length);
    line.parseArgs(rest.toArray(String[]::new));
    if (line.isUsageHelpRequested()) {
      System.out.println(line.getUsageMessage(CommandLine.Help.Ansi.OFF).stripTrailing());
      return ExitCode.OK;
    }
    return program.run();
  }

  private static int complain(String message, int code) {
    System.out.flush();
    System.err.println("trapline: " + message);
    return code;
  }

  private static String where(Throwable t) {
    return t.getStackTrace().length == 0 ? "an unknown place" : t.getStackTrace()[0].toString();
  }
}
