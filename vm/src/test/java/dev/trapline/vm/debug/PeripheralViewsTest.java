package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Disks, PCI and virtio as the shell shows them, against what a driver wrote into the registers. */
class PeripheralViewsTest {
  private static final MachineConfig BARE = MachineConfig.standard().withMemory(16 << 20)
      .withImage(BootImage.flat("loop", new byte[] {(byte) 0xeb, (byte) 0xfe}, 0x100000, 32));
  private static final MachineConfig CONFIG = BARE.withDrive(Drive.of(Drive.Attachment.IDE, "first", new byte[1 << 20]))
      .withDrive(Drive.of(Drive.Attachment.CDROM, "disc", new byte[1 << 16])).withDrive(Drive.of(Drive.Attachment.VIRTIO, "fast", new byte[5000]))
      .withVirtio(VirtioConfig.NONE.withCard(0x525400123456L, VirtioConfig.Wire.NET));

  private static Field field(FieldsView view, String name) {
    return view.fields().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow(() -> new AssertionError(view.toString()));
  }

  @Test
  void ideShowsDrivesStatusAndBusMaster() {
    Machine m = new Machine(CONFIG);
    PeripheralViews views = new PeripheralViews(m);
    List<FieldsView> ide = views.ide();
    assertEquals(List.of("ide0 primary", "ide1 secondary"), ide.stream().map(FieldsView::title).toList());
    assertEquals(new Field("hd0", "first", "raw, 1024 KiB, writes are lost at the end"), field(ide.get(0), "hd0"));
    assertEquals(new Field("hd0.status", "0x50", "DRDY DSC"), field(ide.get(0), "hd0.status"));
    assertTrue(field(ide.get(1), "cd2").note().endsWith("read-only"));
    m.ports().out(0x1f7, 1, 0xff);
    m.run(100_000);
    assertEquals("DRDY DSC ERR", field(views.ide().getFirst(), "hd0.status").note());
    assertEquals("ABRT", field(views.ide().getFirst(), "hd0.error").note());
    assertEquals("ports answer", field(ide.get(0), "timing").note());
  }

  @Test
  void disksTellWhatWasWritten() {
    Machine m = new Machine(CONFIG);
    m.media().getFirst().write(0, new byte[20_000], 0, 20_000);
    FieldsView disks = new PeripheralViews(m).disks();
    assertEquals("raw, 1024 KiB, writes are lost at the end, 20 KiB written", field(disks, "hd0").note());
    assertEquals("raw, 5000 bytes, writes are lost at the end", field(disks, "virtio-blk0").note());
    assertEquals(disks.fields().getFirst(), new PeripheralViews(m).named("hd0.disk").orElseThrow().fields().getFirst());
  }

  @Test
  void pciAndVirtioShowWhereAndHow() {
    Machine m = new Machine(CONFIG);
    PeripheralViews views = new PeripheralViews(m);
    Field ide = field(views.pci(), "00:01.1");
    assertEquals("8086:7010", ide.value());
    assertTrue(ide.note().startsWith("ide class 010180, io+") && ide.note().contains("bus-master io 0xc000-0xc00f"), ide.note());
    m.ports().out(0xcf8, 4, 0x80000000 | 8 << 11 | 0x20);
    long registers = m.ports().in(0xcfc, 4) & 0xffffffffL;
    m.memory().write(registers + 20, 1, 3);
    m.memory().write(registers + 8, 4, 1);
    m.memory().write(registers + 12, 4, 1);
    m.memory().write(registers + 8, 4, 0);
    m.memory().write(registers + 12, 4, 1 << 9 | 1 << 6);
    m.memory().write(registers + 20, 1, 11);
    m.memory().write(registers + 0x20, 4, 0x10000);
    m.memory().write(registers + 0x28, 4, 0x20000);
    m.memory().write(registers + 0x30, 4, 0x30000);
    m.memory().write(registers + 0x1c, 2, 1);
    m.memory().write(0x20002, 2, 5);
    assertEquals(List.of("virtio-blk0", "virtio-net0"), views.virtio().stream().map(FieldsView::title).toList());
    FieldsView blk = views.named("virtio-blk0").orElseThrow();
    assertEquals("00:08.0", field(blk, "pci").value());
    assertEquals("FEATURES_OK DRIVER ACKNOWLEDGE", field(blk, "status").note());
    assertEquals("BLK_SIZE FLUSH VERSION_1", field(blk, "features").note());
    String queue = field(blk, "queue0").note();
    assertTrue(queue.startsWith("taken 0, used 0, waiting 5, descriptors 0x10000, available 0x20000, used ring 0x30000"), queue);
    assertEquals("off", field(views.named("virtio-net0").orElseThrow(), "queue0").value());
    assertEquals(3, ((VirtioDevice<?>) m.virtio().getFirst()).status() & 3);
  }

  @Test
  void aBoardWithoutThemSaysSo() {
    PeripheralViews views = new PeripheralViews(new Machine(BARE));
    assertTrue(assertThrows(BadInput.class, views::ide).getMessage().contains("give it a disk"));
    assertThrows(BadInput.class, views::pci);
    assertThrows(BadInput.class, views::virtio);
    assertEquals(List.of(), views.disks().fields());
  }
}
