package dev.trapline.vm.device.virtio;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.pci.Msix;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * A virtio device on the PCI bus (Virtio 1.2, 4.1), without what makes it a disk or a network card: capabilities, common
 * configuration, notifications, interrupts by INTA or MSI-X, feature negotiation and the queues.
 *
 * <p>A notified queue is served a little later and a bounded piece at a time, by a timer: a driver's store never waits for the work,
 * and no ring, however full, holds up the machine.
 *
 * @param <S> state of the whole device
 */
public abstract class VirtioDevice<S extends StateRecord> extends PciFunction implements Stateful<S> {
  public static final int VENDOR = 0x1af4;
  /** Added to the virtio device number. */
  public static final int MODERN = 0x1040;
  /** The base address register that holds everything. */
  public static final int BAR = 4;
  /** Where in it the structures are. */
  public static final int COMMON = 0;
  public static final int ISR = 0x1000;
  public static final int DEVICE = 0x2000;
  public static final int NOTIFY = 0x3000;
  private static final int BAR_SIZE = 0x4000;
  /** Bytes between the notification addresses of two queues. */
  public static final int NOTIFY_MULTIPLIER = 4;

  public static final int ACKNOWLEDGE = 1;
  public static final int DRIVER = 2;
  public static final int DRIVER_OK = 4;
  public static final int FEATURES_OK = 8;
  public static final int NEEDS_RESET = 0x40;
  public static final int FAILED = 0x80;
  private static final int DRIVER_BITS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | FAILED;

  public static final long INDIRECT_DESC = 1L << 28;
  public static final long EVENT_IDX = 1L << 29;
  public static final long VERSION_1 = 1L << 32;
  static final int NO_VECTOR = 0xffff;

  private static final int QUEUE_INTERRUPT = 1;
  private static final int CONFIG_INTERRUPT = 2;
  private static final int STATUS_CAPABILITIES = 0x10;
  private static final int SUBSYSTEM_ID = 0x1100;
  private static final int FIRST_CAPABILITY = 0x40;
  private static final int VENDOR_SPECIFIC = 9;
  private static final int CFG_DEVICE_LENGTH = 0x100;
  /** Where the window of the configuration access capability is. */
  private static final int ACCESS = 0x84;
  private static final int ACCESS_DATA = ACCESS + 16;
  private static final int MSIX_BAR = 1;
  private static final int MSIX = 0x98;
  private static final int MSIX_ID = 0x11;
  private static final int MSIX_CONTROL = MSIX + 2;
  /** A queue is served this part of a second after its notification: 5 microseconds. */
  private static final int SERVICE_RATE = 200_000;
  /** Bytes moved in one go, a chain counting for at least {@link #CHAIN_COST}. */
  private static final long PIECE = 1 << 20;
  private static final long CHAIN_COST = 4096;

  /**
   * State of the transport.
   *
   * @param notified queues that wait to be served, a bit each
   * @param malformed times a driver's mistake stopped the device since power-on, and the latest reason
   */
  public record Core(int featureSelect, int driverFeatureSelect, long driverFeatures, int status, int isr, int configVector,
      int queueSelect, int notified, List<Virtqueue.State> queues, Msix.State msix, @Range(most = Integer.MAX_VALUE) int malformed,
      String reason) implements StateRecord {}

  private final long offered;
  private final GuestMemory memory;
  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final long latency;
  private final CommonConfig common = new CommonConfig(this);
  private final List<Virtqueue> queues = new ArrayList<>();
  private final Msix msix;
  int configVector = NO_VECTOR;
  int featureSelect;
  int driverFeatureSelect;
  private long driverFeatures;
  private int status;
  private int isr;
  int queueSelect;
  private int notified;
  private int malformed;
  private String reason = "";

