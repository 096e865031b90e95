package dev.trapline.vm.device.virtio;

import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * A memory balloon (Virtio 1.2, 5.5): the host says how many pages it would like to have, the driver gives pages it has no use for and
 * takes them back when the host wants fewer. A page that was given holds zeros if the guest touches it nevertheless. The driver tells
 * before it uses a page again, and it does not take pages back of its own accord: what the guest has given is not part of its memory.
 */
public final class VirtioBalloon extends VirtioDevice<VirtioBalloon.State> {
  /**
   * One of the driver's statistics (5.5.6.4).
   *
   * @param tag what it counts
   */
  public record Statistic(@Range(most = 0xffff) int tag, long value) implements StateRecord {}

  /**
   * The balloon's state.
   *
   * @param wanted pages the host would like to have
   * @param actual pages the driver says it has given
   * @param given pages that were given since power-on, some of them several times
   * @param returned pages that were taken back
   * @param asked statistics that are to be let go before the driver has sent present ones
   */
  public record State(Core core, int wanted, int actual, long given, long returned, @Range(most = FRESH) int asked,
      @Length(value = MOST_STATISTICS, least = 0) List<Statistic> statistics) implements StateRecord {}

  /** Bytes of a page of this device, whatever the guest's are. */
  public static final int PAGE = 4096;
  private static final int ID = 5;
  private static final int CLASS = 0x00ff00;
  private static final long MUST_TELL_HOST = 1;
  private static final long STATISTICS = 1 << 1;
  private static final int INFLATE = 0;
  private static final int DEFLATE = 1;
  private static final int REPORTS = 2;
  private static final int ACTUAL = 4;
  private static final int STATISTIC = 10;
  private static final int MOST_STATISTICS = 32;
  /** The driver has filled in the buffer it left here when it got the last one back, so the second one is of now. */
  private static final int FRESH = 2;
  private static final String[] TAGS = {"swapped in", "swapped out", "major faults", "minor faults", "free", "total", "available", "caches",
      "huge pages", "huge page failures"};
  private static final int FIRST_BYTES = 4;
  private static final int LAST_BYTES = 7;

  private final GuestMemory memory;
  private final LongConsumer give;
  private final LongConsumer takeBack;
  private int wanted;
  private int actual;
  private long given;
  private long returned;
  private int asked;
  private final List<Statistic> statistics = new ArrayList<>();

  /**
   * @param give takes the physical address of a page the guest has no use for
   * @param takeBack hears that the guest will use a page again
   */
  public VirtioBalloon(String name, VirtioHost host, LongConsumer give, LongConsumer takeBack) {
    super(name, host, ID, CLASS, MUST_TELL_HOST | STATISTICS, 3);
    this.memory = host.memory();
    this.give = give;
    this.takeBack = takeBack;
  }

  /** How many pages the host would like to have from now on; the driver gives and takes back as it can. */
  public void want(int pages) {
    wanted = pages;
    configChanged();
    ask();
  }

  /** Asks the driver for statistics of now. */
  public void ask() {
    asked = FRESH;
    kick(REPORTS);
  }

  /** Pages the host would like to have. */
  public int wanted() {
    return wanted;
  }

  /** Pages the driver says it has given. */
  public int actual() {
    return actual;
  }

  /** What the driver said of its memory last, in words; sizes in KiB. */
  public List<String> statistics() {
    return statistics.stream().map(VirtioBalloon::text).toList();
  }

  private static String text(Statistic s) {
    boolean bytes = s.tag >= FIRST_BYTES && s.tag <= LAST_BYTES || s.tag < 2;
    return (s.tag < TAGS.length ? TAGS[s.tag] : "statistic " + s.tag) + " " + (bytes ? (s.value >>> 10) + " KiB" : Long.toString(s.value));
  }

  @Override
  protected byte[] deviceConfig() {
    byte[] c = new byte[8];
    Bytes.put(c, 0, 4, wanted);
    Bytes.put(c, ACTUAL, 4, actual);
    return c;
  }

  @Override
  protected void deviceConfigWritten(int offset, int bytes, long value) {
    byte[] c = deviceConfig();
    if (offset >= ACTUAL && offset + bytes <= c.length) {
      Bytes.put(c, offset, bytes, value);
      actual = (int) Bytes.get(c, ACTUAL, 4);
    }
  }

  @Override
  protected boolean wants(int queue) {
    return queue != REPORTS || asked > 0;
  }

  @Override
  long handle(int queue, Chain chain) {
    byte[] all = new byte[(int) chain.readableBytes()];
    chain.read(0, all, 0, all.length);
    if (chain.writableBytes() > 0 || queue != REPORTS && all.length % 4 != 0) {
      throw new Malformed("balloon request");
    }
    if (queue == REPORTS) {
      report(all);
    } else {
      for (int at = 0; at < all.length; at += 4) {
        page(queue, Bytes.get(all, at, 4) * PAGE);
      }
    }
    return 0;
  }

  private void page(int queue, long pa) {
    if (!memory.holds(pa, PAGE)) {
      throw new Malformed("balloon page outside RAM");
    }
    if (queue == INFLATE) {
      given++;
      give.accept(pa);
    } else {
      returned++;
      takeBack.accept(pa);
    }
  }

  private void report(byte[] all) {
    asked--;
    statistics.clear();
    for (int at = 0; at + STATISTIC <= all.length && statistics.size() < MOST_STATISTICS; at += STATISTIC) {
      statistics.add(new Statistic((int) Bytes.get(all, at, 2), Bytes.get(all, at + 2, 8)));
    }
  }

  @Override
  protected void deviceReset() {
    actual = 0;
    asked = 0;
    statistics.clear();
  }

  @Override
  protected void powerOn() {
    super.powerOn();
    wanted = 0;
    given = 0;
    returned = 0;
  }

  @Override
  public State state() {
    return new State(core(), wanted, actual, given, returned, asked, List.copyOf(statistics));
  }

  @Override
  public void state(State s) {
    core(s.core);
    wanted = s.wanted;
    actual = s.actual;
    given = s.given;
    returned = s.returned;
    asked = s.asked;
    statistics.clear();
    statistics.addAll(s.statistics);
  }
}
