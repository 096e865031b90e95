package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import java.util.function.LongFunction;

/** Addresses and numbers as both syntaxes write them. */
final class Addresses {
  private Addresses() {}

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** The low {@code bits} of a value in hexadecimal. */
  static String hex(long value, int bits) {
    return hex(bits >= 64 || bits == 0 ? value : value & (1L << bits) - 1);
  }

  static String named(long address, LongFunction<String> symbols) {
    String name = symbols.apply(address);
    return name == null ? hex(address) : hex(address) + " <" + name + ">";
  }

  /** Whether the instruction was decoded as 16-bit code: its address size tells, whatever its operands are. */
  static boolean code16(Insn in) {
    return !in.mode64 && in.addrBits == 16 != in.has(Insn.ADDRSIZE);
  }

  /** Operand size without prefixes. */
  static int defaultBits(Insn in) {
    return code16(in) ? 16 : 32;
  }

  /**
   * The target of a relative branch. In 16-bit code it wraps inside its 64 KiB; elsewhere a 16-bit operand size cuts it to 16 bits
   * (SDM 2A JMP).
   */
  static long target(Insn in, long address, Operand.Rel rel) {
    long next = address + in.length;
    long target = next + rel.value();
    if (in.opBits == 16) {
      return code16(in) ? next & ~0xffffL | target & 0xffff : target & 0xffff;
    }
    return in.mode64 ? target : target & 0xffffffffL;
  }

  /** The displacement of an address that has neither base nor index. */
  static String absolute(Operand.Mem m) {
    return hex(m.disp(), m.addrBits());
  }
}
