package dev.trapline.shell.script;

import dev.trapline.shell.command.Failure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends a script from outside: every loop, closure and function of a script asks {@link #check}, and machines that run are interrupted. The
 * thread itself is not: an interrupted thread would close the disk images it reads.
 */
public final class Stopper {
  private static final ScopedValue<Stopper> CURRENT = ScopedValue.newInstance();

  private final Set<Runnable> machines = ConcurrentHashMap.newKeySet();
  private volatile Failure wanted;
  private volatile boolean busy;

  /** Who is told to stop its machine when the script is to end. */
  void machine(Runnable interrupt) {
    machines.add(interrupt);
  }

  /** Whether a script runs. */
  public boolean busy() {
    return busy;
  }

  /** Ends the running script with an exit code and a line; any thread may call it. */
  public void stop(int code, String why) {
    wanted = new Failure(code, why);
    if (busy) {
      machines.forEach(Runnable::run);
    }
  }

  /** Runs a script. */
  void during(Runnable script) {
    boolean outermost = !busy;
    busy = true;
    try {
      ScopedValue.where(CURRENT, this).run(script);
    } finally {
      busy = !outermost;
      wanted = outermost ? null : wanted;
    }
  }

  /** Throws what {@link #stop} said, if it was called. */
  void heed() {
    Failure f = wanted;
    if (f != null) {
      throw f;
    }
  }

  /** What compiled scripts call. */
  public static void check() {
    if (CURRENT.isBound()) {
      CURRENT.get().heed();
    }
  }
}
