package dev.trapline.shell.script;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import groovy.lang.Closure;
import groovy.lang.GroovyShell;
import groovy.lang.MissingMethodException;
import groovy.lang.MissingPropertyException;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.ErrorCollector;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;

/** Runs lines and files of Groovy; one interpreter for a session, so variables stay. */
public final class GroovyScript implements Shell.Script {
  private final Scripting scripting;
  private final ShellBinding binding;
  private final GroovyShell groovy;

  public GroovyScript(Scripting scripting) {
    this.scripting = scripting;
    this.binding = new ShellBinding(scripting);
    var configuration = new CompilerConfiguration();
    configuration.setScriptBaseClass(ScriptBase.class.getName());
    configuration.addCompilationCustomizers(new LoopChecks());
    this.groovy = new GroovyShell(GroovyScript.class.getClassLoader(), binding, configuration);
  }

  @Override
  public boolean knows(String name) {
    return binding.hasVariable(name);
  }

  @Override
  public boolean stop() {
    boolean busy = scripting.stopper().busy();
    if (busy) {
      scripting.stopper().stop(ExitCode.INTERRUPTED, "interrupted");
    }
    return busy;
  }

  @Override
  public Object evaluate(String text) {
    return evaluate(text, null);
  }

  @Override
  public Object evaluate(String text, String name) {
    // A task keeps whatever is thrown: scripts throw checked exceptions that no signature here declares.
    var task = new FutureTask<>(() -> run(text, name));
    scripting.stopper().during(task);
    try {
      return task.get();
    } catch (ExecutionException failed) {
      throw new Explanation(text, name).of(failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new BadInput("Groovy: interrupted");
    }
  }

  private Object run(String text, String name) {
    Object value = name == null ? groovy.evaluate(text) : file(text, name);
    // A line that is only { ... } is meant to run, not to be a value.
    return value instanceof Closure<?> c && name == null && text.startsWith("{") ? c.call() : value;
  }

  private Object file(String text, String name) {
    scripting.begin(name);
    try {
      return groovy.evaluate(text, name);
    } finally {
      scripting.end();
    }
  }

  @Override
  public void forget(String name) {
    scripting.forget(name);
  }

  /** A failed assertion: what was asserted, then Groovy's picture of the values in it. */
  static String assertion(AssertionError e) {
    String text = String.valueOf(e.getMessage()).replaceFirst("^Assertion failed:\\s*", "").stripTrailing();
    String first = text.lines().findFirst().orElse("").replaceFirst("^assert ", "");
    return text.lines().count() < 2 ? first : first + "\n" + text.indent(2).stripTrailing();
  }

  /**
   * What went wrong, as one line; a failed assertion with its picture.
   *
   * @param name of the script; null for a line that was typed
   */
  private record Explanation(String text, String name) {
    RuntimeException of(Throwable cause) {
      String at = where(cause);
      return switch (cause) {
        case BadInput own -> name == null ? own : new BadInput(at + own.getMessage());
        case Failure own -> name == null ? own : new Failure(own.code(), at + own.getMessage());
        case MultipleCompilationErrorsException e -> compilation(e.getErrorCollector());
        case MissingPropertyException e -> new BadInput(at + "neither a command nor a Groovy name: '" + e.getProperty() + "'");
        case MissingMethodException e -> new BadInput(at + "neither a command nor a Groovy method: '" + e.getMethod() + "'"
            + (e.getArguments() == null || e.getArguments().length == 0 ? "" : " with " + types(e.getArguments())));
        case AssertionError e -> new Failure(ExitCode.ASSERTION, at + "assertion failed: " + shown(e));
        case StackOverflowError e -> new BadInput(at + "Groovy: the script calls itself without end");
        case OutOfMemoryError e -> throw e;
        default -> new BadInput(at + "Groovy: " + cause.getClass().getSimpleName() + ": " + firstLine(cause));
      };
    }

    private static String types(Object... arguments) {
      return String.join(", ", Arrays.stream(arguments).map(a -> a == null ? "null" : a.getClass().getSimpleName()).toList());
    }

    private String shown(AssertionError e) {
      String full = assertion(e);
      return name == null ? oneLine(full) : full;
    }

    /** {@code script.groovy:12: }, or nothing for a typed line. */
    private String where(Throwable cause) {
      return name == null ? "" : Arrays.stream(cause.getStackTrace()).filter(f -> name.equals(f.getFileName())).findFirst()
          .map(f -> name + ":" + f.getLineNumber() + ": ").orElse(name + ": ");
    }

    private RuntimeException compilation(ErrorCollector errors) {
      if (!(errors.getError(0) instanceof SyntaxErrorMessage s)) {
        return new BadInput(name == null ? "Groovy: cannot compile '" + oneLine(text) + "'" : name + ": Groovy: cannot compile");
      }
      String what = "Groovy: " + oneLine(s.getCause().getOriginalMessage());
      return new BadInput(name == null ? what + " in '" + oneLine(text) + "'" : name + ":" + s.getCause().getLine() + ": " + what);
    }

    private static String firstLine(Throwable t) {
      return t.getMessage() == null ? "no further word" : oneLine(t.getMessage());
    }

    private static String oneLine(String s) {
      return s.lines().findFirst().orElse("").strip();
    }
  }
}
