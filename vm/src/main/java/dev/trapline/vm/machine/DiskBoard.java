package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.disk.AtaDisk;
import dev.trapline.vm.device.disk.CdRom;
import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.device.disk.Floppy;
import dev.trapline.vm.device.disk.IdeController;
import dev.trapline.vm.device.disk.ImageException;
import dev.trapline.vm.device.disk.IsaDma;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.mem.DmaWindow;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The board's disk controllers: IDE (00:01.1), floppy and ISA DMA, with the drives of the configuration. Disks take the primary
 * channel, then the secondary one; CD-ROM drives the secondary one first, as buyers of PCs found them.
 */
final class DiskBoard {
  private static final int FLOPPY_IRQ = 6;
  private static final int PRIMARY_IRQ = 14;
  private static final int SECONDARY_IRQ = 15;
  private static final int[] DISK_PLACES = {0, 1, 2, 3};
  private static final int[] CD_PLACES = {2, 3, 1, 0};

  private final DmaWindow isaWindow;
  private final DmaWindow ideWindow;
  private final IsaDma dma;
  private final Floppy floppy;
  private final IdeController ide;
  private final List<Medium> media = new ArrayList<>();
  private final boolean[] taken = new boolean[4];
  private int diskettes;

  DiskBoard(PortMap ports, PhysicalMemory memory, Scheduler scheduler, long perSecond, IntFunction<IrqLine> irq, PciBus bus, List<Drive> drives) {
    this.isaWindow = new DmaWindow("isa-dma", memory);
    this.ideWindow = new DmaWindow("ide", memory);
    this.dma = new IsaDma(isaWindow);
    this.floppy = new Floppy(scheduler, perSecond, dma, irq.apply(FLOPPY_IRQ));
    this.ide = new IdeController(scheduler, perSecond, ideWindow, irq.apply(PRIMARY_IRQ), irq.apply(SECONDARY_IRQ));
    dma.connect(ports);
    floppy.connect(ports);
    ide.connect(ports);
    bus.add(1, 1, ide);
    drives.stream().filter(d -> d.attachment() == Drive.Attachment.IDE).forEach(this::add);
    drives.stream().filter(d -> d.attachment() != Drive.Attachment.IDE).forEach(this::add);
  }

  private void add(Drive drive) {
    if (drive.attachment() == Drive.Attachment.VIRTIO) {
      return;
    }
    try {
      attach(drive, drive.open());
    } catch (ImageException e) {
      throw new BootException(e.getMessage());
    }
  }

  private void attach(Drive drive, DiskImage image) {
    switch (drive.attachment()) {
      case FLOPPY -> diskette(drive, image);
      case CDROM -> {
        int place = place(drive, CD_PLACES);
        ide.attach(place >> 1, place & 1, new CdRom("cd" + place, medium("cd" + place + ".disc", image, true)));
      }
      default -> {
        int place = place(drive, DISK_PLACES);
        Medium m = medium("hd" + place + ".disk", image, false);
        ide.attach(place >> 1, place & 1, new AtaDisk("hd" + place, m, String.format("TL%05d", place + 1)));
      }
    }
  }

  private void diskette(Drive drive, DiskImage image) {
    if (diskettes == 2) {
      throw BootException.of("%s: two diskette drives are the most", drive.name());
    }
    floppy.insert(diskettes, medium("fd" + diskettes + ".disk", image, false));
    diskettes++;
  }

  private Medium medium(String name, DiskImage image, boolean readOnly) {
    Medium m = new Medium(name, image, readOnly);
    media.add(m);
    return m;
  }

  private int place(Drive drive, int[] order) {
    for (int p : order) {
      if (!taken[p]) {
        taken[p] = true;
        return p;
      }
    }
    throw BootException.of("%s: four IDE drives are the most", drive.name());
  }

  /** The controllers' ways to memory. */
  List<DmaWindow> windows() {
    return List.of(isaWindow, ideWindow);
  }

  IdeController ide() {
    return ide;
  }

  Floppy floppy() {
    return floppy;
  }

  /** What lies in the drives, in the order they were attached. */
  List<Medium> media() {
    return List.copyOf(media);
  }

  /** CMOS byte 10h: types of the diskette drives. */
  int disketteTypes() {
    return floppy.driveType(0) << 4 | floppy.driveType(1);
  }

  /** CMOS byte 14h bits 6, 7 and 0: diskette drives. */
  int equipment() {
    return diskettes == 0 ? 0 : diskettes - 1 << 6 | 1;
  }

  /** What has state, in the order of loading. */
  List<Stateful<?>> components() {
    var all = new ArrayList<Stateful<?>>(media);
    all.addAll(List.of(dma, floppy));
    all.addAll(ide.components());
    return all;
  }

  /** What firmware does: both channels at their ports, DMA channel 4 passes the first controller's requests on. */
  void prepare(PortMap ports) {
    int devfn = 1 << 3 | 1;
    ports.out(0xcf8, 4, 0x80000000 | devfn << 8 | IdeController.IDETIM);
    ports.out(0xcfc, 4, IdeController.DECODE_ENABLE << 16 | IdeController.DECODE_ENABLE);
    ports.out(0xcf8, 4, 0);
    ports.out(0xd6, 1, 0xc0);
    ports.out(0xd4, 1, 0);
  }

  /** Power-on; what was written to disks stays. */
  void reset() {
    dma.reset();
    floppy.reset();
  }
}
