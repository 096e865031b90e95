package dev.trapline.vm.device.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The host at the other end of the cable, frame by frame; Linux talks to it in LinuxDevicesTest. */
class GatewayTest {
  private static final byte[] ME = {0x52, 0x54, 0, 0, 0, 1};
  private static final byte[] IT = HexFormat.of().parseHex("52550a000202");
  private static final byte[] ALL = HexFormat.of().parseHex("ffffffffffff");
  private static final int MINE = 0x0a00020f;

  private final List<byte[]> answers = new ArrayList<>();
  private final Gateway gateway = new Gateway("net0", answers::add);

  private byte[] only(byte[] frame) {
    answers.clear();
    gateway.take(frame);
    assertEquals(1, answers.size());
    return answers.getFirst();
  }

  private void silence(byte[] frame) {
    long before = gateway.state().ignored();
    answers.clear();
    gateway.take(frame);
    assertEquals(List.of(), answers);
    assertEquals(before + 1, gateway.state().ignored());
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** RFC 1071 3, and a header from a textbook with its checksum. */
  @Test
  void checksums() {
    assertEquals(0xffff - 0xddf2, Packets.checksum(hex("0001 f203 f4f5 f6f7"), 0, 8, 0));
    assertEquals(0xb861, Packets.checksum(hex("4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7"), 0, 20, 0));
  }

  /** RFC 826: the answer swaps sender and target. */
  @Test
  void arp() {
    byte[] asks = hex("ffffffffffff 525400000001 0806 0001 0800 06 04 0001 525400000001 0a00020f 000000000000 0a000202");
    assertArrayEquals(hex("525400000001 52550a000202 0806 0001 0800 06 04 0002 52550a000202 0a000202 525400000001 0a00020f"), only(asks));
    asks[41] = 3;
    silence(asks);
  }

  private static byte[] ping(int to, int n) {
    ByteBuffer f = Packets.ip(IT, 0, ME, Packets.ICMP, MINE, to, 8 + n);
    int at = f.position();
    f.put((byte) 8).put((byte) 0).putShort((short) 0).putShort((short) 7).putShort((short) 1);
    for (int i = 0; i < n; i++) {
      f.put((byte) i);
    }
    f.putShort(at + 2, (short) Packets.checksum(f.array(), at, 8 + n, 0));
    return f.array();
  }

  private static void checkIp(byte[] frame, int protocol) {
    assertArrayEquals(ME, Arrays.copyOf(frame, 6));
    assertArrayEquals(IT, Arrays.copyOfRange(frame, 6, 12));
    assertEquals(0, Packets.checksum(frame, 14, 20, 0), "header sum");
    assertEquals(frame.length - 14, ByteBuffer.wrap(frame).getShort(16));
    assertEquals(protocol, frame[23]);
    assertEquals(0x0a000202, ByteBuffer.wrap(frame).getInt(26));
    assertEquals(MINE, ByteBuffer.wrap(frame).getInt(30));
  }

  @Test
  void ping() {
    byte[] answer = only(ping(Gateway.ADDRESS, 56));
    checkIp(answer, 1);
    assertEquals(0, answer[34]);
    assertEquals(0, Packets.checksum(answer, 34, 64, 0));
    assertArrayEquals(Arrays.copyOfRange(ping(Gateway.ADDRESS, 56), 38, 98), Arrays.copyOfRange(answer, 38, 98));
    byte[] bad = ping(Gateway.ADDRESS, 56);
    bad[60]++;
    silence(bad);
    silence(ping(0x0a000203, 8));
  }

  /** RFC 792: type 3 code 0, the datagram's header and eight bytes of it. */
  @Test
  void thereIsNoNetworkBeyond() {
    byte[] asks = ping(0x08080808, 40);
    byte[] answer = only(asks);
    checkIp(answer, 1);
    assertEquals(14 + 20 + 8 + 28, answer.length);
    assertEquals(3, answer[34]);
    assertEquals(0, answer[35]);
    assertArrayEquals(Arrays.copyOfRange(asks, 14, 42), Arrays.copyOfRange(answer, 42, 70));
    answer[0] = IT[0];
    System.arraycopy(IT, 0, answer, 0, 6);
    silence(answer);
  }

  @Test
  void udpEchoAndClosedPorts() {
    byte[] data = {1, 2, 3};
    byte[] answer = only(Packets.udp(IT, 0, ME, MINE, 4000, Gateway.ADDRESS, 7, data));
    checkIp(answer, 17);
    assertArrayEquals(Packets.udp(ME, 0, IT, Gateway.ADDRESS, 7, MINE, 4000, data), answer);
    answer = only(Packets.udp(IT, 0, ME, MINE, 4000, Gateway.ADDRESS, 53, data));
    assertEquals(3, answer[34]);
    assertEquals(3, answer[35], "port unreachable");
    byte[] bad = Packets.udp(IT, 0, ME, MINE, 4000, Gateway.ADDRESS, 7, data);
    bad[42]++;
    silence(bad);
  }

  /** RFC 9293 3.5.2: the reset of a connection that does not exist acknowledges the SYN. */
  @Test
  void connectionsAreRefused() {
    ByteBuffer f = Packets.ip(IT, 0, ME, Packets.TCP, MINE, Gateway.ADDRESS, 20);
    f.putShort((short) 4000).putShort((short) 80).putInt(0x11223344).putInt(0).put((byte) 0x50).put((byte) 2).putShort((short) 100).putInt(0);
    f.putShort(34 + 16, (short) Packets.checksum(f.array(), 34, 20, Packets.pseudoHeader(MINE, Gateway.ADDRESS, 6, 20)));
    byte[] answer = only(f.array());
    checkIp(answer, 6);
    assertArrayEquals(hex("0050 0fa0 00000000 11223345 50 14 0000"), Arrays.copyOfRange(answer, 34, 50));
    assertEquals(0, Packets.checksum(answer, 34, 20, Packets.pseudoHeader(Gateway.ADDRESS, MINE, 6, 20)));
  }

  private static byte[] dhcp(int type, int current, byte[] more) {
    return dhcp(ME, type, current, more);
  }

  private static byte[] dhcp(byte[] card, int type, int current, byte[] more) {
    ByteBuffer m = ByteBuffer.allocate(300);
    m.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(0x12345678).putInt(0).putInt(current);
    m.put(28, card).position(236);
    m.putInt(0x63825363).put((byte) 53).put((byte) 1).put((byte) type).put(more).put((byte) 255);
    return Packets.udp(ALL, 0, card, current, 68, -1, 67, m.array());
  }

  private static byte[] message(byte[] frame) {
    assertEquals(67, ByteBuffer.wrap(frame).getShort(34));
    assertEquals(68, ByteBuffer.wrap(frame).getShort(36));
    return Arrays.copyOfRange(frame, 42, frame.length);
  }

  @Test
  void everyCardHasAnAddressOfItsOwn() {
    byte[] other = {2, 0, 0, 0, 0, 9};
    assertEquals(Gateway.GUEST, ByteBuffer.wrap(message(only(dhcp(1, 0, new byte[0])))).getInt(16));
    assertEquals(Gateway.GUEST + 1, ByteBuffer.wrap(message(only(dhcp(other, 1, 0, new byte[0])))).getInt(16));
    assertEquals(5, message(only(dhcp(other, 3, 0, hex("32040a000210 36040a000202"))))[242], "ACK");
    assertEquals(6, message(only(dhcp(other, 3, 0, hex("32040a00020f 36040a000202"))))[242], "NAK: the first one's");
    var again = new Gateway("net0", answers::add);
    again.state(gateway.state());
    assertEquals(gateway.state(), again.state());
    for (int i = 0; i < 198; i++) {
      assertEquals(Gateway.GUEST + 2 + i, ByteBuffer.wrap(message(only(dhcp(new byte[] {2, 1, 0, 0, 0, (byte) i}, 1, 0, new byte[0])))).getInt(16));
    }
    silence(dhcp(new byte[] {2, 2, 0, 0, 0, 0}, 1, 0, new byte[0]));
  }

  /** RFC 2131 3.1, table 3. */
  @Test
  void dhcpGivesTheOneAddress() {
    byte[] offer = message(only(dhcp(1, 0, new byte[0])));
    assertEquals(2, offer[0]);
    assertEquals(0x12345678, ByteBuffer.wrap(offer).getInt(4));
    assertEquals(Gateway.GUEST, ByteBuffer.wrap(offer).getInt(16));
    assertArrayEquals(hex("63825363 350102 36040a000202 0104ffffff00 03040a000202 330400015180 ff"), Arrays.copyOfRange(offer, 236, 268));
    byte[] wanted = hex("32040a00020f 36040a000202");
    assertEquals(5, message(only(dhcp(3, 0, wanted)))[242], "ACK");
    assertEquals(5, message(only(dhcp(3, MINE, new byte[0])))[242], "renewed");
    assertEquals(6, message(only(dhcp(3, 0, hex("32040a000210"))))[242], "NAK");
    silence(dhcp(3, 0, hex("32040a00020f 36040a000203")));
    silence(dhcp(7, MINE, new byte[0]));
    byte[] inform = message(only(dhcp(8, MINE, new byte[0])));
    assertEquals(0, ByteBuffer.wrap(inform).getInt(16));
  }

  @Test
  void damagedFramesAreIgnoredOrAnsweredNeverMore() {
    Random random = new Random(12);
    byte[][] good = {ping(Gateway.ADDRESS, 30), dhcp(1, 0, new byte[0]), Packets.udp(IT, 0, ME, MINE, 1, Gateway.ADDRESS, 7, new byte[9])};
    for (int i = 0; i < 30_000; i++) {
      byte[] frame = good[i % 3].clone();
      for (int k = 0; k < 3; k++) {
        frame[random.nextInt(Math.min(60, frame.length))] = (byte) random.nextInt();
      }
      frame = Arrays.copyOf(frame, 14 + random.nextInt(frame.length - 13));
      if (frame.length > 34 && random.nextBoolean()) {
        frame[24] = 0;
        frame[25] = 0;
        int sum = Packets.checksum(frame, 14, 20, 0);
        frame[24] = (byte) (sum >>> 8);
        frame[25] = (byte) sum;
      }
      answers.clear();
      gateway.take(frame);
      assertTrue(answers.size() <= 1);
    }
    Gateway.State s = gateway.state();
    assertEquals(30_000, s.asked() + s.leases() + s.echoes() + s.refused() + s.ignored());
    Gateway other = new Gateway("net0", f -> {});
    other.state(s);
    assertEquals(s, other.state());
  }
}
