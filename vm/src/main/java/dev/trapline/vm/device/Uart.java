package dev.trapline.vm.device;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * A 16550A UART (National PC16550D). Bytes written leave at once through the host's sink, so the transmitter is always empty. Bytes
 * from the host arrive one after the other, each after a character time of the line (virtual time), so that the interrupt of a byte is
 * over before the next byte's rises; drivers of the 16450 that read one byte per interrupt rely on it. A guest that has enabled the
 * receive interrupt and is too slow overruns, as the data sheet has it; for one that polls the sender waits until there is room, so
 * that what was typed ahead is not lost. With FIFOs on, the character timeout is four character times.
 */
public final class Uart implements PortDevice, Stateful<Uart.State> {
  /** Ports it occupies. */
  public static final int PORTS = 8;
  private static final int CRYSTAL_OVER_16 = 115_200;
  private static final int FIFO = 16;

  private static final int IER_RECEIVED = 1;
  private static final int IER_EMPTY = 2;
  private static final int IER_LINE = 4;
  private static final int IER_MODEM = 8;
  private static final int IIR_NONE = 1;
  private static final int IIR_MODEM = 0;
  private static final int IIR_EMPTY = 2;
  private static final int IIR_RECEIVED = 4;
  private static final int IIR_LINE = 6;
  private static final int IIR_TIMEOUT = 12;
  private static final int LCR_BREAK = 0x40;
  private static final int LCR_DLAB = 0x80;
  private static final int LSR_READY = 1;
  private static final int LSR_OVERRUN = 2;
  private static final int LSR_BREAK = 0x10;
  private static final int LSR_ERRORS = 0x1e;
  private static final int LSR_EMPTY = 0x60;
  private static final int MCR_OUT2 = 8;
  private static final int MCR_LOOP = 0x10;
  /** DCD, DSR and CTS asserted: somebody is at the other end. */
  private static final int MODEM_CONNECTED = 0xb0;
  private static final int[] TRIGGER = {1, 4, 8, 14};

  /**
   * @param received the receiver FIFO (or the one byte of the receive buffer), oldest first
   * @param waiting bytes from the host that have not entered the receiver yet
   * @param last the byte last read: without FIFOs the receive buffer keeps it
   * @param line sticky bits of LSR: overrun, parity, framing, break
   * @param emptyPending the transmitter-empty interrupt is due
   * @param timeout the character timeout has passed with bytes unread
   */
  public record State(int ier, int lcr, int mcr, int scratch, int divisor, boolean fifo, @Range(least = 1, most = 14) int trigger,
      @Length(value = FIFO, least = 0) byte[] received, byte[] waiting, int last, int line, int modem, boolean emptyPending,
      boolean timeout) implements StateRecord {}

  private final String name;
  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  /** When the byte on the line is complete. */
  private final Scheduler.Timer arrival;
  private final Rate bits;
  private final IrqLine irq;
  private final IntConsumer sink;
  /** Who gets what comes in, if the port is not connected itself. */
  private IntConsumer elsewhere;
  private int ier;
  private int lcr;
  private int mcr;
  private int scratch;
  private int divisor = 12;
  private boolean fifo;
  private int trigger = 1;
  private final ByteQueue received = new ByteQueue();
  private final ByteQueue waiting = new ByteQueue();
  private int last;
  private int line;
  private int modem = MODEM_CONNECTED;
  private boolean emptyPending;
  private boolean timeout;

  /**
   * @param name state and timer name, e.g. {@code com1}
   * @param perSecond instructions in a second of virtual time
   * @param sink takes each byte sent, 0 to 255
   */
  public Uart(String name, Scheduler scheduler, long perSecond, IrqLine irq, IntConsumer sink) {
    this.name = name;
    this.scheduler = scheduler;
    this.timer = scheduler.timer(name + ".timeout", this::characterTimeout);
    this.arrival = scheduler.timer(name + ".arrival", this::complete);
    this.bits = Rate.of(CRYSTAL_OVER_16, 1, perSecond);
    this.irq = irq;
    this.sink = sink;
  }

  /** Another port stands in this one's place: what comes from the host side goes there. */
  public void passOn(IntConsumer to) {
    elsewhere = to;
  }

  /** A byte that the port in this one's place sent. */
  public void pass(int value) {
    sink.accept(value);
  }

