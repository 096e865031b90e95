package dev.trapline.vm.interp;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;

/** Bare processors for tests and benchmarks: memory, no devices, a given mode. */
public final class Kernels {
  private static final int FLAT_CODE = 0xc09b;
  private static final int FLAT_DATA = 0xc093;

  private Kernels() {}

  /** A processor in 32-bit flat protected mode at CPL 0 with {@code memoryBytes} of RAM from address 0, as much room above it, and no tables. */
  public static Cpu flat32(long memoryBytes) {
    PhysicalMemory memory = new PhysicalMemory(2 * memoryBytes);
    memory.addRam("ram", 0, memoryBytes);
    Cpu cpu = new Cpu(memory, noPorts(), noInterrupts());
    cpu.cr0 |= 1;
    for (int i = 0; i < cpu.seg.length; i++) {
      cpu.seg[i].set(i == Cpu.CS ? 8 : 0x10, 0, 0xffffffffL, i == Cpu.CS ? FLAT_CODE : FLAT_DATA);
    }
    cpu.modeChanged();
    return cpu;
  }

  /** The same in 64-bit mode, without paging (which only a test can have). */
  static Cpu flat64(long memoryBytes) {
    Cpu cpu = flat32(memoryBytes);
    cpu.efer = 0xd01;
    cpu.seg[Cpu.CS].access = 0xa09b;
    cpu.modeChanged();
    return cpu;
  }

  /** The same in real mode. */
  static Cpu real(long memoryBytes) {
    Cpu cpu = flat32(memoryBytes);
    cpu.cr0 &= ~1L;
    for (var s : cpu.seg) {
      s.set(0, 0, 0xffff, s == cpu.seg[Cpu.CS] ? 0x9b : 0x93);
    }
    cpu.modeChanged();
    return cpu;
  }

  private static PortBus noPorts() {
    return new PortBus() {
      @Override
      public int in(int port, int bytes) {
        return -1;
      }

      @Override
      public void out(int port, int bytes, int value) {
        // nobody there, as on a bus

      }
    };
  }

  private static InterruptSource noInterrupts() {
    return new InterruptSource() {
      @Override
      public boolean pending() {
        return false;
      }

      @Override
      public int acknowledge() {
        throw new IllegalStateException("no interrupt to acknowledge");
      }
    };
  }
}
