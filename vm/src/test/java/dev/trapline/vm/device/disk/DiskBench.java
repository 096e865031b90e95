package dev.trapline.vm.device.disk;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.mem.PhysicalMemory;

/** The disk controllers with memory, a PCI bus and a clock that goes from event to event. */
final class DiskBench {
  static final int BM = 0xc000;
  final PortMap ports = new PortMap();
  final PhysicalMemory memory = new PhysicalMemory(16 << 20);
  final boolean[] irq = new boolean[16];
  final int[] rises = new int[16];
  long now;
  final Scheduler scheduler = new Scheduler(() -> now, () -> {});
  final IsaDma dma = new IsaDma(memory);
  final Floppy floppy = new Floppy(scheduler, 100_000_000, dma, high -> irq(6, high));
  final IdeController ide = new IdeController(scheduler, 100_000_000, memory, high -> irq(14, high), high -> irq(15, high));
  final PciBus bus = new PciBus(ports, memory, n -> high -> {});

  DiskBench() {
    memory.addRam("ram", 0, 16 << 20);
    dma.connect(ports);
    floppy.connect(ports);
    ide.connect(ports);
    bus.add(1, 1, ide);
    config(0x20, 4, BM);
    config(0x40, 4, 0x80008000);
    config(4, 2, 5);
  }

  private void irq(int n, boolean high) {
    rises[n] += high && !irq[n] ? 1 : 0;
    irq[n] = high;
  }

  void config(int register, int bytes, int value) {
    ports.out(0xcf8, 4, 0x80000900 | register & ~3);
    ports.out(0xcfc + (register & 3), bytes, value);
  }

  int config(int register, int bytes) {
    ports.out(0xcf8, 4, 0x80000900 | register & ~3);
    return ports.in(0xcfc + (register & 3), bytes);
  }

  /** Lets everything that is due happen. */
  void settle() {
    while (scheduler.nextEvent() != Scheduler.NEVER) {
      now = Math.max(now, scheduler.nextEvent());
      scheduler.runDue(now);
    }
  }

  void out(int port, int value) {
    ports.out(port, 1, value);
  }

  int in(int port) {
    return ports.in(port, 1);
  }

  byte[] peek(long pa, int n) {
    byte[] b = new byte[n];
    memory.peek(pa, b, 0, n);
    return b;
  }

  void poke32(long pa, int value) {
    memory.write(pa, 4, value);
  }
}