  /** A byte from the host side; the only way input enters. It follows what the host sent before. */
  public void receive(int value) {
    if (elsewhere != null) {
      elsewhere.accept(value);
      return;
    }
    waiting.add(value);
    send();
  }

  /** Bytes from the host that the guest has not read. */
  public int unread() {
    return waiting.size() + received.size();
  }

  /** The host begins to send the next byte if the line is free and somebody listens. */
  private void send() {
    boolean listening = (mcr & MCR_LOOP) == 0 && (!full() || (ier & IER_RECEIVED) != 0);
    if (waiting.size() > 0 && listening && arrival.deadline() == Scheduler.NEVER) {
      arrival.at(scheduler.now() + characters(1));
    }
  }

  private void complete() {
    if ((mcr & MCR_LOOP) == 0 && (!full() || (ier & IER_RECEIVED) != 0)) {
      arrive(waiting.remove());
    }
    send();
    update();
  }

  private boolean full() {
    return received.size() == (fifo ? FIFO : 1);
  }

  private void arrive(int value) {
    if (full()) {
      line |= LSR_OVERRUN;
      if (fifo) {
        return;
      }
      received.clear();
    }
    received.add(value);
    // A timeout already reported stays until a byte is read.
    if (!timeout) {
      restartTimeout();
    }
  }

  /** Four characters of the programmed length at the programmed speed, from the last arrival or read. */
  private void restartTimeout() {
    timeout = false;
    if (!fifo || received.size() == 0) {
      timer.cancel();
      return;
    }
    timer.at(scheduler.now() + characters(4));
  }

  /** Instructions that characters of the programmed length take at the programmed speed. */
  private long characters(int n) {
    int length = 2 + 5 + (lcr & 3) + ((lcr & 4) != 0 ? 1 : 0) + ((lcr & 8) != 0 ? 1 : 0);
    return bits.count((long) n * length * Math.max(1, divisor));
  }

  private void characterTimeout() {
    timeout = received.size() > 0;
    update();
  }

  private int interrupt() {
    if ((ier & IER_LINE) != 0 && (line & LSR_ERRORS) != 0) {
      return IIR_LINE;
    }
    if ((ier & IER_RECEIVED) != 0 && received.size() >= (fifo ? trigger : 1)) {
      return IIR_RECEIVED;
    }
    if ((ier & IER_RECEIVED) != 0 && timeout) {
      return IIR_TIMEOUT;
    }
    if ((ier & IER_EMPTY) != 0 && emptyPending) {
      return IIR_EMPTY;
    }
    return (ier & IER_MODEM) != 0 && (modem & 0xf) != 0 ? IIR_MODEM : IIR_NONE;
  }

