package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.DecodedRegister;
import java.util.ArrayList;
import java.util.List;

/** Names of the bits of RFLAGS, CR0, CR3, CR4, EFER, DR6 and DR7 (SDM 3A 2.3, 2.5, 17.2). A name with {@code :n} is a field of n bits. */
final class SystemBits {
  private static final String RFLAGS = "CF - PF - AF - ZF SF TF IF DF OF IOPL:2 NT - RF VM AC VIF VIP ID";
  private static final String CR0 = "PE MP EM TS ET NE -:10 WP - AM -:10 NW CD PG";
  private static final String CR3 = "-:3 PWT PCD";
  private static final String CR4 = "VME PVI TSD DE PSE PAE MCE PGE PCE OSFXSR OSXMMEXCPT UMIP LA57 VMXE SMXE -"
      + " FSGSBASE PCIDE OSXSAVE - SMEP SMAP";
  private static final String EFER = "SCE -:7 LME - LMA NXE SVME LMSLE FFXSR TCE";
  private static final String DR6 = "B0 B1 B2 B3 -:9 BD BS BT";
  private static final String DR7 = "L0 G0 L1 G1 L2 G2 L3 G3 LE GE -:3 GD -:2 RW0:2 LEN0:2 RW1:2 LEN1:2 RW2:2 LEN2:2 RW3:2 LEN3:2";

  private SystemBits() {}

  static DecodedRegister rflags(String name, long v) {
    return decode(name, v, RFLAGS);
  }

  static DecodedRegister cr0(long v) {
    return decode("cr0", v, CR0);
  }

  static DecodedRegister cr3(long v) {
    DecodedRegister bits = decode("cr3", v, CR3);
    var fields = new ArrayList<String>();
    fields.add("root=0x" + Long.toHexString(v & 0x000ffffffffff000L));
    fields.addAll(bits.fields());
    return new DecodedRegister("cr3", v, fields);
  }

  static DecodedRegister cr4(long v) {
    return decode("cr4", v, CR4);
  }

  static DecodedRegister efer(long v) {
    return decode("efer", v, EFER);
  }

  static DecodedRegister dr6(long v) {
    return decode("dr6", v, DR6);
  }

  static DecodedRegister dr7(long v) {
    return decode("dr7", v, DR7);
  }

  private static DecodedRegister decode(String name, long value, String layout) {
    List<String> fields = new ArrayList<>();
    int bit = 0;
    for (String field : layout.split(" ")) {
      int colon = field.indexOf(':');
      int width = colon < 0 ? 1 : Integer.parseInt(field.substring(colon + 1));
      String label = colon < 0 ? field : field.substring(0, colon);
      long v = value >>> bit & (1L << width) - 1;
      if (v != 0 && !label.equals("-")) {
        fields.addFirst(width == 1 ? label : label + "=" + v);
      }
      bit += width;
    }
    return new DecodedRegister(name, value, fields);
  }
}