  /**
   * @param id virtio device number (Virtio 1.2, 5)
   * @param features offered, beside those of the transport
   * @param queues how many queues it has
   */
  protected VirtioDevice(String name, VirtioHost host, int id, int classCode, long features, int queues) {
    super(name, VENDOR, MODERN + id, classCode, 1);
    this.offered = features | VERSION_1 | INDIRECT_DESC | EVENT_IDX;
    this.memory = host.memory();
    this.scheduler = host.scheduler();
    this.timer = scheduler.timer(name, this::work);
    this.latency = Math.max(1, host.perSecond() / SERVICE_RATE);
    for (int i = 0; i < queues; i++) {
      this.queues.add(new Virtqueue(memory));
    }
    set(SUBSYSTEM_VENDOR, 2, VENDOR);
    set(SUBSYSTEM, 2, SUBSYSTEM_ID);
    set(STATUS, 2, STATUS_CAPABILITIES);
    set(CAPABILITIES, 1, FIRST_CAPABILITY);
    capability(0x40, 0x50, 16, 1, COMMON, CommonConfig.LENGTH);
    capability(0x50, 0x60, 16, 3, ISR, 1);
    capability(0x60, 0x70, 16, 4, DEVICE, CFG_DEVICE_LENGTH);
    capability(0x70, ACCESS, 20, 2, NOTIFY, NOTIFY_MULTIPLIER * queues);
    set(0x80, 4, NOTIFY_MULTIPLIER);
    capability(ACCESS, MSIX, 20, 5, 0, 0);
    allow(ACCESS + 4, 1, 0xff);
    allow(ACCESS + 8, 4, -1);
    allow(ACCESS + 12, 4, -1);
    allow(ACCESS_DATA, 4, -1);
    this.msix = new Msix(queues + 1, host.messages());
    set(MSIX, 4, MSIX_ID | queues << 16);
    set(MSIX + 4, 4, MSIX_BAR);
    set(MSIX + 8, 4, Msix.PENDING | MSIX_BAR);
    allow(MSIX_CONTROL, 2, Msix.ENABLE | Msix.MASK_ALL);
    memoryBar(MSIX_BAR, "msix", Msix.SIZE, msix);
    memoryBar(BAR, "registers", BAR_SIZE, new Registers());
    interruptPin(1);
  }

  private void capability(int at, int next, int length, int type, int offset, int window) {
    set(at, 4, VENDOR_SPECIFIC | next << 8 | length << 16 | type << 24);
    set(at + 4, 1, BAR);
    set(at + 8, 4, offset);
    set(at + 12, 4, window);
  }

  /**
   * Gives the device to somebody whose memory is another one: addresses its driver names are addresses there, and it reaches nothing else.
   *
   * @param ram whether an address is RAM there
   */
  public final void reach(DmaPort dma, LongPredicate ram) {
    memory.lead(dma, ram);
  }

  // ---- what a kind of device adds

  /** The device configuration structure as the driver reads it; what lies past it reads as zero. */
  protected abstract byte[] deviceConfig();

  /** A store to the device configuration structure. Most have nothing that can be written. */
  protected void deviceConfigWritten(int offset, int bytes, long value) {
    // The specification lets a device ignore it.
  }

  /** Whether there is something to do with the next chain of a queue; if not, chains stay where they are. */
  protected boolean wants(int queue) {
    return true;
  }

  /**
   * Does what a chain asks for.
   *
   * @return bytes written to it
   * @throws Malformed if the chain is not of the form the device's specification demands
   */
  abstract long handle(int queue, Chain chain);

  /** The driver reset the device, or power came on. */
  protected void deviceReset() {
    // Most devices remember nothing between requests.
  }

  // ---- negotiation, for the common configuration

  final int offeredFeatures() {
    return featureSelect > 1 || featureSelect < 0 ? 0 : (int) (offered >>> 32 * featureSelect);
  }

  final int driverFeatures() {
    return driverFeatureSelect > 1 || driverFeatureSelect < 0 ? 0 : (int) (driverFeatures >>> 32 * driverFeatureSelect);
  }

  final void driverFeatures(int half) {
    if ((status & FEATURES_OK) == 0 && (driverFeatureSelect & ~1) == 0) {
      int shift = 32 * driverFeatureSelect;
      driverFeatures = driverFeatures & ~(0xffffffffL << shift) | (half & 0xffffffffL) << shift;
    }
  }

  /** Whether a feature was agreed on. */
  protected final boolean agreed(long feature) {
    return (driverFeatures & feature) != 0;
  }

