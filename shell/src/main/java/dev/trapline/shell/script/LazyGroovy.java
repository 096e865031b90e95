package dev.trapline.shell.script;

import dev.trapline.shell.command.Shell;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** Starts Groovy when the first line needs it. */
public final class LazyGroovy implements Shell.Script {
  private static final Set<String> WORDS = Set.of("out", "args", "_", "def", "int", "long", "var", "for", "if", "while", "println", "print",
      "return", "import", "new", "true", "false", "null");
  private final Shell shell;
  private final Workshop workshop;
  private GroovyScript groovy;

  /** Without a way to make machines. */
  public LazyGroovy(Shell shell) {
    this(shell, null);
  }

  public LazyGroovy(Shell shell, Workshop workshop) {
    this.shell = shell;
    this.workshop = workshop;
  }

  @Override
  public boolean knows(String name) {
    String stem = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
    return WORDS.contains(stem) || shell.session().names().value(stem).isPresent() || groovy != null && groovy.knows(stem)
        || verbs().contains(stem);
  }

  /** What {@link ScriptBase} offers, as scripts write it. */
  private static Set<String> verbs() {
    return Arrays.stream(ScriptBase.class.getDeclaredMethods()).map(m -> m.getName())
        .map(n -> n.matches("get[A-Z].*") ? Character.toLowerCase(n.charAt(3)) + n.substring(4) : n).collect(Collectors.toSet());
  }

  @Override
  public Object evaluate(String text) {
    return groovy().evaluate(text);
  }

  @Override
  public Object evaluate(String text, String name) {
    return groovy().evaluate(text, name);
  }

  @Override
  public void forget(String name) {
    if (groovy != null) {
      groovy.forget(name);
    }
  }

  @Override
  public boolean stop() {
    return groovy != null && groovy.stop();
  }

  private GroovyScript groovy() {
    if (groovy == null) {
      groovy = new GroovyScript(new Scripting(shell, workshop));
    }
    return groovy;
  }
}
