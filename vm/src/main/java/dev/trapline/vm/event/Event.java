package dev.trapline.vm.event;

/** Something that happened at the edge of a processor, in a device, or in the monitor. */
public sealed interface Event {
  /** What it is an event of. */
  EventKind kind();

  /** An instruction is about to be executed, of which the address or the name was asked for. */
  record Reached(long linear, String mnemonic) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.EXEC;
    }
  }

  /** A load or store of watched memory. */
  record Memory(boolean write, long linear, int bytes) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.MEM;
    }
  }

  /** So many instructions have retired. */
  record Count(long count) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.COUNT;
    }
  }

  /** IN and OUT: one access as the instruction made it, whatever cycles the bus splits it into. */
  record Port(boolean write, int port, int bytes, long value) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.IO;
    }
  }

  /** A load or store that a device answered. */
  record Mmio(boolean write, long address, int bytes, long value) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.MMIO;
    }
  }

  /** RDMSR and WRMSR that did not fault. */
  record Msr(boolean write, int number, long value) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.MSR;
    }
  }

  /** A control register was written by MOV, LMSW, CLTS or a task switch; {@code value} is what it holds now. */
  record Control(int number, long value) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.CR;
    }
  }

  /** MOV from or to a debug register. */
  record Debug(boolean write, int number, long value) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.DR;
    }
  }

  /**
   * An exception is about to be delivered.
   *
   * @param errorCode or -1 if it has none
   * @param address CR2 of a page fault, else 0
   */
  record Raised(int vector, int errorCode, long address) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.EXC;
    }
  }

  /** A maskable interrupt or NMI, or {@code INT n}, is about to be delivered. */
  record Interrupt(int vector, boolean software) implements Event {
    @Override
    public EventKind kind() {
      return software ? EventKind.INT : EventKind.IRQ;
    }
  }

  /** The processor is in another mode now; the names are the debugger's: {@code real16}, {@code long64}. */
  record Mode(String from, String to) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.MODE;
    }
  }

  /**
   * A hardware task switch was made.
   *
   * @param how {@code jmp}, {@code call}, {@code interrupt}, {@code iret}
   */
  record Task(int from, int to, String how) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.TASK;
    }
  }

  /** A device moved bytes from or to memory. */
  record Dma(boolean write, long address, int bytes) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.DMA;
    }
  }

  /** A line was printed. */
  record Line(String console, String text) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.CONSOLE;
    }
  }

  /**
   * The processor left a guest.
   *
   * @param serial number of the exit, counted over the guest's virtual processor from 1
   * @param code exit code as in the VMCB; for a deprivileged guest that of the exception or interrupt
   * @param info1 EXITINFO1, for a page fault the error code
   * @param info2 EXITINFO2, for a page fault the address
   * @param rip where the guest stands
   */
  record Exit(long serial, long code, long info1, long info2, long rip) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.EXIT;
    }
  }

  /**
   * A guest is about to be entered.
   *
   * @param injected EVENTINJ: valid bit, type, vector, error code; 0 for nothing
   */
  record Entry(long injected) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.ENTRY;
    }
  }

  /** The steps of a world switch in their order. */
  enum Step {
    TIMER("the timer interrupts the running guest"),
    LEAVE("the processor is in the monitor"),
    SAVE("the state of the virtual processor is saved"),
    CHOOSE("the next virtual processor is chosen"),
    ARM("the timer is set"),
    RESTORE("the state of the next virtual processor is loaded"),
    RESUME("the guest goes on, at the handler of what is pending");

    private final String about;

    Step(String about) {
      this.about = about;
    }

    /** One line about it. */
    public String about() {
      return about;
    }
  }

  /**
   * A step of a world switch.
   *
   * @param from the virtual processor that ran, empty if none did
   * @param to the one that will
   */
  record Switch(Step step, String from, String to) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.SWITCH;
    }
  }

  /** What a fault means to shadow paging. */
  enum Cause {
    TRUE("the guest's tables forbid the access: given to the guest"),
    HIDDEN("only the shadow entry was missing"),
    TRACE("a store into the guest's tables"),
    DEVICE("no memory there: emulated");

    private final String about;

    Cause(String about) {
      this.about = about;
    }

    /** One line about it. */
    public String about() {
      return about;
    }
  }

  /**
   * A page fault that shadow paging answers.
   *
   * @param error as the hardware reported it
   */
  record Shadow(Cause cause, long linear, int error) implements Event {
    @Override
    public EventKind kind() {
      return EventKind.SHADOW;
    }
  }
}
