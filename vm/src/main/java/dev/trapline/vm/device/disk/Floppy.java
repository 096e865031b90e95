package dev.trapline.vm.device.disk;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.Arrays;

/**
 * The Intel 82077AA floppy disk controller with up to two drives. Data move by DMA channel 2; without DMA nobody would serve the FIFO in
 * time, so such transfers end with an overrun.
 *
 * <p>Intel 82077AA (290166) 2.1 "Status, Data and Control Registers", 5 "Command Set/Descriptions", 6 "Status Register Encoding".
 */
public final class Floppy implements Stateful<Floppy.State> {
  static final int DMA_CHANNEL = 2;
  private static final int SECTOR = Medium.SECTOR;
  /** Digital output register. */
  private static final int NOT_RESET = 0x04;
  private static final int DMA_GATE = 0x08;
  /** Main status register. */
  private static final int RQM = 0x80;
  private static final int TO_HOST = 0x40;
  private static final int BUSY = 0x10;
  /** Status register 0. */
  static final int ABNORMAL = 0x40;
  private static final int INVALID = 0x80;
  private static final int POLLED = 0xc0;
  private static final int SEEK_END = 0x20;
  private static final int EQUIPMENT_CHECK = 0x10;
  private static final int VERSION_ENHANCED = 0x90;
  private static final int IMPLIED_SEEK = 0x40;
  private static final int NO_POLLING = 0x10;
  private static final int DEFAULT_CONFIGURATION = 0x20;
  /** What things take, in nanoseconds. */
  private static final long RESET_TIME = 20_000;
  private static final long STEP_TIME = 100_000;
  private static final long ACCESS = 300_000;
  private static final long PER_SECTOR = 50_000;
  private static final long NANOSECONDS = 1_000_000_000;

  /** What the controller is busy with. */
  enum Work { NONE, RESET, SEEK, COMMAND }

  /** The longest command or result. */
  private static final int BYTES = 16;

  /**
   * Registers and the command going on.
   *
   * @param rate data rate selected
   * @param bytes the command's bytes so far, or the result
   * @param filled bytes of the command, or of the result, that are there
   * @param taken bytes of the result already read
   * @param work what the timer runs for
   * @param seeking the drive whose seek it runs for
   * @param recalibrates the seek looks for track 0
   * @param resultPhase {@code bytes} holds a result
   * @param cylinder where each drive's head stands
   * @param wanted where it is going
   * @param interrupts ST0 of seeks and of polling not yet sensed, by drive; -1 for none
   * @param changed each drive's change line
   */
  public record State(int dor, int tdr, @Range(most = 3) int rate, @Length(BYTES) byte[] bytes, @Range(most = BYTES) int filled,
      @Range(most = BYTES) int taken, Work work, @Range(most = 3) int seeking, boolean recalibrates, boolean resultPhase, boolean irq,
      @Length(FloppyDrives.SELECTS) int[] cylinder, @Length(FloppyDrives.SELECTS) int[] wanted, @Length(FloppyDrives.SELECTS) int[] interrupts, @Length(FloppyDrives.DRIVES) boolean[] changed,
      int specify1, int specify2, int configuration, int precompensation, int perpendicular, boolean locked, int endOfTrack)
      implements StateRecord {}

  private final IsaDma dma;
  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final Rate nanoseconds;
  private final IrqLine irqLine;
  private final FloppyDrives drives = new FloppyDrives();

  private int dor = NOT_RESET | DMA_GATE;
  private int tdr;
  private int rate = 2;
  private final byte[] bytes = new byte[BYTES];
  private int filled;
  private int taken;
  private Work work = Work.NONE;
  private int seeking;
  private boolean recalibrates;
  private boolean resultPhase;
  private boolean irq;
  private final int[] interrupts = {-1, -1, -1, -1};
  private int specify1;
  private int specify2;
  private int configuration = DEFAULT_CONFIGURATION;
  private int precompensation;
  private int perpendicular;
  private boolean locked;
  private int endOfTrack;

