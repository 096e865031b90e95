package dev.trapline.vm.device.net;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A DHCP server that is told which address a card gets: it remembers nothing.
 *
 * <p>RFC 2131 3.1, 4.3 and table 3; options of RFC 2132.
 */
final class Dhcp {
  static final int SERVER_PORT = 67;
  static final int CLIENT_PORT = 68;
  private static final int FIXED = 236;
  private static final int COOKIE = 0x63825363;
  private static final int FLAGS = 10;
  private static final int CLIENT_ADDRESS = 12;
  private static final int HARDWARE = 28;
  private static final int BROADCAST = 0x8000;
  private static final int ONE_DAY = 86_400;
  /** Options. */
  private static final int PAD = 0;
  private static final int MASK = 1;
  private static final int ROUTER = 3;
  private static final int REQUESTED = 50;
  private static final int LEASE = 51;
  private static final int TYPE = 53;
  private static final int SERVER = 54;
  private static final int END = 255;
  /** Message types. */
  private static final int DISCOVER = 1;
  private static final int OFFER = 2;
  private static final int REQUEST = 3;
  private static final int ACK = 5;
  private static final int NAK = 6;
  private static final int INFORM = 8;

  private final int server;
  private final int mask;

  Dhcp(int server, int mask) {
    this.server = server;
    this.mask = mask;
  }

  /** What to send to whom: to everybody, or to the hardware and protocol address of the message. */
  record Answer(byte[] message, int destination) {}

  /** The hardware address a message comes from, 48 bits; -1 if it is too short to be one. */
  static long hardware(byte[] message) {
    return message.length < FIXED + 4 ? -1 : ByteBuffer.wrap(message).getLong(HARDWARE) >>> 16;
  }

  /** The answer to a message of a card that gets this address, or null where none is due. */
  Answer answer(byte[] message, int guest) {
    if (message.length < FIXED + 4 || message[0] != 1 || ByteBuffer.wrap(message).getInt(FIXED) != COOKIE) {
      return null;
    }
    Map<Integer, byte[]> options = options(message);
    int wanted = number(options.get(REQUESTED));
    int current = ByteBuffer.wrap(message).getInt(CLIENT_ADDRESS);
    return switch (options.getOrDefault(TYPE, new byte[1])[0]) {
      case DISCOVER -> reply(message, OFFER, guest);
      case REQUEST -> {
        boolean elsewhere = options.containsKey(SERVER) && number(options.get(SERVER)) != server;
        boolean right = (wanted == 0 ? current : wanted) == guest;
        yield elsewhere ? null : right ? reply(message, ACK, guest) : reply(message, NAK, 0);
      }
      case INFORM -> reply(message, ACK, 0);
      default -> null;
    };
  }

  private static int number(byte[] option) {
    return option == null || option.length != 4 ? 0 : ByteBuffer.wrap(option).getInt();
  }

  private static Map<Integer, byte[]> options(byte[] m) {
    var out = new HashMap<Integer, byte[]>();
    for (int at = FIXED + 4; at + 1 < m.length && (m[at] & 0xff) != END; ) {
      if (m[at] == PAD) {
        at++;
        continue;
      }
      int n = m[at + 1] & 0xff;
      if (n > 0 && at + 2 + n <= m.length) {
        out.put(m[at] & 0xff, Arrays.copyOfRange(m, at + 2, at + 2 + n));
      }
      at += 2 + n;
    }
    return out;
  }

  private Answer reply(byte[] asked, int type, int given) {
    ByteBuffer m = ByteBuffer.allocate(300);
    m.put(asked, 0, FIXED);
    m.put(0, (byte) 2).put(3, (byte) 0).putShort(8, (short) 0).putInt(16, given).putInt(20, 0);
    Arrays.fill(m.array(), HARDWARE + 16, FIXED, (byte) 0);
    m.putInt(COOKIE).put(option(TYPE, 1)).put((byte) type).put(option(SERVER, 4)).putInt(server);
    if (type != NAK) {
      m.put(option(MASK, 4)).putInt(mask).put(option(ROUTER, 4)).putInt(server);
    }
    if (given != 0) {
      m.put(option(LEASE, 4)).putInt(ONE_DAY);
    }
    m.put((byte) END);
    int current = m.getInt(CLIENT_ADDRESS);
    boolean everybody = type == NAK || current == 0 && (m.getShort(FLAGS) & BROADCAST) != 0;
    return new Answer(m.array(), everybody ? -1 : current != 0 ? current : given == 0 ? -1 : given);
  }

  private static byte[] option(int code, int length) {
    return new byte[] {(byte) code, (byte) length};
  }
}
