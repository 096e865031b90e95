package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import java.util.ArrayList;

/** The x87 registers, as a person reads them and as they are. */
final class FpuViews {
  private static final int BIAS = 16383;
  private final Cpu cpu;

  FpuViews(Cpu cpu) {
    this.cpu = cpu;
  }

  FieldsView fpu() {
    X87 x = cpu.x87;
    var fields = new ArrayList<Field>();
    for (int i = 0; i < 8; i++) {
      int p = x.physical(i);
      String raw = "%04x:%016x".formatted(x.signExp[p], x.sig[p]);
      fields.add(new Field("st" + i, raw, x.empty(i) ? "empty" : Double.toString(value(x.signExp[p], x.sig[p]))));
    }
    fields.add(Field.hex("control", x.controlWord(), ""));
    fields.add(Field.hex("status", x.statusWord(), ""));
    fields.add(Field.hex("tag", x.tagWord(), ""));
    fields.add(Field.hex("mxcsr", cpu.mxcsr, ""));
    return new FieldsView("x87", fields);
  }

  /** The nearest double: for reading, not for arithmetic. */
  private static double value(int signExp, long sig) {
    int exponent = signExp & 0x7fff;
    boolean special = exponent == 0x7fff;
    double magnitude = special ? sig << 1 == 0 ? Double.POSITIVE_INFINITY : Double.NaN
        : Math.scalb(sig >>> 1, Math.max(exponent, 1) - BIAS - 62);
    return (signExp & 0x8000) != 0 ? -magnitude : magnitude;
  }
}