  /**
   * @param perSecond instructions in a second
   * @param irq IRQ 6
   */
  public Floppy(Scheduler scheduler, long perSecond, IsaDma dma, IrqLine irq) {
    this.scheduler = scheduler;
    this.nanoseconds = Rate.of(NANOSECONDS, 1, perSecond);
    this.timer = scheduler.timer("floppy", this::arrive);
    this.dma = dma;
    this.irqLine = irq;
  }

  /** Puts a diskette into drive 0 or 1. */
  public void insert(int drive, Medium medium) {
    drives.insert(drive, medium);
  }

  /** The diskette in a drive, or null. */
  public Medium medium(int drive) {
    return drives.medium(drive);
  }

  /** Type of a drive as CMOS byte 10h codes it, 0 for none. */
  public int driveType(int drive) {
    return drives.type(drive);
  }

  /** Connects ports 3F0h to 3F5h and 3F7h; 3F6h belongs to the IDE controller. */
  public void connect(PortMap ports) {
    ports.add("floppy", 0x3f0, 6, new Registers(0));
    ports.add("floppy.rate", 0x3f7, 1, new Registers(7));
  }

  private final class Registers implements PortDevice {
    private final int first;

    Registers(int first) {
      this.first = first;
    }

    @Override
    public int in(int offset, int bytes) {
      return switch (first + offset) {
        case 0 -> statusA();
        case 1 -> 0xc0 | (dor >> 4 & 3) | (dor & 1) << 5;
        case 2 -> dor;
        case 3 -> tdr;
        case 4 -> mainStatus();
        case 5 -> result();
        default -> directInput();
      };
    }

    @Override
    public void out(int offset, int bytes, int value) {
      switch (first + offset) {
        case 2 -> output(value);
        case 3 -> tdr = value & 3;
        case 4 -> rateSelect(value);
        case 5 -> take(value);
        case 7 -> rate = value & 3;
        default -> {
          // Status registers A and B take no writes.
        }
      }
    }
  }

  // ---- registers

  private int selected() {
    return dor & 3;
  }

  private int statusA() {
    boolean trackZero = drives.cylinder[selected()] == 0;
    return (irq ? 0x80 : 0) | (trackZero ? 0 : 0x10) | (drives.isThere(1) ? 0 : 0x40);
  }

  /** Bit 7 is the change line of a selected drive whose motor turns. */
  private int directInput() {
    int drive = selected();
    boolean turns = (dor >> 4 + drive & 1) != 0;
    return turns && drive < FloppyDrives.DRIVES && (drives.changed[drive] || !drives.isThere(drive)) ? 0x80 : 0;
  }

  private int mainStatus() {
    if ((dor & NOT_RESET) == 0) {
      return 0;
    }
    boolean takes = work == Work.NONE || work == Work.SEEK;
    boolean busy = filled > 0 || resultPhase;
    return (takes ? RQM : 0) | (resultPhase ? TO_HOST : 0) | (busy ? BUSY : 0) | (work == Work.SEEK ? 1 << seeking : 0);
  }

  private void output(int value) {
    int before = dor;
    dor = value;
    if ((before & NOT_RESET) != 0 && (value & NOT_RESET) == 0) {
      stop();
    } else if ((before & NOT_RESET) == 0 && (value & NOT_RESET) != 0) {
      begin(Work.RESET, RESET_TIME);
    }
    drive();
  }

  private void rateSelect(int value) {
    rate = value & 3;
    if ((value & 0x80) != 0) {
      stop();
      begin(Work.RESET, RESET_TIME);
    }
  }

  /** Reset: what is going on ends; the FIFO's settings stay if they are locked. */
  private void stop() {
    timer.cancel();
    work = Work.NONE;
    resultPhase = false;
    filled = 0;
    irq(false);
    Arrays.fill(interrupts, -1);
    drives.halt();
    if (!locked) {
      configuration = DEFAULT_CONFIGURATION;
      precompensation = 0;
    }
  }

  private void irq(boolean on) {
    irq = on;
    drive();
  }

  private void drive() {
    irqLine.set(irq && (dor & DMA_GATE) != 0);
  }

