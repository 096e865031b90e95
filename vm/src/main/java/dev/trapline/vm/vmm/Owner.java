package dev.trapline.vm.vmm;

/** Whom a host frame belongs to. Every frame has one owner at any time. */
public sealed interface Owner {
  /** Nobody: the frame holds zeros and may be given away. */
  record Free() implements Owner {
    @Override
    public String toString() {
      return "free";
    }
  }

  /**
   * The monitor.
   *
   * @param purpose what it keeps there, for people: {@code VMCB of a/0}, {@code nested table of a}
   */
  record Monitor(String purpose) implements Owner {
    @Override
    public String toString() {
      return "monitor: " + purpose;
    }
  }

  /** A guest, by its number: RAM, ROM or what its devices keep in memory. */
  record OfGuest(int id) implements Owner {
    @Override
    public String toString() {
      return "guest " + id;
    }
  }

  /** Frames that are no RAM, or that the machine's firmware uses. */
  record Reserved() implements Owner {
    @Override
    public String toString() {
      return "reserved";
    }
  }

  /** The two that need no details. */
  Owner FREE = new Free();
  Owner RESERVED = new Reserved();
}