  /** OUT2 gates the interrupt onto the bus of a PC; in loopback OUT2 is disconnected. */
  private void update() {
    irq.set(interrupt() != IIR_NONE && (mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2);
  }

  @Override
  public int in(int offset, int bytes) {
    int v = switch (offset) {
      case 0 -> dlab() ? divisor & 0xff : receiveBuffer();
      case 1 -> dlab() ? divisor >> 8 : ier;
      case 2 -> identification();
      case 3 -> lcr;
      case 4 -> mcr;
      case 5 -> lineStatus();
      case 6 -> modemStatus();
      default -> scratch;
    };
    update();
    return v;
  }

  private boolean dlab() {
    return (lcr & LCR_DLAB) != 0;
  }

  private int receiveBuffer() {
    if (received.size() == 0) {
      return fifo ? 0 : last;
    }
    int v = received.remove();
    last = fifo ? last : v;
    send();
    restartTimeout();
    return v;
  }

  private int identification() {
    int id = interrupt();
    if (id == IIR_EMPTY) {
      emptyPending = false;
    }
    return id | (fifo ? 0xc0 : 0);
  }

  private int lineStatus() {
    int v = line | LSR_EMPTY | (received.size() > 0 ? LSR_READY : 0);
    line &= ~LSR_ERRORS;
    return v;
  }

  private int modemStatus() {
    int v = modem;
    modem &= 0xf0;
    return v;
  }

  @Override
  public void out(int offset, int bytes, int value) {
    switch (offset) {
      case 0 -> {
        if (dlab()) {
          divisor = divisor & 0xff00 | value;
        } else {
          transmit(value);
        }
      }
      case 1 -> {
        if (dlab()) {
          divisor = divisor & 0xff | value << 8;
        } else {
          interruptEnable(value & 0xf);
        }
      }
      case 2 -> fifoControl(value);
      case 3 -> lineControl(value);
      case 4 -> modemControl(value & 0x1f);
      case 5, 6 -> { /* LSR and MSR are written in factory test only. */ }
      default -> scratch = value;
    }
    update();
  }

  private void transmit(int value) {
    if ((mcr & MCR_LOOP) != 0) {
      arrive(value);
    } else {
      sink.accept(value);
    }
    emptyPending = true;
  }

  /** Enabling the empty interrupt while the transmitter is empty raises it at once; drivers use this as a kick. */
  private void interruptEnable(int value) {
    if ((value & IER_EMPTY) != 0 && (ier & IER_EMPTY) == 0) {
      emptyPending = true;
    }
    ier = value;
    send();
  }

  private void fifoControl(int value) {
    boolean on = (value & 1) != 0;
    if (on != fifo || on && (value & 2) != 0) {
      received.clear();
    }
    fifo = on;
    trigger = TRIGGER[value >> 6];
    send();
    restartTimeout();
  }

  private void lineControl(int value) {
    boolean breakBegins = (value & ~lcr & LCR_BREAK) != 0;
    lcr = value;
    if (breakBegins && (mcr & MCR_LOOP) != 0) {
      arrive(0);
      line |= LSR_BREAK;
    }
  }

  private void modemControl(int value) {
    mcr = value;
    int levels = (value & MCR_LOOP) == 0 ? MODEM_CONNECTED
        : (value & 2) << 3 | (value & 1) << 5 | (value & 4) << 4 | (value & 8) << 4;
    modemLevels(levels);
    send();
  }

  /** New levels of CTS, DSR, RI, DCD in bits 4 to 7; deltas go to bits 0 to 3 (RI: trailing edge only). */
  private void modemLevels(int levels) {
    int changed = (levels ^ modem) >> 4;
    if ((levels & 0x40) != 0) {
      changed &= ~4;
    }
    modem = levels | modem & 0xf | changed & 0xf;
  }

  /** Master reset. Bytes the host has sent stay waiting. */
  public void reset() {
    ier = 0;
    lcr = 0;
    mcr = 0;
    scratch = 0;
    divisor = 12;
    fifo = false;
    trigger = 1;
    received.clear();
    last = 0;
    line = 0;
    modem = MODEM_CONNECTED;
    emptyPending = false;
    timer.cancel();
    timeout = false;
    arrival.cancel();
    send();
    update();
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public State state() {
    return new State(ier, lcr, mcr, scratch, divisor, fifo, trigger, received.toArray(), waiting.toArray(), last, line, modem,
        emptyPending, timeout);
  }

  @Override
  public void state(State s) {
    ier = s.ier;
    lcr = s.lcr;
    mcr = s.mcr;
    scratch = s.scratch;
    divisor = s.divisor;
    fifo = s.fifo;
    trigger = s.trigger;
    received.set(s.received);
    waiting.set(s.waiting);
    last = s.last;
    line = s.line;
    modem = s.modem;
    emptyPending = s.emptyPending;
    timeout = s.timeout;
    update();
  }

  /** A queue of bytes that grows. */
  private static final class ByteQueue {
    private byte[] bytes = new byte[FIFO];
    private int head;
    private int size;

    int size() {
      return size;
    }

    void add(int value) {
      if (size == bytes.length) {
        byte[] all = toArray();
        bytes = Arrays.copyOf(all, 2 * size);
        head = 0;
      }
      bytes[(head + size++) % bytes.length] = (byte) value;
    }

    int remove() {
      int v = bytes[head] & 0xff;
      head = (head + 1) % bytes.length;
      size--;
      return v;
    }

    void clear() {
      size = 0;
    }

    byte[] toArray() {
      byte[] out = new byte[size];
      for (int i = 0; i < size; i++) {
        out[i] = bytes[(head + i) % bytes.length];
      }
      return out;
    }

    void set(byte[] from) {
      clear();
      for (byte b : from) {
        add(b);
      }
    }
  }
}
