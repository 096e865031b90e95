package dev.trapline.vm.device.net;

import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The only other host of a guest's network, 10.0.2.2 in 10.0.2.0/24, with the hardware address 52:55:0a:00:02:02. It tells its own
 * address (ARP, RFC 826), gives the guest 10.0.2.15, further ones
 * the addresses after it (DHCP), answers pings (RFC 792) and what is sent to UDP port 7 (RFC 862), refuses
 * TCP connections (RFC 9293 3.5.2) and says that other ports and networks cannot be reached. It is no router: there is nothing beyond.
 */
public final class Gateway implements Stateful<Gateway.State> {
  /** A card that has an address; the first one has 10.0.2.15. */
  public record Lease(long hardware) implements StateRecord {}

  /**
   * Who has which address, and counts since the machine was built.
   *
   * @param guests cards in the order of their addresses
   * @param asked ARP requests answered
   * @param leases DHCP messages answered
   * @param echoes pings and UDP echoes answered
   * @param refused connections, ports and networks refused
   * @param ignored frames that are not for this host, damaged, or of protocols it does not speak, IPv6 above all
   */
  public record State(@Length(value = MOST_GUESTS, least = 0) List<Lease> guests, long asked, long leases, long echoes, long refused, long ignored) implements StateRecord {}

  /** This host's and the guest's address. */
  public static final int ADDRESS = 0x0a000202;
  public static final int GUEST = 0x0a00020f;
  private static final int MOST_GUESTS = 200;
  private static final int MASK = 0xffffff00;
  private static final byte[] HARDWARE = {0x52, 0x55, 0x0a, 0, 2, 2};
  private static final int SENDER = 6;
  private static final int ECHO_PORT = 7;
  private static final int ECHO = 8;
  private static final int UNREACHABLE = 3;
  private static final int NETWORK = 0;
  private static final int PROTOCOL = 2;
  private static final int PORT = 3;
  private static final int RESET_ACK = 0x14;
  private static final int RESET = 0x04;
  private static final int ACK = 0x10;
  private static final int SYN_FIN = 0x03;
  private static final int TCP_HEADER = 20;

  private final String name;
  private final Consumer<byte[]> guest;
  private final Dhcp dhcp = new Dhcp(ADDRESS, MASK);
  private final List<Lease> guests = new ArrayList<>();
  private long asked;
  private long leases;
  private long echoes;
  private long refused;
  private long ignored;

  /**
   * @param name of this component
   * @param guest takes the frames to the guest
   */
  public Gateway(String name, Consumer<byte[]> guest) {
    this.name = name;
    this.guest = guest;
  }

  /** An Ethernet frame the guest sent; the answer, if there is one, comes at once. */
  public void take(byte[] frame) {
    ByteBuffer f = ByteBuffer.wrap(frame);
    boolean taken = isForUs(frame) && switch (f.getShort(12) & 0xffff) {
      case Packets.TYPE_ARP -> arp(f);
      case Packets.TYPE_IP -> ip(frame, f);
      default -> false;
    };
    if (!taken) {
      ignored++;
    }
  }

  private static boolean isForUs(byte[] frame) {
    return (frame[0] & 1) != 0 || Arrays.equals(frame, 0, SENDER, HARDWARE, 0, SENDER);
  }

  private boolean arp(ByteBuffer f) {
    int at = Packets.ETHERNET;
    if (f.limit() < at + 28 || f.getLong(at) >>> 16 != 0x000108000604L || f.getShort(at + 6) != 1 || f.getInt(at + 24) != ADDRESS) {
      return false;
    }
    ByteBuffer r = Packets.frame(f.array(), SENDER, HARDWARE, Packets.TYPE_ARP, 28);
    r.putLong(0x0001080006040002L).put(HARDWARE).putInt(ADDRESS).put(f.array(), at + 8, 10);
    asked++;
    guest.accept(r.array());
    return true;
  }

  /** A datagram: headers that lie, wrong sums and fragments are ignored. */
  private boolean ip(byte[] frame, ByteBuffer f) {
    int at = Packets.ETHERNET;
    if (frame.length < at + Packets.IP_HEADER || frame[at] >> 4 != 4) {
      return false;
    }
    int header = (frame[at] & 0xf) * 4;
    int length = f.getShort(at + 2) & 0xffff;
    if (header < Packets.IP_HEADER || length < header || at + length > frame.length || (f.getShort(at + 6) & 0x3fff) != 0
        || Packets.checksum(frame, at, header, 0) != 0) {
      return false;
    }
    return datagram(new Datagram(frame, f.getInt(at + 12), f.getInt(at + 16), frame[at + 9] & 0xff, at + header, length - header));
  }

  /** A whole IPv4 datagram; {@code at} and {@code length} are its payload's. */
  private record Datagram(byte[] frame, int from, int to, int protocol, int at, int length) {
    int word(int offset) {
      return (frame[at + offset] & 0xff) << 8 | frame[at + offset + 1] & 0xff;
    }

    boolean sumIsRight() {
      return Packets.checksum(frame, at, length, Packets.pseudoHeader(from, to, protocol, length)) == 0;
    }
  }

  private boolean datagram(Datagram d) {
    boolean toAll = d.to == -1 || d.to == (ADDRESS | ~MASK);
    if (d.protocol == Packets.UDP && (toAll || d.to == ADDRESS)) {
      return udp(d);
    }
    if (toAll || d.to >>> 28 == 0xe || (d.to & MASK) == (ADDRESS & MASK) && d.to != ADDRESS) {
      return false;
    }
    return d.to != ADDRESS ? refuse(d, NETWORK) : switch (d.protocol) {
      case Packets.ICMP -> icmp(d);
      case Packets.TCP -> tcp(d);
      default -> refuse(d, PROTOCOL);
    };
  }

