package dev.trapline.vm.device.net;

import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A network without any wire: a learning Ethernet switch (IEEE 802.1D 7.7, 7.8) of as many ports as are asked for. A frame comes out a
 * fixed time after it went in, plus what its bits take at a gigabit a second; frames that are due at the same time come out in the order
 * in which they went in. So whoever is connected, the same frames at the same times give the same ones.
 */
public final class LanSwitch implements Stateful<LanSwitch.State> {
  /** Nothing is on its way. */
  public static final long NEVER = Long.MAX_VALUE;
  private static final int MOST_KNOWN = 1024;
  private static final int MOST_WAITING = 1024;
  private static final int SHORTEST = 14;
  private static final int LONGEST = 1518;
  private static final int ADDRESS = 6;
  /** To everybody, as a port. */
  private static final int ALL = -1;
  /** Ten microseconds are this part of a second. */
  private static final int LATENCY = 100_000;
  private static final long BITS_PER_SECOND = 1_000_000_000;

  /** Where an address was heard last. */
  public record Known(long address, @Range(most = Integer.MAX_VALUE) int port) implements StateRecord {}

  /**
   * A frame on its way.
   *
   * @param at when it comes out
   * @param from port it came in by
   */
  public record Frame(long at, @Range(most = Integer.MAX_VALUE) int from, @Length(value = LONGEST, least = SHORTEST) byte[] data)
      implements StateRecord {}

  /**
   * The switch's state.
   *
   * @param forwarded frames that went to the one port their receiver is known at
   * @param flooded frames that went to all ports but their own
   * @param filtered frames whose receiver is where they came from
   * @param dropped frames of a length no Ethernet has, or when too many were on their way
   */
  public record State(@Length(value = MOST_KNOWN, least = 0) List<Known> known, @Length(value = MOST_WAITING, least = 0) List<Frame> waiting,
      long forwarded, long flooded, long filtered, long dropped) implements StateRecord {}

  private record Port(String name, Consumer<byte[]> out) {}

  private final String name;
  private final long perSecond;
  private final List<Port> ports = new ArrayList<>();
  /** The address heard of least recently comes first. */
  private final Map<Long, Integer> known = new LinkedHashMap<>();
  private final List<Frame> waiting = new ArrayList<>();
  private long forwarded;
  private long flooded;
  private long filtered;
  private long dropped;

  /**
   * @param name of the network
   * @param perSecond units of time in a second
   */
  public LanSwitch(String name, long perSecond) {
    this.name = name;
    this.perSecond = perSecond;
  }

  /**
   * A further port.
   *
   * @param who is connected there, for listings
   * @param out takes the frames that come out
   * @return its number
   */
  public int port(String who, Consumer<byte[]> out) {
    ports.add(new Port(who, out));
    return ports.size() - 1;
  }

  /** Who is connected, by port. */
  public List<String> ports() {
    return ports.stream().map(Port::name).toList();
  }

  /** A frame goes in. */
  public void take(int port, byte[] frame, long now) {
    if (frame.length < SHORTEST || frame.length > LONGEST || waiting.size() == MOST_WAITING) {
      dropped++;
      return;
    }
    learn(address(frame, ADDRESS), port);
    var f = new Frame(now + perSecond / LATENCY + Math.ceilDiv(frame.length * 8L * perSecond, BITS_PER_SECOND), port, frame.clone());
    int at = waiting.size();
    while (at > 0 && waiting.get(at - 1).at > f.at) {
      at--;
    }
    waiting.add(at, f);
  }

  private void learn(long address, int port) {
    if (isGroup(address)) {
      return;
    }
    known.remove(address);
    if (known.size() == MOST_KNOWN) {
      known.remove(known.keySet().iterator().next());
    }
    known.put(address, port);
  }

  private static long address(byte[] frame, int at) {
    long a = 0;
    for (int i = 0; i < ADDRESS; i++) {
      a = a << 8 | frame[at + i] & 0xff;
    }
    return a;
  }

  private static boolean isGroup(long address) {
    return (address >>> 40 & 1) != 0;
  }

  /** When the next frame comes out, or {@link #NEVER}. */
  public long nextEvent() {
    return waiting.isEmpty() ? NEVER : waiting.getFirst().at;
  }

  /** Lets every frame out that is due. */
  public void runDue(long now) {
    while (nextEvent() <= now) {
      deliver(waiting.removeFirst());
    }
  }

  private void deliver(Frame f) {
    long to = address(f.data, 0);
    int port = isGroup(to) ? ALL : known.getOrDefault(to, ALL);
    if (port == f.from) {
      filtered++;
    } else if (port == ALL) {
      flooded++;
      for (int i = 0; i < ports.size(); i++) {
        if (i != f.from) {
          ports.get(i).out.accept(f.data.clone());
        }
      }
    } else {
      forwarded++;
      ports.get(port).out.accept(f.data);
    }
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public State state() {
    return new State(known.entrySet().stream().map(e -> new Known(e.getKey(), e.getValue())).toList(),
        waiting.stream().map(f -> new Frame(f.at, f.from, f.data.clone())).toList(), forwarded, flooded, filtered, dropped);
  }

  @Override
  public void state(State s) {
    if (s.known.stream().anyMatch(k -> k.port >= ports.size()) || s.waiting.stream().anyMatch(f -> f.from >= ports.size())) {
      throw new StateException(name + ": a port that is not there; this switch has " + ports.size());
    }
    known.clear();
    s.known.forEach(k -> known.put(k.address, k.port));
    waiting.clear();
    s.waiting.forEach(f -> waiting.add(new Frame(f.at, f.from, f.data.clone())));
    forwarded = s.forwarded;
    flooded = s.flooded;
    filtered = s.filtered;
    dropped = s.dropped;
  }
}