  /** Device status as drivers read it. */
  public final int status() {
    return status;
  }

  /** Zero resets; bits otherwise are only added, features only if they are acceptable. */
  final void status(int value) {
    if (value == 0) {
      reset();
      return;
    }
    int added = value & DRIVER_BITS & ~status;
    if ((added & FEATURES_OK) != 0 && ((driverFeatures & ~offered) != 0 || !agreed(VERSION_1))) {
      added &= ~FEATURES_OK;
    }
    status |= added;
    if ((added & DRIVER_OK) != 0) {
      guard(this::start);
    }
  }

  private void start() {
    if ((status & FEATURES_OK) == 0) {
      throw new Malformed("driver without features");
    }
    for (int i = 0; i < queues.size(); i++) {
      kick(i);
    }
  }

  private void reset() {
    featureSelect = 0;
    driverFeatureSelect = 0;
    driverFeatures = 0;
    status = 0;
    isr = 0;
    configVector = NO_VECTOR;
    queueSelect = 0;
    notified = 0;
    queues.forEach(Virtqueue::reset);
    timer.cancel();
    interrupt(false);
    deviceReset();
  }

  @Override
  protected void powerOn() {
    reset();
    msix.reset();
    malformed = 0;
    reason = "";
  }

  // ---- queues

  final int queueCount() {
    return queues.size();
  }

  /** The selected queue, or null. */
  final Virtqueue selected() {
    return queueSelect < queues.size() ? queues.get(queueSelect) : null;
  }

  private boolean isLive() {
    return (status & (DRIVER_OK | NEEDS_RESET)) == DRIVER_OK;
  }

  /** Has a queue served soon: its driver notified, or the host has something for it. */
  protected final void kick(int queue) {
    if (!isLive() || !queues.get(queue).enabled) {
      return;
    }
    notified |= 1 << queue;
    schedule();
  }

  private void schedule() {
    if (isMaster() && notified != 0 && timer.deadline() == Scheduler.NEVER) {
      timer.at(scheduler.now() + latency);
    }
  }

  private void work() {
    if (isLive() && isMaster()) {
      guard(() -> {
        for (int i = 0; i < queues.size(); i++) {
          if ((notified >> i & 1) != 0 && !serve(i, queues.get(i))) {
            notified &= ~(1 << i);
          }
        }
      });
      schedule();
    }
  }

  /** Serves a queue for a while; tells whether there is more. */
  private boolean serve(int index, Virtqueue q) {
    int before = q.used();
    boolean more = true;
    for (long left = PIECE; left > 0 && more; ) {
      Chain c = wants(index) ? q.take(agreed(INDIRECT_DESC)) : null;
      if (c == null) {
        q.wantNotification(agreed(EVENT_IDX));
        more = false;
      } else {
        q.give(c, handle(index, c));
        left -= Math.max(CHAIN_COST, c.readableBytes() + c.writableBytes());
      }
    }
    if (q.used() != before && q.wantsInterrupt(before, agreed(EVENT_IDX))) {
      raise(QUEUE_INTERRUPT, q.vector);
    }
    return more;
  }

  /** With MSI-X the status tells of configuration changes alone (4.1.4.5.1), and the pin stays low. */
  private void raise(int cause, int vector) {
    isr |= msix.isEnabled() ? cause & CONFIG_INTERRUPT : cause;
    if (msix.isEnabled()) {
      msix.raise(vector);
    } else {
      interrupt(true);
    }
  }

  /** What a vector register holds after a driver wrote it: no vector if there is none of that number (4.1.5.1.2). */
  final int vector(int wanted) {
    return wanted < msix.vectors() ? wanted : NO_VECTOR;
  }

  /** Something in the device configuration changed by itself: the driver is told (4.1.5.4). */
  protected final void configChanged() {
    if (isLive()) {
      raise(CONFIG_INTERRUPT, configVector);
    }
  }

  // ---- drivers' mistakes

  /** Does something on the driver's behalf; its first mistake stops the device until it is reset. */
  final void guard(Runnable action) {
    try {
      action.run();
    } catch (Malformed m) {
      malformed++;
      reason = m.getMessage();
      notified = 0;
      timer.cancel();
      status |= NEEDS_RESET;
      if ((status & DRIVER_OK) != 0) {
        raise(CONFIG_INTERRUPT, configVector);
      }
    }
  }

