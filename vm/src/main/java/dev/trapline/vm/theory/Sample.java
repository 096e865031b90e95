package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * One instruction with the registers and memory the program has prepared for it: the executable memory E of an experiment.
 *
 * @param general values of the general registers
 * @param flags what is set in RFLAGS beside IF
 * @param stores what the program has put into its memory
 */
record Sample(Row row, byte[] code, String text, long[] general, int flags, List<Store> stores) {
  /** A value in the program's memory. */
  record Store(int at, int bytes, long value) {}

  /** Something to prepare a sample with. */
  static final class Preparation {
    final long[] general = new long[16];
    int flags;
    final List<Store> stores = new ArrayList<>();

    Preparation(boolean wide) {
      for (int i = 0; i < (wide ? 16 : 8); i++) {
        general[i] = 0x1111 * (i + 1);
      }
      general[Cpu.RCX] = 3;
      general[Cpu.RDX] = 0x80;
      general[Cpu.RBX] = Layout.OPERAND;
      general[Cpu.RSP] = Layout.STACK;
      general[Cpu.RBP] = Layout.FRAME;
      general[Cpu.RSI] = Layout.STRING_FROM;
      general[Cpu.RDI] = Layout.STRING_TO;
      operand(0, 4, 0x1f80);
    }

    /** A value at the operand in memory. */
    void operand(int delta, int bytes, long value) {
      stores.add(new Store(Layout.OPERAND + delta, bytes, value));
    }

    /** Values on the stack from the top. */
    void stack(int bytes, long... values) {
      for (int i = 0; i < values.length; i++) {
        stores.add(new Store(Layout.STACK + bytes * i, bytes, values[i]));
      }
    }
  }

  /** The program's memory with what belongs to this sample in it. */
  byte[] memory(byte[] plain) {
    byte[] m = plain.clone();
    System.arraycopy(code, 0, m, Layout.CODE, code.length);
    Layout.spin(m, Layout.CODE + code.length, 2);
    for (Store s : stores) {
      PhysicalMemory.put(m, s.at(), s.bytes(), s.value());
    }
    return m;
  }
}
