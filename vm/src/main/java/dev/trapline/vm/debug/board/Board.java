package dev.trapline.vm.debug.board;

import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The topics there are about a machine's board, by name. */
public final class Board {
  /**
   * One of them.
   *
   * @param others other names for it
   * @param about what it shows, in a few words
   * @param view null if the machine has no such device
   */
  public record Topic(String name, List<String> others, String about, Function<Machine, BoardView> view) {}

  private static final List<Topic> TOPICS = List.of(
      topic("pic", "i8259 pic1 pic2", "the two 8259As: vectors, masks, requests, in service", Interrupts::pic),
      topic("irq", "irqs", "every interrupt wire: who drives it, where it goes", Interrupts::irq),
      topic("lapic", "apic", "local APICs: vectors, timer, local vector table", Apics::locals),
      topic("ioapic", "", "the I/O APIC's redirection table", Apics::io),
      topic("pit", "i8254 timer", "the 8254's counters: modes, rates, counts", Timers::pit),
      topic("hpet", "", "the HPET's counter and comparators", Timers::hpet),
      topic("rtc", "cmos mc146818", "the real-time clock, its alarms and the CMOS memory", Timers::rtc),
      topic("timers", "scheduler", "every alarm set in virtual time", Timers::alarms),
      topic("uart", "serial com", "serial ports: line, FIFO, interrupts, modem lines", Lines::uart),
      topic("kbd", "i8042 keyboard mouse ps2", "the i8042 with keyboard and mouse", Lines::keyboard),
      topic("vga", "display video vbe", "the video adapter: mode, memory, VBE", Lines::vga),
      topic("fdc", "floppy", "the diskette controller and its drives", Disks::floppy),
      topic("dma", "i8237", "ISA DMA channels", Disks::dma),
      topic("acpi", "pm", "power management registers and the ACPI tables in memory", Acpi::acpi),
      topic("fwcfg", "fw_cfg", "what fw_cfg hands to firmware", Acpi::fwCfg));

  private Board() {}

  private static Topic topic(String name, String others, String about, Function<Machine, BoardView> view) {
    return new Topic(name, others.isEmpty() ? List.of() : List.of(others.split(" ")), about, view);
  }

  /** All topics this machine has something to show for. */
  public static List<Topic> topics(Machine machine) {
    return TOPICS.stream().filter(t -> t.view.apply(machine) != null).toList();
  }

  /** The topic of a name or another one it is known by. */
  public static Optional<Topic> find(String name) {
    return TOPICS.stream().filter(t -> t.name.equals(name) || t.others.contains(name)).findFirst();
  }

  /** Names of topics, the other ones too. */
  public static List<String> names() {
    var all = new ArrayList<String>();
    TOPICS.forEach(t -> {
      all.add(t.name);
      all.addAll(t.others);
    });
    return all;
  }
}
