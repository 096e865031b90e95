package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.ConsoleView;
import dev.trapline.vm.debug.view.CpuView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.disasm.Syntax;
import dev.trapline.vm.machine.Pacing;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * One machine under a debugger. Calls are synchronous and belong to one thread, except {@link #interrupt}, which any thread may
 * call while another runs the machine. What the user got wrong is a {@link BadInput}.
 */
public interface Session {
  /** What the machine was loaded with. */
  Image image();

  /** Replaces the machine by a fresh one with this image; breakpoints stay. */
  Stop load(Image image);

  /** The machine as it was right after loading; breakpoints stay. */
  Stop reset();

  /** Snapshots and journals. */
  Saves saves();

  /** Why the machine stands still now. */
  Stop last();

  /** Runs until something stops it. */
  Stop resume();

  /** Executes instructions of the selected processor one by one; interrupts may enter, other processors have their turns as always. */
  Stop step(long instructions);

  /** Lets no interrupt enter at the selected processor while it executes; it is for steps, and ends with {@code false}. */
  void holdInterrupts(boolean hold);

  /** Executes instructions of the selected processor, at least one, until a kind of instruction is next, or something stops it. */
  default Stop stepTo(Goal goal) {
    return goal.from(this);
  }

  /** Executes instructions of whichever processor has its turn, which is then the selected one. */
  Stop stepAny(long instructions);

  /** Steps, but runs calls, software interrupts and repeated string instructions to their end. */
  Stop stepOver(long instructions);

  /** Runs until the current function has returned. */
  Stop finish();

  /** Runs until this instruction is next. */
  Stop until(Address address);

  /** Runs until so many instructions have retired since the start. */
  Stop untilCount(long count);

  /** Runs at most so many instructions of virtual time; {@link Stop.Limit} when they are over. */
  Stop runFor(long instructions);

  /** Runs until the guest has written this text to its console or it stands on its text screen. */
  Stop untilText(String text);

  /**
   * Runs until the guest has written this text to a console. What it has written since the last expected text appeared counts too.
   *
   * @param text may have several lines; carriage returns and control sequences between its characters do not matter
   * @param console null for the serial console and the text screen
   * @param instructions how long to wait at most; {@link Long#MAX_VALUE} for ever
   * @return {@link Stop.Reached} if it has appeared
   */
  Stop expect(String text, String console, long instructions);

  /** Bounds every later run call by instructions; {@link Long#MAX_VALUE} for none. */
  void limit(long instructions);

  /** Whether a guest that resets the machine ends its run; as at the start, the machine reboots and goes on. */
  void stopAtReset(boolean stops);

  /** Whether another thread is running the machine now. */
  boolean running();

  /** Stops a running machine at the next instruction boundary, or the next run call at once. Any thread. */
  void interrupt();

  /** Forgets an interrupt that came while nothing ran. */
  void forgetInterrupt();

  Breakpoints breakpoints();

  /** Runs until one of these events has happened, as {@code until KIND} and {@code await} do; other points stop it too. */
  default Stop until(EventFilter event, Breakpoints.Options options) {
    int id = breakpoints().add(event, options.oneShot()).id();
    try {
      return resume();
    } finally {
      breakpoints().list().stream().filter(b -> b.id() == id).forEach(b -> breakpoints().remove(id));
    }
  }

  /** What is told while the machine runs. */
  default Tracing tracing() {
    return new Tracing(breakpoints());
  }

  /** What the selected processor sees. */
  Inspector inspect();

  /** The address spaces the selected processor could have. */
  PageTables tables();

  /** All processors. */
  List<CpuView> cpus();

  /** Number of the processor that commands are about: the one that stopped last, unless {@link #select} chose another. */
  int selected();

  /** Makes another processor the one that commands are about; {@link BadInput} if there is none of this number. */
  void select(int number);

  Symbols symbols();

  /** The guests of the monitor this machine is one of; on the bare machine none, and this session. */
  Guests guests();

  /** Name of the guest this machine is; empty on the bare machine. */
  String guest();

  /** The monitor under the machine. @throws BadInput if the machine is bare */
  MonitorViews monitor();

  /** Takes the names of a file: an ELF symbol table, System.map or what /proc/kallsyms shows. Returns what is known of them. */
  FieldsView symbols(Path file);

  /** Takes the names that a Linux guest keeps for itself, from its memory; {@link BadInput} if there are none. */
  FieldsView symbolsOfGuest();

  /** Registers, symbols and memory for {@link Expr} and {@link Address}. */
  Names names();

  /** How code is written: Intel's or AT&amp;T's way. */
  void syntax(Syntax syntax);

  /** Radix of plain numbers, 10 or 16. */
  void radix(int radix);

  /** Sets a register by name. */
  void register(String name, long value);

  /** Writes memory past access rights; all bytes or none. */
  void write(Address to, byte[] bytes);

  /**
   * Assembles instructions separated by line ends.
   *
   * @param write whether to put them there
   * @return what they disassemble to
   */
  List<CodeLine> assemble(Address at, String source, CodeSize size, boolean write);

  /** The ways in and out: serial ports, virtio consoles, screen and keyboard. The first is the serial console. */
  List<ConsoleView> consoles();

  /** One of them by its name or another one it is known by: {@code com1}, {@code ttyS0}, {@code hvc0}, {@code keyboard}. */
  ConsoleView console(String name);

  /** The last lines a console has printed, empty ones and control sequences left out. */
  List<String> printed(String console, int lines);

  /** Types bytes on a console. */
  void type(String console, byte[] bytes);

  /** Sends bytes to the guest's serial console. */
  default void type(byte[] bytes) {
    type("uart0", bytes);
  }

  /** Types text on the guest's keyboard: keys follow one another in virtual time. */
  void typeKeys(String text);

  /** Presses and releases a key of the guest's keyboard: its set 1 scan code, with 100h for those that have the prefix E0h. */
  void key(int code);

  /**
   * Who gets what the guest writes to a console, byte by byte, on the thread that runs the machine; whoever did gets it no more. A screen
   * is looked at instead.
   */
  void onConsole(String console, IntConsumer sink);

  /** Who gets what the guest writes to its serial console. */
  default void onConsole(IntConsumer sink) {
    onConsole("uart0", sink);
  }

  /** Who gets what the guest writes to the debug consoles at ports E9h and 402h, byte by byte, on the thread that runs the machine. */
  void onDebugConsole(IntConsumer sink);

  /** Who makes the guest's waiting take time on the host; null, as at the start, lets it fly. */
  void pacing(Pacing pacing);

  /** Instructions in a second of virtual time. */
  long perSecond();

  /** Instructions executed so far; virtual time also counts those waited for in HLT. */
  long executed();

  /** Hash over the whole machine state; inspection never changes it. */
  long stateHash();
}
