package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.machine.Machine;
import java.util.function.IntConsumer;

/** The one physical timer of a host processor: its local APIC's, in TSC-deadline mode (SDM 3A 11.5.4.1). */
final class HostTimer {
  /** Where the monitor gets its timer interrupt. */
  static final int VECTOR = 0xec;
  static final int SPURIOUS_VECTOR = 0xff;
  private static final int APIC_ENABLED = 0x100;
  private static final int DEADLINE_MODE = 0x40000;
  private static final int TSC_DEADLINE = 0x6e0;
  private static final int EOI = 0xb0;
  private static final int SVR = 0xf0;
  private static final int LVT_TIMER = 0x320;

  private static final int ICR = 0x300;
  private static final int ICR_HIGH = 0x310;
  private static final int STARTUP = 0x600;

  private final Machine host;
  private final int processor;
  private final Cpu cpu;
  private long armed;
  private IntConsumer others = vector -> {};

  HostTimer(Machine host, int processor) {
    this.host = host;
    this.processor = processor;
    this.cpu = host.cpus().get(processor);
  }

  /** The first processor starts this one, which waits for it since reset (SDM 3A 8.4.4). */
  void startProcessor() {
    host.apic(0, ICR_HIGH, processor << 24);
    host.apic(0, ICR, STARTUP);
    host.interpreters().get(processor).takeEvent();
  }

  /** Who hears of interrupts that are not the timer's, in addition to those who do. */
  void others(IntConsumer listener) {
    others = others.andThen(listener);
  }

  /** Switches the APIC on. */
  void start() {
    register(SVR, APIC_ENABLED | SPURIOUS_VECTOR);
    register(LVT_TIMER, DEADLINE_MODE | VECTOR);
  }

  private void register(int offset, int value) {
    host.apic(processor, offset, value);
  }

  /** Sets when to interrupt, in the host's time; a time that has passed interrupts at once. */
  void at(long time) {
    if (time != armed) {
      armed = time;
      cpu.msrs.write(cpu, TSC_DEADLINE, Math.max(1, time + Msrs.tsc(cpu) - cpu.time()));
    }
  }

  /** Takes the interrupt the processor is asserted: its vector. */
  int acknowledge() {
    int vector = cpu.interrupts.acknowledge();
    taken(vector);
    return vector;
  }

  /** The processor has taken an interrupt. */
  void taken(int vector) {
    register(EOI, 0);
    if (vector == VECTOR) {
      armed = 0;
    } else if (vector != SPURIOUS_VECTOR) {
      others.accept(vector);
    }
  }
}
