package dev.trapline.shell.script;

import dev.trapline.shell.command.Shell;
import java.util.Set;

/** Starts Groovy when the first line needs it. */
public final class LazyGroovy implements Shell.Script {
  private static final Set<String> OWN = Set.of("session", "shell", "cpu", "mem", "out", "args", "cmd", "_", "def", "int", "long", "var", "for",
      "if", "while", "println", "print", "return", "import", "new", "true", "false", "null");
  private final Shell shell;
  private GroovyScript groovy;

  public LazyGroovy(Shell shell) {
    this.shell = shell;
  }

  @Override
  public boolean knows(String name) {
    String stem = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
    return OWN.contains(stem) || shell.session().names().value(stem).isPresent() || groovy != null && groovy.knows(stem);
  }

  @Override
  public Object evaluate(String text) {
    if (groovy == null) {
      groovy = new GroovyScript(shell);
    }
    return groovy.evaluate(text);
  }
}
