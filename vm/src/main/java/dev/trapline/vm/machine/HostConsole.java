package dev.trapline.vm.machine;

import java.util.function.IntConsumer;

/** A way in and out of a machine for somebody at the host: a serial port, a virtio console, or screen and keyboard. */
public interface HostConsole {
  /** Name of the console that is screen and keyboard: it prints nothing, one looks at the screen. */
  String SCREEN = "screen";

  /** {@code uart0}, {@code virtio-console0}, {@code screen}. */
  String name();

  /** What it is to the guest, in a few words. */
  String about();

  /** Who takes what the guest prints, byte by byte on the thread that runs the machine; replaces whoever did. */
  void output(IntConsumer sink);

  /** Whether there is a way to type a byte: the keyboard has a key for it. */
  default boolean takes(int value) {
    return true;
  }

  /** Types a byte; false if the keyboard has no key for it. */
  boolean type(int value);

  /** Presses and releases a key by its set 1 scan code, with 100h for those that have the prefix E0h; false if this is no keyboard. */
  default boolean key(int code) {
    return false;
  }
}
