package dev.trapline.vm.lockstep;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * The client side of the gdb remote serial protocol (GDB manual, appendix E), as much as QEMU's stub needs. Packets are not
 * acknowledged: the stub takes the next command for an acknowledgement.
 */
final class GdbRemote implements AutoCloseable {
  /** A stub that says nothing for this long runs away. */
  private static final long PATIENCE_MS = 60_000;
  private static final int BUFFER = 1 << 16;

  private final SocketChannel channel;
  private final Selector selector;
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER).flip();

  GdbRemote(Path socket) throws IOException {
    this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    channel.configureBlocking(false);
    this.selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** Sends a command and gives the answer. */
  String command(String packet) throws IOException {
    send(packet);
    return receive();
  }

  /** A command that must be answered OK. */
  void order(String packet) throws IOException {
    String answer = command(packet);
    if (!answer.equals("OK")) {
      throw new IOException("the gdb stub answers '" + answer + "' to " + packet);
    }
  }

  void send(String packet) throws IOException {
    int sum = 0;
    for (int i = 0; i < packet.length(); i++) {
      sum += packet.charAt(i);
    }
    ByteBuffer out = StandardCharsets.ISO_8859_1.encode(String.format("$%s#%02x", packet, sum & 0xff));
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /** The next packet from the stub. */
  String receive() throws IOException {
    while (next() != '$') {
      // acknowledgements of what was sent
    }
    var text = new StringBuilder();
    for (int c = next(); c != '#'; c = next()) {
      text.append((char) c);
    }
    next();
    next();
    return text.toString();
  }

  private int next() throws IOException {
    if (!in.hasRemaining()) {
      in.clear();
      if (selector.select(PATIENCE_MS) == 0) {
        throw new IOException("the gdb stub is silent: the processor behind it does not come to where it should stop");
      }
      selector.selectedKeys().clear();
      if (channel.read(in) < 0) {
        throw new IOException("QEMU has ended");
      }
      in.flip();
      return next();
    }
    return in.get() & 0xff;
  }

  /** What a command of QEMU's monitor prints. */
  String monitor(String line) throws IOException {
    send("qRcmd," + HexFormat.of().formatHex(line.getBytes(StandardCharsets.US_ASCII)));
    var text = new StringBuilder();
    for (String answer = receive(); !answer.equals("OK"); answer = receive()) {
      if (!answer.startsWith("O")) {
        throw new IOException("monitor command '" + line + "': " + answer);
      }
      text.append(new String(HexFormat.of().parseHex(answer.substring(1)), StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
