package dev.trapline.shell.script;

import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A console of a machine: what was printed there, and a way to type. */
public final class ScriptConsole {
  /** What a Linux kernel prints when it gives up. */
  private static final String PANIC = "Kernel panic - not syncing";
  private static final int MOST = 16 << 20;

  private final String name;
  private final Pc machine;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private String panic;

  ScriptConsole(String name, Pc machine) {
    this.name = name;
    this.machine = machine;
  }

  private Session session() {
    return machine.getSession();
  }

  void listen() {
    session().onConsole(name, this::accept);
  }

  private void accept(int b) {
    if (printed.size() < MOST) {
      printed.write(b);
    }
    line.write(b);
    if (b == '\n') {
      String text = line.toString(StandardCharsets.UTF_8);
      line.reset();
      if (text.contains(PANIC)) {
        panic = text.strip();
        session().interrupt();
      }
    }
    if (machine.isEcho()) {
      machine.shell().console(b);
    }
  }

  /** The line in which the guest gave up since the last call, or null. */
  String takePanic() {
    String p = panic;
    panic = null;
    return p;
  }

  /** Its name. */
  public String getName() {
    return name;
  }

  /** All that was printed there. */
  public String getText() {
    return name.equals("screen") ? session().inspect().screen().text() : printed.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  /** The same in lines. */
  public List<String> getLines() {
    return getText().lines().toList();
  }

  /** Types a text. */
  public void type(String text) {
    session().type(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Runs the machine until a text has appeared here. */
  public Stop expect(String text) {
    return machine.expect(name, text);
  }

  @Override
  public String toString() {
    return name;
  }
}
