package dev.trapline.vm.machine;

/** Why {@link Machine#run} came back. */
public sealed interface Outcome {
  /** The limit of the call was reached. */
  record Limit() implements Outcome {}

  /**
   * The guest wrote to isa-debug-exit.
   *
   * @param value what it wrote
   */
  record Exit(int value) implements Outcome {
    /** Process exit status as QEMU gives it: {@code value << 1 | 1}, one byte. */
    public int status() {
      return (value << 1 | 1) & 0xff;
    }
  }

  /** The guest switched the machine off (port 8900h). */
  record PowerOff() implements Outcome {}

  /** The guest pulled the reset line (8042, port 92h, CF9h): {@link Machine#restart} does what the board would. */
  record ResetRequested() implements Outcome {}

  /** The processor shut down: a fault while delivering a double fault. Nothing runs until reset. */
  record TripleFault() implements Outcome {}

  /** HLT with interrupts off: only a reset could end it. */
  record Dead() implements Outcome {}

  /** HLT with interrupts on and no event scheduled: only input from outside ({@link Machine#type}) could end it. */
  record Waiting() implements Outcome {}

  /** {@link Machine#requestStop} was called. */
  record Requested() implements Outcome {}

  /** The journal that was repeated has come to its end, and the machine to the state it was recorded with. */
  record Replayed() implements Outcome {}

  /** The run does not follow the journal it repeats, the rest of which is given up; {@code how} says where and in what, in one line. */
  record Diverged(String how) implements Outcome {}

  /** The next instruction has a breakpoint of the interpreter. */
  record Breakpoint() implements Outcome {}

  /**
   * The processor left guest mode, and a monitor takes over.
   *
   * @param code why, as in the VMCB
   */
  record LeftGuest(long code) implements Outcome {}

  /**
   * The monitor stopped this guest alone, for it cannot go on with it.
   *
   * @param why one line, then what belongs to it
   */
  record Broken(String why) implements Outcome {}
}