  private void begin(Work what, long time) {
    work = what;
    timer.at(scheduler.now() + Math.max(1, nanoseconds.count(time)));
  }

  // ---- command and result phase

  /** Bytes of a command after the first, by its low five bits; -1 for those that do not exist. */
  private static int parameters(int code) {
    return switch (code & 0x1f) {
      case 0x02, 0x05, 0x06, 0x09, 0x0c, 0x16 -> 8;
      case 0x03, 0x0f -> 2;
      case 0x04, 0x07, 0x0a, 0x12 -> 1;
      case 0x0d -> 5;
      case 0x13 -> 3;
      case 0x08, 0x0e, 0x10, 0x14 -> 0;
      default -> -1;
    };
  }

  private void take(int value) {
    if ((dor & NOT_RESET) == 0 || resultPhase || work == Work.RESET || work == Work.COMMAND) {
      return;
    }
    bytes[filled++] = (byte) value;
    int needed = parameters(bytes[0]);
    if (needed < 0) {
      result(INVALID);
    } else if (filled > needed) {
      execute();
    }
  }

  private int parameter(int index) {
    return bytes[index] & 0xff;
  }

  private void result(int... values) {
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    filled = values.length;
    taken = 0;
    resultPhase = true;
  }

  private int result() {
    if (!resultPhase) {
      return 0;
    }
    irq(false);
    int v = parameter(taken++);
    if (taken == filled) {
      idle();
    }
    return v;
  }

  private void idle() {
    resultPhase = false;
    filled = 0;
  }

  private void execute() {
    switch (parameter(0) & 0x1f) {
      case 0x03 -> specify();
      case 0x04 -> result(driveStatus(parameter(1)));
      case 0x07 -> seek(parameter(1) & 3, 0);
      case 0x08 -> senseInterrupt();
      case 0x0f -> seekCommand();
      case 0x10 -> result(VERSION_ENHANCED);
      case 0x12 -> perpendicular();
      case 0x13 -> configure();
      case 0x14 -> lock();
      case 0x0e -> dump();
      case 0x0a -> command(ACCESS);
      default -> transferLater();
    }
  }

  private void specify() {
    specify1 = parameter(1);
    specify2 = parameter(2);
    idle();
  }

  private void perpendicular() {
    perpendicular = parameter(1);
    idle();
  }

  private void configure() {
    configuration = parameter(2);
    precompensation = parameter(3);
    idle();
  }

  private void lock() {
    locked = (parameter(0) & 0x80) != 0;
    result(locked ? 0x10 : 0);
  }

  private void dump() {
    int[] at = drives.cylinder;
    result(at[0], at[1], at[2], at[3], specify1, specify2, endOfTrack,
        (locked ? 0x80 : 0) | perpendicular & 0x7f, configuration, precompensation);
  }

  /** Status register 3: write protection, track 0, ready and two sides always. */
  private int driveStatus(int unit) {
    int drive = unit & 3;
    return unit & 7 | 0x28 | (drives.cylinder[drive] == 0 ? 0x10 : 0) | (drives.isProtected(drive) ? 0x40 : 0);
  }

  private void senseInterrupt() {
    irq(false);
    for (int d = 0; d < interrupts.length; d++) {
      if (interrupts[d] >= 0) {
        int st0 = interrupts[d];
        interrupts[d] = -1;
        result(st0, drives.cylinder[d]);
        return;
      }
    }
    result(INVALID);
  }

  // ---- seeking

  /** SEEK, or RELATIVE SEEK where bit 7 is set: bit 6 then tells inwards. */
  private void seekCommand() {
    int drive = parameter(1) & 3;
    int to = parameter(2);
    if ((parameter(0) & 0x80) != 0) {
      to = drives.cylinder[drive] + ((parameter(0) & 0x40) != 0 ? to : -to);
    }
    seek(drive, Math.clamp(to, 0, 255));
  }

