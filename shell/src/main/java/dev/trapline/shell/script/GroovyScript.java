package dev.trapline.shell.script;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import groovy.lang.Closure;
import groovy.lang.GroovyShell;
import groovy.lang.MissingMethodException;
import groovy.lang.MissingPropertyException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.codehaus.groovy.control.ErrorCollector;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;

/** Runs lines and files of Groovy; one interpreter for a session, so variables stay. */
public final class GroovyScript implements Shell.Script {
  private final ShellBinding binding;
  private final GroovyShell groovy;

  public GroovyScript(Shell shell) {
    this.binding = new ShellBinding(shell);
    this.groovy = new GroovyShell(GroovyScript.class.getClassLoader(), binding);
  }

  @Override
  public boolean knows(String name) {
    return binding.hasVariable(name);
  }

  @Override
  public Object evaluate(String text) {
    // A task keeps whatever is thrown: scripts throw checked exceptions that no signature here declares.
    var task = new FutureTask<>(() -> run(text));
    task.run();
    try {
      return task.get();
    } catch (ExecutionException failed) {
      throw explained(failed.getCause(), text);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new BadInput("Groovy: interrupted");
    }
  }

  private Object run(String text) {
    Object value = groovy.evaluate(text);
    // A line that is only { ... } is meant to run, not to be a value.
    return value instanceof Closure<?> c && text.startsWith("{") ? c.call() : value;
  }

  private static RuntimeException explained(Throwable cause, String text) {
    return switch (cause) {
      case BadInput own -> own;
      case Failure own -> own;
      case MultipleCompilationErrorsException e -> new BadInput("Groovy: " + first(e.getErrorCollector()) + " in '" + oneLine(text) + "'");
      case MissingPropertyException e -> new BadInput("neither a command nor a Groovy name: '" + e.getProperty() + "'");
      case MissingMethodException e -> new BadInput("neither a command nor a Groovy method: '" + e.getMethod() + "'");
      case AssertionError e -> new Failure(ExitCode.ASSERTION, "assertion failed: " + oneLine(String.valueOf(e.getMessage())));
      case StackOverflowError e -> new BadInput("Groovy: the script calls itself without end");
      case OutOfMemoryError e -> throw e;
      default -> new BadInput("Groovy: " + cause.getClass().getSimpleName() + ": " + firstLine(cause));
    };
  }

  private static String first(ErrorCollector errors) {
    return errors.getError(0) instanceof SyntaxErrorMessage s ? oneLine(s.getCause().getOriginalMessage()) : "cannot compile";
  }

  private static String firstLine(Throwable t) {
    return t.getMessage() == null ? "no further word" : oneLine(t.getMessage());
  }

  private static String oneLine(String s) {
    return s.lines().findFirst().orElse("").strip();
  }
}
