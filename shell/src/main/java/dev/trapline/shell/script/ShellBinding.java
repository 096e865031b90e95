package dev.trapline.shell.script;

import groovy.lang.Binding;
import groovy.lang.MissingPropertyException;
import java.io.PrintWriter;
import java.util.OptionalLong;

/**
 * The names of scripts: their own variables, {@code out}, {@code args}, the last result as {@code _}, and every register and symbol of
 * the machine.
 */
public final class ShellBinding extends Binding {
  private final Scripting scripting;

  ShellBinding(Scripting scripting) {
    super.setVariable("out", new PrintWriter(scripting.out(), true));
    super.setVariable("args", scripting.arguments());
    this.scripting = scripting;
  }

  Scripting scripting() {
    return scripting;
  }

  @Override
  public Object getVariable(String name) {
    if (name.equals("_")) {
      return scripting.machine().shell().result();
    }
    if (super.hasVariable(name)) {
      return super.getVariable(name);
    }
    OptionalLong value = ofMachine(name);
    if (value.isPresent()) {
      return value.getAsLong();
    }
    throw new MissingPropertyException(name, ShellBinding.class);
  }

  private OptionalLong ofMachine(String name) {
    return scripting.hasMachine() ? scripting.machine().getSession().names().value(name) : OptionalLong.empty();
  }

  @Override
  public void setVariable(String name, Object value) {
    boolean register = scripting != null && value instanceof Number && scripting.hasMachine()
        && scripting.machine().getSession().inspect().registerNames().contains(name);
    if (register) {
      scripting.machine().getSession().register(name, ((Number) value).longValue());
    } else {
      super.setVariable(name, value);
    }
  }

  @Override
  public boolean hasVariable(String name) {
    return name.equals("_") || super.hasVariable(name) || scripting != null && ofMachine(name).isPresent();
  }
}