  /** Times a driver's mistake stopped the device since power-on. */
  public final int malformed() {
    return malformed;
  }

  /** What the latest mistake was; empty if there was none. */
  public final String reason() {
    return reason;
  }

  // ---- registers

  private final class Registers implements MmioDevice {
    @Override
    public long load(long offset, int bytes) {
      int inside = (int) offset & 0xfff;
      return switch ((int) offset & ~0xfff) {
        case COMMON -> common.load(inside, bytes);
        case ISR -> inside == 0 ? takeInterrupt() : 0;
        case DEVICE -> deviceLoad(inside, bytes);
        default -> 0;
      };
    }

    @Override
    public void store(long offset, int bytes, long value) {
      int inside = (int) offset & 0xfff;
      switch ((int) offset & ~0xfff) {
        case COMMON -> guard(() -> common.store(inside, bytes, value));
        case DEVICE -> deviceConfigWritten(inside, bytes, value);
        case NOTIFY -> guard(() -> notification(inside / NOTIFY_MULTIPLIER));
        default -> { /* The interrupt status is read-only. */ }
      }
    }
  }

  private void notification(int queue) {
    if (queue >= queues.size()) {
      throw new Malformed("notification");
    }
    kick(queue);
  }

  private int takeInterrupt() {
    int v = isr;
    isr = 0;
    interrupt(false);
    return v;
  }

  private long deviceLoad(int offset, int bytes) {
    byte[] config = deviceConfig();
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= offset + i < config.length ? (config[offset + i] & 0xffL) << 8 * i : 0;
    }
    return v;
  }

  // ---- the window in configuration space (4.1.4.9)

  /** Bytes the window moves, or 0 while what it is set to makes no sense. */
  private int window() {
    int length = config(ACCESS + 12, 4);
    long offset = config(ACCESS + 8, 4) & 0xffffffffL;
    boolean fine = config(ACCESS + 4, 1) == BAR && (length == 1 || length == 2 || length == 4) && offset % length == 0
        && offset + length <= BAR_SIZE;
    return fine ? length : 0;
  }

  private static boolean isWindow(int offset, int bytes) {
    return offset >= ACCESS_DATA && offset + bytes <= ACCESS_DATA + 4;
  }

  @Override
  protected void configReading(int offset, int bytes) {
    int length = isWindow(offset, bytes) ? window() : 0;
    if (length != 0) {
      set(ACCESS_DATA, length, (int) new Registers().load(config(ACCESS + 8, 4), length));
    }
  }

  @Override
  protected void configWritten(int offset, int bytes) {
    int length = isWindow(offset, bytes) ? window() : 0;
    if (length != 0) {
      new Registers().store(config(ACCESS + 8, 4), length, config(ACCESS_DATA, length) & 0xffffffffL);
    }
    if (offset < MSIX_CONTROL + 2 && offset + bytes > MSIX_CONTROL) {
      msix.control(config(MSIX_CONTROL, 2));
    }
    schedule();
  }

  // ---- state

  @Override
  public final String stateName() {
    return name();
  }

  final Core core() {
    return new Core(featureSelect, driverFeatureSelect, driverFeatures, status, isr, configVector, queueSelect,
        notified, queues.stream().map(Virtqueue::state).toList(), msix.state(), malformed, reason);
  }

  final void core(Core s) {
    if (s.queues.size() != queues.size()) {
      throw new StateException(name() + ": " + s.queues.size() + " queues saved, this device has " + queues.size());
    }
    featureSelect = s.featureSelect;
    driverFeatureSelect = s.driverFeatureSelect;
    driverFeatures = s.driverFeatures;
    status = s.status;
    isr = s.isr;
    configVector = s.configVector;
    queueSelect = s.queueSelect;
    msix.state(s.msix);
    notified = s.notified;
    for (int i = 0; i < queues.size(); i++) {
      queues.get(i).state(s.queues.get(i));
    }
    malformed = s.malformed;
    reason = s.reason;
  }
}
