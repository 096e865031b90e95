package dev.trapline.vm.debug;

/** What a handler says to an event. */
public sealed interface Verdict {
  /** The machine goes on as if nobody had looked. */
  record GoOn() implements Verdict {}

  /** The machine stops: after the access has been made, before the handler of an exception, after an exit was handled. */
  record Stop() implements Verdict {}

  /**
   * It does not happen: a read gives 0 and a write is dropped, an exception or interrupt is lost (the faulting instruction is passed
   * over), an instruction that is about to be executed or that left its guest is passed over. Only in the stage before.
   */
  record Skip() implements Verdict {}

  /**
   * It happens in another way: a read gives this value; an instruction that left its guest is passed over with its result this value (what
   * IN, RDMSR or a read of a control register would have loaded). Only in the stage before.
   */
  record Emulate(long value) implements Verdict {}

  /**
   * An exception (vector 0 to 31 but 2) or interrupt comes in its place. Only in the stage before.
   *
   * @param errorCode or -1 for none
   */
  record Inject(int vector, int errorCode) implements Verdict {}

  Verdict GO_ON = new GoOn();

  static Verdict goOn() {
    return GO_ON;
  }

  static Verdict stop() {
    return new Stop();
  }

  static Verdict skip() {
    return new Skip();
  }

  static Verdict emulate(long value) {
    return new Emulate(value);
  }

  static Verdict inject(int vector) {
    return inject(vector, -1);
  }

  static Verdict inject(int vector, int errorCode) {
    if (vector < 0 || vector > 255) {
      throw new BadInput("inject: " + vector + " is no vector");
    }
    return new Inject(vector, errorCode);
  }

  /** Whether it changes what happens. */
  default boolean changes() {
    return this instanceof Skip || this instanceof Emulate || this instanceof Inject;
  }
}