  private boolean icmp(Datagram d) {
    if (d.length < 8 || d.frame[d.at] != ECHO || Packets.checksum(d.frame, d.at, d.length, 0) != 0) {
      return false;
    }
    ByteBuffer r = Packets.ip(d.frame, SENDER, HARDWARE, Packets.ICMP, ADDRESS, d.from, d.length);
    int at = r.position();
    r.put(d.frame, d.at, d.length).put(at, (byte) 0).putShort(at + 2, (short) 0);
    r.putShort(at + 2, (short) Packets.checksum(r.array(), at, d.length, 0));
    echoes++;
    guest.accept(r.array());
    return true;
  }

  private boolean udp(Datagram d) {
    int length = d.length < Packets.UDP_HEADER ? 0 : d.word(4);
    if (length < Packets.UDP_HEADER || length > d.length || d.word(6) != 0 && !d.sumIsRight()) {
      return false;
    }
    byte[] payload = Arrays.copyOfRange(d.frame, d.at + Packets.UDP_HEADER, d.at + length);
    if (d.word(2) == Dhcp.SERVER_PORT) {
      return lease(d, payload);
    }
    if (d.to != ADDRESS) {
      return false;
    }
    if (d.word(2) != ECHO_PORT) {
      return refuse(d, PORT);
    }
    echoes++;
    guest.accept(Packets.udp(d.frame, SENDER, HARDWARE, ADDRESS, ECHO_PORT, d.from, d.word(0), payload));
    return true;
  }

  private boolean lease(Datagram d, byte[] message) {
    int address = address(Dhcp.hardware(message));
    Dhcp.Answer answer = address == 0 ? null : dhcp.answer(message, address);
    if (answer == null) {
      return false;
    }
    byte[] to = answer.destination() == -1 ? new byte[] {-1, -1, -1, -1, -1, -1} : Arrays.copyOfRange(message, 28, 34);
    leases++;
    guest.accept(Packets.udp(to, 0, HARDWARE, ADDRESS, Dhcp.SERVER_PORT, answer.destination(), Dhcp.CLIENT_PORT, answer.message()));
    return true;
  }

  /** The address a card has from now on; 0 if it cannot have one. */
  private int address(long hardware) {
    var lease = new Lease(hardware);
    if (hardware < 0 || !guests.contains(lease) && guests.size() == MOST_GUESTS) {
      return 0;
    }
    if (!guests.contains(lease)) {
      guests.add(lease);
    }
    return GUEST + guests.indexOf(lease);
  }

  /** Refuses a connection with a reset; resets themselves get no answer. */
  private boolean tcp(Datagram d) {
    if (d.length < TCP_HEADER || !d.sumIsRight() || (d.frame[d.at + 13] & RESET) != 0) {
      return false;
    }
    ByteBuffer asks = ByteBuffer.wrap(d.frame, d.at, d.length);
    int flags = d.frame[d.at + 13];
    int data = d.length - (d.frame[d.at + 12] >> 4 & 0xf) * 4 + Integer.bitCount(flags & SYN_FIN);
    boolean acknowledges = (flags & ACK) != 0;
    ByteBuffer r = Packets.ip(d.frame, SENDER, HARDWARE, Packets.TCP, ADDRESS, d.from, TCP_HEADER);
    int at = r.position();
    r.putShort((short) d.word(2)).putShort((short) d.word(0));
    r.putInt(acknowledges ? asks.getInt(d.at + 8) : 0).putInt(acknowledges ? 0 : asks.getInt(d.at + 4) + data);
    r.put((byte) 0x50).put((byte) (acknowledges ? RESET : RESET_ACK)).putShort((short) 0).putInt(0);
    int sum = Packets.checksum(r.array(), at, TCP_HEADER, Packets.pseudoHeader(ADDRESS, d.from, Packets.TCP, TCP_HEADER));
    r.putShort(at + 16, (short) sum);
    refused++;
    guest.accept(r.array());
    return true;
  }

  /** Destination unreachable, with the datagram's header and its first eight bytes; no error is answered with another one. */
  private boolean refuse(Datagram d, int why) {
    boolean isError = d.protocol == Packets.ICMP && d.length > 0 && d.frame[d.at] != ECHO;
    if (isError) {
      return false;
    }
    int quoted = d.at - Packets.ETHERNET + Math.min(8, d.length);
    ByteBuffer r = Packets.ip(d.frame, SENDER, HARDWARE, Packets.ICMP, ADDRESS, d.from, 8 + quoted);
    int at = r.position();
    r.put((byte) UNREACHABLE).put((byte) why).putShort((short) 0).putInt(0).put(d.frame, Packets.ETHERNET, quoted);
    r.putShort(at + 2, (short) Packets.checksum(r.array(), at, 8 + quoted, 0));
    refused++;
    guest.accept(r.array());
    return true;
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public State state() {
    return new State(List.copyOf(guests), asked, leases, echoes, refused, ignored);
  }

  @Override
  public void state(State s) {
    guests.clear();
    guests.addAll(s.guests);
    asked = s.asked;
    leases = s.leases;
    echoes = s.echoes;
    refused = s.refused;
    ignored = s.ignored;
  }
}
