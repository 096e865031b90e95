package dev.trapline.shell.script;

import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import groovy.lang.Closure;
import groovy.lang.GroovyRuntimeException;
import groovy.lang.GroovyShell;
import groovy.lang.MissingMethodException;
import groovy.lang.MissingPropertyException;
import org.codehaus.groovy.control.CompilationFailedException;
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
    try {
      Object value = groovy.evaluate(text);
      // A line that is only { ... } is meant to run, not to be a value.
      return value instanceof Closure<?> c && text.startsWith("{") ? c.call() : value;
    } catch (MultipleCompilationErrorsException wrong) {
      throw new BadInput("Groovy: " + first(wrong.getErrorCollector()) + " in '" + oneLine(text) + "'");
    } catch (CompilationFailedException wrong) {
      throw new BadInput("Groovy: " + firstLine(wrong));
    } catch (MissingPropertyException missing) {
      throw new BadInput("neither a command nor a Groovy name: '" + missing.getProperty() + "'");
    } catch (MissingMethodException missing) {
      throw new BadInput("neither a command nor a Groovy method: '" + missing.getMethod() + "'");
    } catch (BadInput | Failure own) {
      throw own;
    } catch (AssertionError failed) {
      throw new Failure(dev.trapline.shell.command.ExitCode.ASSERTION, "assertion failed: " + oneLine(String.valueOf(failed.getMessage())));
    } catch (GroovyRuntimeException | IllegalStateException | IllegalArgumentException | ArithmeticException | ClassCastException
        | IndexOutOfBoundsException | NullPointerException | UnsupportedOperationException wrong) {
      throw new BadInput("Groovy: " + wrong.getClass().getSimpleName() + ": " + firstLine(wrong));
    } catch (StackOverflowError endless) {
      throw new BadInput("Groovy: the script calls itself without end");
    }
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
