package dev.trapline.vm.isa.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Every row in every code size: what the encoder writes, the decoder reads back as the same row with the same operands. */
class EncoderTest {
  private static final int SAMPLES = Boolean.getBoolean("trapline.full") ? 400 : 12;
  private final Decoder decoder = new Decoder(X86.set());

  @Test
  void decodingAnEncodedRowGivesTheRowAndItsOperands() {
    var wrong = new ArrayList<String>();
    int count = 0;
    for (Row row : X86.set().rows()) {
      for (CodeSize code : CodeSize.values()) {
        var samples = new RowSamples(row.id() * 3L + code.ordinal());
        for (int opBits : Encoder.sizes(row, code)) {
          for (int i = 0; i < SAMPLES; i++) {
            check(samples.sample(row, code, opBits), wrong);
            count++;
          }
        }
      }
    }
    assertTrue(wrong.isEmpty(), wrong.size() + " of " + count + " differ, such as\n"
        + String.join("\n", wrong.subList(0, Math.min(40, wrong.size()))));
    assertTrue(count > X86.set().rows().size() * SAMPLES, "samples: " + count);
  }

  private void check(Encoder.Request r, List<String> wrong) {
    try {
      byte[] bytes = Encoder.encode(r);
      Insn in = decoder.decode(ByteSource.of(bytes, 0), r.size());
      String problem = difference(r, in, bytes.length);
      if (problem != null) {
        wrong.add(r.row() + " in " + r.size() + " o" + r.opBits() + " " + HexFormat.of().formatHex(bytes) + ": " + problem);
        return;
      }
      byte[] again = Encoder.encode(in, r.size());
      assertEquals(HexFormat.of().formatHex(bytes), HexFormat.of().formatHex(again), () -> r.row().toString());
    } catch (Encoder.Impossible | ByteSource.EndOfBytes e) {
      wrong.add(r.row() + " in " + r.size() + " o" + r.opBits() + " " + r.operands() + ": " + e.getMessage());
    }
  }

  private static String difference(Encoder.Request r, Insn in, int length) {
    if (in == null) {
      return "does not decode";
    }
    if (in.row != r.row()) {
      return "decodes as " + in.row;
    }
    if (in.length != length) {
      return "length " + in.length;
    }
    for (int i = 0; i < in.operands.size(); i++) {
      if (!Objects.equals(free(in.op(i)), free(r.operands().get(i)))) {
        return in.op(i) + " instead of " + r.operands().get(i);
      }
    }
    return in.opBits != r.opBits() ? "operand size " + in.opBits : null;
  }

  /** Without the number of displacement bytes, which the encoder chose. */
  private static Operand free(Operand o) {
    return o instanceof Operand.Mem m ? new Operand.Mem(m.seg(), m.base(), m.index(), m.shift(), m.disp(), m.addrBits(), m.bits(), 0) : o;
  }
}
