package dev.trapline.vm.softfloat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Scalar SSE arithmetic, flags and traps against a recording of a processor ({@code src/test/vectors/fpvectors.c}). */
class SseSiliconTest {
  private static final int RECORD = 40;

  private interface Operation {
    long f(long a, long b, FpEnv e);
  }

  private static final List<Operation> OPERATIONS = List.of(
      SoftFloat::add64, SoftFloat::sub64, SoftFloat::mul64, SoftFloat::div64, (a, b, e) -> SoftFloat.sqrt64(b, e),
      SoftFloat::min64, SoftFloat::max64,
      (a, b, e) -> flags(SoftFloat.compare64(a, b, true, e)), (a, b, e) -> flags(SoftFloat.compare64(a, b, false, e)),
      (a, b, e) -> a & 0xffffffff00000000L | low(Convert.f64ToF32(b, e)),
      (a, b, e) -> low(SoftFloat.add32((int) a, (int) b, e)), (a, b, e) -> low(SoftFloat.sub32((int) a, (int) b, e)),
      (a, b, e) -> low(SoftFloat.mul32((int) a, (int) b, e)), (a, b, e) -> low(SoftFloat.div32((int) a, (int) b, e)),
      (a, b, e) -> low(SoftFloat.sqrt32((int) b, e)),
      (a, b, e) -> low(SoftFloat.min32((int) a, (int) b, e)), (a, b, e) -> low(SoftFloat.max32((int) a, (int) b, e)),
      (a, b, e) -> flags(SoftFloat.compare32((int) a, (int) b, true, e)),
      (a, b, e) -> flags(SoftFloat.compare32((int) a, (int) b, false, e)),
      (a, b, e) -> Convert.f32ToF64((int) b, e),
      (a, b, e) -> low(Convert.f64ToInt(b, 32, e.rounding(), e)), (a, b, e) -> Convert.f64ToInt(b, 64, e.rounding(), e),
      (a, b, e) -> low(Convert.f64ToInt(b, 32, FpEnv.RZ, e)), (a, b, e) -> Convert.f64ToInt(b, 64, FpEnv.RZ, e),
      (a, b, e) -> low(Convert.f32ToInt((int) b, 32, e.rounding(), e)), (a, b, e) -> Convert.f32ToInt((int) b, 64, e.rounding(), e),
      (a, b, e) -> low(Convert.f32ToInt((int) b, 32, FpEnv.RZ, e)), (a, b, e) -> Convert.f32ToInt((int) b, 64, FpEnv.RZ, e),
      (a, b, e) -> low(Convert.i64ToF32((int) b, e)), (a, b, e) -> low(Convert.i64ToF32(b, e)),
      (a, b, e) -> Convert.i64ToF64((int) b, e), (a, b, e) -> Convert.i64ToF64(b, e),
      (a, b, e) -> Convert.roundToInt64(b, e.rounding(), false, e), (a, b, e) -> Convert.roundToInt64(b, FpEnv.RZ, false, e),
      (a, b, e) -> Convert.roundToInt64(b, e.rounding(), true, e),
      (a, b, e) -> low(Convert.roundToInt32((int) b, e.rounding(), false, e)),
      (a, b, e) -> low(Convert.roundToInt32((int) b, FpEnv.RU, false, e)),
      (a, b, e) -> low(Convert.roundToInt32((int) b, FpEnv.RD, true, e)));

  private static long low(long v) {
    return v & 0xffffffffL;
  }

  /** ZF, PF and CF of a comparison. */
  private static long flags(int order) {
    return switch (order) {
      case SoftFloat.LESS -> 1;
      case SoftFloat.EQUAL -> 0x40;
      case SoftFloat.GREATER -> 0;
      default -> 0x45;
    };
  }

  @Test
  void resultsFlagsAndTrapsAreThoseOfSilicon() throws IOException {
    ByteBuffer records = ByteBuffer.wrap(recording("sse")).order(ByteOrder.LITTLE_ENDIAN);
    var wrong = new ArrayList<String>();
    int cases = records.capacity() / RECORD;
    for (int i = 0; i < cases; i++) {
      String difference = check(records.slice(i * RECORD, RECORD).order(ByteOrder.LITTLE_ENDIAN));
      if (!difference.isEmpty()) {
        wrong.add("case " + i + ": " + difference);
      }
    }
    assertTrue(cases >= 6000, cases + " cases only");
    assertEquals(List.of(), wrong.stream().limit(10).toList(), wrong.size() + " of " + cases + " differ");
  }

  private static String check(ByteBuffer r) {
    int before = r.getInt(4);
    boolean trapped = r.getInt(12) != 0;
    FpEnv e = new FpEnv();
    e.mxcsr(before);
    e.flags = 0;
    long result = OPERATIONS.get(r.getInt(0)).f(r.getLong(16), r.getLong(24), e);
    boolean same = trapped == (e.unmasked() != 0) && (e.flags | before & FpEnv.ALL) == (r.getInt(8) & FpEnv.ALL)
        && (trapped || result == r.getLong(32));
    return same ? "" : "operation %d of %x, %x, mxcsr %04x: silicon %x flags %02x, here %x flags %02x".formatted(r.getInt(0), r.getLong(16),
        r.getLong(24), before, r.getLong(32), r.getInt(8) & FpEnv.ALL, result, e.flags);
  }

  @Test
  void aStickyPrecisionFlagChangesNoResult() throws IOException {
    ByteBuffer records = ByteBuffer.wrap(recording("sse")).order(ByteOrder.LITTLE_ENDIAN);
    FpEnv clear = new FpEnv();
    FpEnv sticky = new FpEnv();
    for (int at = 0; at < records.capacity(); at += RECORD) {
      Operation op = OPERATIONS.get(records.getInt(at));
      clear.mxcsr(0x1f80);
      sticky.mxcsr(0x1fa0);
      long a = op.f(records.getLong(at + 16), records.getLong(at + 24), clear);
      long b = op.f(records.getLong(at + 16), records.getLong(at + 24), sticky);
      assertEquals(a, b);
      assertEquals(clear.flags | FpEnv.PE, sticky.flags);
    }
  }

  private static byte[] recording(String name) throws IOException {
    String file = System.getProperty("trapline.fp." + name);
    if (file != null) {
      return Files.readAllBytes(Path.of(file));
    }
    try (InputStream in = new GZIPInputStream(SseSiliconTest.class.getResourceAsStream("/vectors/fp-" + name + ".gz"))) {
      return in.readAllBytes();
    }
  }
}
