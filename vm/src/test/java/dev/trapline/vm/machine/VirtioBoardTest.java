package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.virtio.VirtioConsole;
import dev.trapline.vm.device.virtio.VirtioDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Virtio devices of a machine's configuration. */
class VirtioBoardTest {
  private static final MachineConfig CONFIG = MachineConfig.standard().withMemory(16 << 20)
      .withImage(BootImage.flat("halt", new byte[] {(byte) 0xf4}, 0x100000, 32))
      .withDrive(Drive.of(Drive.Attachment.VIRTIO, "disk", new byte[1 << 20]))
      .withVirtio(VirtioConfig.NONE.withConsoles(2).withEntropy(7).withCard(0x525400123456L, VirtioConfig.Wire.NONE));

  private static int config(Machine m, int slot, int register) {
    m.ports().out(0xcf8, 4, 0x80000000 | slot << 11 | register);
    return m.ports().in(0xcfc, 4);
  }

  @Test
  void devicesStandInTheirSlotsWithAddressesAndInterrupts() {
    Machine m = new Machine(CONFIG);
    assertEquals(MachineConfig.Platform.PC, CONFIG.board());
    assertEquals(List.of("virtio-blk0", "virtio-console0", "virtio-console1", "virtio-rng0", "virtio-net0"),
        m.virtio().stream().map(VirtioDevice::name).toList());
    int[] ids = {0x1042, 0x1043, 0x1043, 0x1044, 0x1041};
    for (int i = 0; i < ids.length; i++) {
      assertEquals(ids[i] << 16 | 0x1af4, config(m, 8 + i, 0));
      long registers = config(m, 8 + i, 0x20) & 0xffffffffL;
      assertTrue(registers >= PciBoard.MEMORY_WINDOW, Long.toHexString(registers));
      assertEquals(0, m.memory().read(registers + 20, 1), "device status");
      assertTrue((config(m, 8 + i, 0x3c) & 0xff) >= 10, "interrupt line");
    }
    long net = config(m, 12, 0x20) & 0xffffffffL;
    assertEquals(0x5634_12005452L, m.memory().read(net + VirtioDevice.DEVICE, 4) | m.memory().read(net + VirtioDevice.DEVICE + 4, 2) << 32);
    long disk = config(m, 8, 0x20) & 0xffffffffL;
    assertEquals((1 << 20) / 512, m.memory().read(disk + VirtioDevice.DEVICE, 4));
    assertEquals(1, m.media().size());
  }

  @Test
  void aSnapshotHoldsWhatTheHostTyped() {
    Machine a = new Machine(CONFIG);
    VirtioConsole console = (VirtioConsole) a.virtio().get(1);
    "typed".chars().forEach(console::receive);
    Machine b = new Machine(CONFIG);
    b.restore(a.snapshot());
    assertEquals(5, ((VirtioConsole) b.virtio().get(1)).unread());
    assertEquals(a.stateHash(), b.stateHash());
    b.reset();
    assertEquals(0, ((VirtioConsole) b.virtio().get(1)).unread());
  }

  @Test
  void whatCannotBeIsRefused() {
    VirtioConfig one = VirtioConfig.NONE.withConsoles(1);
    assertThrows(BootException.class,
        () -> MachineConfig.standard().withPlatform(MachineConfig.Platform.MINIMAL).withVirtio(one));
    assertThrows(BootException.class, () -> new Machine(MachineConfig.standard().withVirtio(one.withConsoles(25))));
    assertThrows(BootException.class, () -> one.withCard(0x010000000000L, VirtioConfig.Wire.NONE), "a group's address");
    assertThrows(BootException.class, () -> one.withConsoles(-1));
  }
}
