package dev.trapline.vm.vectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;

/**
 * Results as {@code vectors.c} writes them: each form's header, then a record for each case. A record is a byte that says which parts
 * follow (1 exception, 2 flags, 4 general registers, 8 XMM registers, 0x10 MXCSR, 0x20 x87, 0x40 memory, 0x80 RIP and CS), then the
 * parts; what a record does not mention is as it was before.
 */
final class VectorFile {
  /** RFLAGS bits a record carries: ID, AC, NT, OF, DF, TF, SF, ZF, AF, PF, CF. */
  static final int FLAGS = 0x244dd5;

  private final ByteBuffer data;

  private VectorFile(ByteBuffer data) {
    this.data = data;
  }

  /** The checked-in results of a mode, 64 or 32. */
  static VectorFile open(int mode) {
    try (InputStream in = VectorFile.class.getResourceAsStream("/vectors/" + mode + ".vec.gz")) {
      if (in == null) {
        throw new IllegalStateException("no vectors/" + mode + ".vec.gz: run vectors.sh");
      }
      return new VectorFile(ByteBuffer.wrap(new GZIPInputStream(in, 1 << 16).readAllBytes()).order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean more() {
    return data.hasRemaining();
  }

  VectorForm form() {
    return VectorForm.read(data);
  }

  /** Reads one record over {@code s}, which holds the inputs. */
  void record(VectorForm f, VectorState s) {
    int parts = data.get();
    s.rip = VectorForm.INSN + f.bytes().length;
    if ((parts & 1) != 0) {
      s.vector = data.get() & 0xff;
      s.error = data.getShort() & 0xffff;
      s.rip = VectorForm.INSN;
    }
    if ((parts & 0x80) != 0) {
      long where = data.getLong();
      s.rip = where << 16 >> 16;
      s.cs = (int) (where >>> 48);
    }
    if ((parts & 2) != 0) {
      s.flags = data.getInt();
    }
    if ((parts & 4) != 0) {
      int mask = data.getShort();
      for (int i = 0; i < 16; i++) {
        if ((mask >> i & 1) != 0) {
          s.r[i] = data.getLong();
        }
      }
    }
    if ((parts & 8) != 0) {
      int mask = data.getShort();
      for (int i = 0; i < 16; i++) {
        if ((mask >> i & 1) != 0) {
          s.xmm[2 * i] = data.getLong();
          s.xmm[2 * i + 1] = data.getLong();
        }
      }
    }
    if ((parts & 0x10) != 0) {
      s.mxcsr = data.getInt();
    }
    if ((parts & 0x20) != 0) {
      x87(s);
    }
    if ((parts & 0x40) != 0) {
      int n = data.get() & 0xff;
      for (int i = 0; i < n; i++) {
        data.get(data.position() + 1, s.memory, 8 * (data.get(data.position()) & 0xff), 8);
        data.position(data.position() + 9);
      }
    }
  }

  private void x87(VectorState s) {
    s.cw = data.getShort() & 0xffff;
    s.sw = data.getShort() & 0xffff;
    s.valid = data.get() & 0xff;
    int mask = data.get();
    for (int i = 0; i < 8; i++) {
      if ((mask >> i & 1) != 0) {
        s.sig[i] = data.getLong();
        s.se[i] = data.getShort() & 0xffff;
      }
    }
  }
}
