package dev.trapline.vm.device.net;

import java.nio.ByteBuffer;

/** Building blocks of frames: numbers in network order, checksums (RFC 1071), Ethernet and IPv4 headers (RFC 791). */
final class Packets {
  static final int ETHERNET = 14;
  static final int IP_HEADER = 20;
  static final int UDP_HEADER = 8;
  static final int TYPE_IP = 0x0800;
  static final int TYPE_ARP = 0x0806;
  static final int ICMP = 1;
  static final int TCP = 6;
  static final int UDP = 17;
  private static final int ADDRESS = 6;
  private static final int TIME_TO_LIVE = 64;

  private Packets() {}

  /** The ones' complement sum of 16-bit words, begun with a sum so far, complemented. */
  static int checksum(byte[] b, int at, int n, int begin) {
    long sum = begin;
    for (int i = 0; i < n; i++) {
      sum += (b[at + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) ~sum & 0xffff;
  }

  /** The sum of the pseudo-header that UDP and TCP count in (RFC 768, RFC 9293). */
  static int pseudoHeader(int source, int destination, int protocol, int length) {
    return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
  }

  /** A frame with room for {@code payload} bytes after the Ethernet header, positioned there. */
  static ByteBuffer frame(byte[] to, int toAt, byte[] from, int type, int payload) {
    ByteBuffer f = ByteBuffer.allocate(ETHERNET + payload);
    return f.put(to, toAt, ADDRESS).put(from, 0, ADDRESS).putShort((short) type);
  }

  /** A frame with an IPv4 header, positioned after it. */
  static ByteBuffer ip(byte[] to, int toAt, byte[] from, int protocol, int source, int destination, int payload) {
    ByteBuffer f = frame(to, toAt, from, TYPE_IP, IP_HEADER + payload);
    f.putInt(0x45000000 | IP_HEADER + payload).putInt(0).put((byte) TIME_TO_LIVE).put((byte) protocol).putShort((short) 0);
    f.putInt(source).putInt(destination);
    f.putShort(ETHERNET + 10, (short) checksum(f.array(), ETHERNET, IP_HEADER, 0));
    return f;
  }

  /** A frame with IPv4 and UDP headers and the payload; its checksum is right. */
  static byte[] udp(byte[] to, int toAt, byte[] from, int source, int sourcePort, int destination, int destinationPort, byte[] payload) {
    int length = UDP_HEADER + payload.length;
    ByteBuffer f = ip(to, toAt, from, UDP, source, destination, length);
    f.putShort((short) sourcePort).putShort((short) destinationPort).putShort((short) length).putShort((short) 0).put(payload);
    int at = ETHERNET + IP_HEADER;
    int sum = checksum(f.array(), at, length, pseudoHeader(source, destination, UDP, length));
    f.putShort(at + 6, (short) (sum == 0 ? 0xffff : sum));
    return f.array();
  }

  static String address(int ip) {
    return (ip >>> 24) + "." + (ip >>> 16 & 0xff) + "." + (ip >>> 8 & 0xff) + "." + (ip & 0xff);
  }
}
