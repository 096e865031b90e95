package dev.trapline.vm.event;

import java.util.Locale;

/** What can be waited for, traced and answered. The words are those of {@code bp}, {@code until} and {@code trace}. */
public enum EventKind {
  EXEC("an instruction is about to be executed at an address", Source.ENGINE, false),
  MEM("a load or store at an address", Source.ENGINE, true),
  INSN("an instruction of a name is about to be executed", Source.ENGINE, false),
  COUNT("so many instructions have retired", Source.ENGINE, false),
  IO("IN and OUT at a port", Source.PROCESSOR, true),
  MMIO("a load or store that a device answers", Source.PROCESSOR, true),
  MSR("RDMSR and WRMSR", Source.PROCESSOR, true),
  CR("a control register is written", Source.PROCESSOR, false),
  CR3("another address space is loaded into CR3", Source.PROCESSOR, false),
  DR("a debug register is read or written", Source.PROCESSOR, true),
  EXC("an exception is about to be delivered", Source.PROCESSOR, false),
  IRQ("an interrupt or NMI is about to be delivered", Source.PROCESSOR, false),
  INT("INT n", Source.PROCESSOR, false),
  MODE("the processor changes its mode: real16, prot32, v86, compat32, long64", Source.PROCESSOR, false),
  TASK("a hardware task switch", Source.PROCESSOR, false),
  DMA("a device reads or writes memory", Source.DEVICES, true),
  CONSOLE("a line was printed on a console", Source.DEVICES, false),
  EXIT("the processor left a guest: a #VMEXIT or a trap into the monitor", Source.MONITOR, false),
  ENTRY("a guest is entered, with what is injected", Source.MONITOR, false),
  SWITCH("a step of a world switch: timer, leave, save, choose, arm, restore, resume", Source.MONITOR, false),
  SHADOW("a fault that shadow paging answers: true, hidden, trace, device", Source.MONITOR, false);

  /** Who tells of it. */
  public enum Source { ENGINE, PROCESSOR, DEVICES, MONITOR }

  private final String about;
  private final Source source;
  private final boolean directed;

  EventKind(String about, Source source, boolean directed) {
    this.about = about;
    this.source = source;
    this.directed = directed;
  }

  /** What it is called in commands. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One line about it. */
  public String about() {
    return about;
  }

  public Source source() {
    return source;
  }

  /** Whether there are reads and writes of it. */
  public boolean directed() {
    return directed;
  }

  /** Whether who listens is asked before it happens. */
  public boolean asked() {
    return switch (this) {
      case IO, MMIO, MSR, CR, CR3, DR, EXC, IRQ, INT, TASK, EXIT, EXEC, INSN -> true;
      default -> false;
    };
  }

  /** The kind of a word, or null. */
  public static EventKind of(String word) {
    for (EventKind k : values()) {
      if (k.word().equals(word)) {
        return k;
      }
    }
    return null;
  }
}
