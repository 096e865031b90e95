package dev.trapline.shell.script;

import dev.trapline.shell.command.ExitCode;
import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.view.FieldsView;
import java.util.List;

/** Several guests of one monitor: what {@code group(...)} gives. {@code group.a} and {@code group['a']} is the guest of that name. */
public final class Group {
  /** Instructions between two looks at whether the script is to end. */
  private static final long TURN = 50_000_000;

  private final GuestGroup guests;
  private final Scripting scripting;
  private final List<Pc> all;

  Group(GuestGroup guests, List<Pc> all, Scripting scripting) {
    this.guests = guests;
    this.scripting = scripting;
    this.all = all;
  }

  /** The guests, in their order: machines like any other; running one of them runs all. */
  public List<Pc> getGuests() {
    return all;
  }

  /** A guest by its name. */
  public Pc getAt(String name) {
    return all.stream().filter(g -> g.getName().equals(name)).findFirst()
        .orElseThrow(() -> new BadInput("no guest " + name + ": there is " + String.join(", ", guests.names())));
  }

  /** Groovy's hook for {@code group.NAME}. */
  public Object propertyMissing(String name) {
    return getAt(name);
  }

  /** Runs all guests for so many instructions of the host's time; false if none is left that could run. */
  public boolean run(long instructions) {
    Stopper.check();
    long end = Math.min(scripting.limit(), getTime() + instructions);
    boolean alive = true;
    while (alive && getTime() < end) {
      alive = guests.run(Math.min(TURN, end - getTime()));
      Stopper.check();
    }
    if (alive && getTime() >= scripting.limit()) {
      throw new Failure(ExitCode.LIMIT,
          "the limit of " + scripting.limit() + " instructions came first");
    }
    return alive;
  }

  /** Runs until no guest is left that could run. */
  public void go() {
    run(Long.MAX_VALUE - getTime());
  }

  /** Virtual time of the host, in instructions. */
  public long getTime() {
    return guests.time();
  }

  /** How much of it nobody ran. */
  public long getIdle() {
    return guests.idle();
  }

  /** Who owns host-physical memory. */
  public FieldsView getFrames() {
    return guests.current().monitor().frames();
  }

  @Override
  public String toString() {
    return "guests " + String.join(", ", guests.names());
  }
}
