package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.PermissionMaps;
import java.util.List;

/** The permission maps of guests by hardware assist, in frames of the monitor: every port leaves, and every MSR the VMCB does not hold. */
final class PermissionMap {
  /** Registers that VMLOAD and VMSAVE switch, so guests may have them themselves (APM2 15.5.2). */
  private static final int[] SWITCHED = {0x174, 0x175, 0x176, 0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084, 0xc000_0100, 0xc000_0101,
      0xc000_0102};

  private final long ports;
  private final long msrs;

  PermissionMap(FrameTable frames) {
    Owner owner = new Owner.Monitor("permission maps");
    PhysicalMemory memory = frames.memory();
    this.ports = filled(frames.take(owner, PermissionMaps.IO_SIZE / PhysicalMemory.PAGE), PermissionMaps.IO_SIZE, memory);
    this.msrs = filled(frames.take(owner, PermissionMaps.MSR_SIZE / PhysicalMemory.PAGE), PermissionMaps.MSR_SIZE, memory);
    for (int msr : SWITCHED) {
      int bit = PermissionMaps.msrBit(msr);
      long at = msrs + (bit >> 3);
      memory.write(at, 1, memory.read(at, 1) & ~(3L << (bit & 7)));
    }
    frames.seal(ports, PermissionMaps.IO_SIZE / PhysicalMemory.PAGE);
    frames.seal(msrs, PermissionMaps.MSR_SIZE / PhysicalMemory.PAGE);
  }

  private static long filled(long pa, int bytes, PhysicalMemory memory) {
    for (int i = 0; i < bytes; i += 8) {
      memory.write(pa + i, 8, -1);
    }
    return pa;
  }

  /** A map of ports for a guest that reaches some without leaving: its host-physical address. */
  static long ports(FrameTable frames, String guest, List<Dedicated.Device> open) {
    PhysicalMemory memory = frames.memory();
    int pages = PermissionMaps.IO_SIZE / PhysicalMemory.PAGE;
    long map = filled(frames.take(new Owner.Monitor("permission map of ports of " + guest), pages), PermissionMaps.IO_SIZE, memory);
    for (Dedicated.Device d : open) {
      for (int port = d.port(); port < d.port() + d.ports(); port++) {
        memory.write(map + (port >> 3), 1, memory.read(map + (port >> 3), 1) & ~(1L << (port & 7)));
      }
    }
    frames.seal(map, pages);
    return map;
  }

  /** Host-physical address of the map of ports. */
  long ports() {
    return ports;
  }

  /** Host-physical address of the map of MSRs. */
  long msrs() {
    return msrs;
  }
}