  private void seek(int drive, int to) {
    endSeek();
    recalibrates = (parameter(0) & 0x1f) == 0x07;
    interrupts[drive] = -1;
    long steps = drives.isThere(drive) ? Math.abs(to - drives.cylinder[drive]) : 0;
    drives.wanted[drive] = to;
    seeking = drive;
    filled = 0;
    begin(Work.SEEK, STEP_TIME * (1 + steps));
  }

  /** Another command that takes time comes while a drive seeks: that one has arrived by then. */
  private void endSeek() {
    if (work == Work.SEEK) {
      seekEnds();
    }
  }

  private void seekEnds() {
    int drive = seeking;
    work = Work.NONE;
    drives.arrive(drive);
    boolean noTrackZero = recalibrates && !drives.isThere(drive);
    interrupts[drive] = SEEK_END | drive | (noTrackZero ? ABNORMAL | EQUIPMENT_CHECK : 0);
    irq(true);
  }

  private void resetEnds() {
    work = Work.NONE;
    if ((configuration & NO_POLLING) == 0) {
      for (int d = 0; d < interrupts.length; d++) {
        interrupts[d] = POLLED | d;
      }
      irq(true);
    }
  }

  // ---- data

  private void command(long time) {
    endSeek();
    begin(Work.COMMAND, time);
  }

  private void transferLater() {
    int sectors = Math.min(dma.remaining(DMA_CHANNEL) / SECTOR + 1, 2 * 36);
    command(ACCESS + sectors * PER_SECTOR);
  }

  private void arrive() {
    switch (work) {
      case RESET -> resetEnds();
      case SEEK -> seekEnds();
      default -> transfer();
    }
  }

  private void transfer() {
    work = Work.NONE;
    int code = parameter(0) & 0x1f;
    boolean moves = code != FloppyAccess.READ_ID && code != FloppyAccess.FORMAT;
    if (moves) {
      endOfTrack = parameter(6);
      seekImplied(parameter(1) & 3, parameter(2));
    }
    result(new FloppyAccess(drives, dma, bytes.clone(), rate, (specify2 & 1) != 0).run());
    irq(true);
  }

  private void seekImplied(int drive, int cylinder) {
    if ((configuration & IMPLIED_SEEK) != 0 && drive < FloppyDrives.DRIVES) {
      drives.cylinder[drive] = cylinder;
      drives.wanted[drive] = cylinder;
    }
  }

  // ---- state

  /** Power-on. */
  public void reset() {
    locked = false;
    stop();
    dor = NOT_RESET | DMA_GATE;
    tdr = 0;
    rate = 2;
    specify1 = 0;
    specify2 = 0;
    perpendicular = 0;
    endOfTrack = 0;
    Arrays.fill(bytes, (byte) 0);
    drives.powerOn();
  }

  @Override
  public String stateName() {
    return "floppy";
  }

  @Override
  public State state() {
    return new State(dor, tdr, rate, bytes.clone(), filled, taken, work, seeking, recalibrates, resultPhase, irq, drives.cylinder.clone(),
        drives.wanted.clone(), interrupts.clone(), drives.changed.clone(), specify1, specify2, configuration, precompensation, perpendicular, locked, endOfTrack);
  }

  @Override
  public void state(State s) {
    dor = s.dor;
    tdr = s.tdr;
    rate = s.rate;
    System.arraycopy(s.bytes, 0, bytes, 0, bytes.length);
    filled = s.filled;
    taken = s.taken;
    work = s.work;
    seeking = s.seeking;
    recalibrates = s.recalibrates;
    resultPhase = s.resultPhase;
    irq = s.irq;
    System.arraycopy(s.cylinder, 0, drives.cylinder, 0, s.cylinder.length);
    System.arraycopy(s.wanted, 0, drives.wanted, 0, s.wanted.length);
    System.arraycopy(s.interrupts, 0, interrupts, 0, interrupts.length);
    System.arraycopy(s.changed, 0, drives.changed, 0, s.changed.length);
    specify1 = s.specify1;
    specify2 = s.specify2;
    configuration = s.configuration;
    precompensation = s.precompensation;
    perpendicular = s.perpendicular;
    locked = s.locked;
    endOfTrack = s.endOfTrack;
  }
}
