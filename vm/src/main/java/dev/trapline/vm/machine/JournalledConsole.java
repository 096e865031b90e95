package dev.trapline.vm.machine;

import java.util.function.IntConsumer;

/** A console whose input comes through the machine's one door. */
record JournalledConsole(HostConsole to, Inputs inputs) implements HostConsole {
  @Override
  public String name() {
    return to.name();
  }

  @Override
  public String about() {
    return to.about();
  }

  @Override
  public void output(IntConsumer sink) {
    to.output(sink);
  }

  @Override
  public boolean takes(int value) {
    return to.takes(value);
  }

  @Override
  public boolean type(int value) {
    boolean taken = takes(value);
    if (taken) {
      inputs.take(Input.type(name(), (byte) value));
    }
    return taken;
  }

  @Override
  public boolean key(int code) {
    boolean keyboard = name().equals(SCREEN);
    if (keyboard) {
      inputs.take(Input.key(code));
    }
    return keyboard;
  }
}
