package dev.trapline.vm.device.disk;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;

/**
 * The IDE function of the Intel 82371SB (PIIX3): two channels at the ports of the AT, each with a bus master behind base address
 * register 4. A channel's ports answer while its timing register has the decode bit and the command register I/O.
 *
 * <p>Datasheet: Intel 82371FB/82371SB (290550), 2.3 "PCI Configuration Registers, IDE (Function 1)", 2.7 "PCI Bus Master IDE I/O".
 */
public final class IdeController extends PciFunction {
  /** IDE timing registers of the primary and secondary channel. */
  public static final int IDETIM = 0x40;
  /** In an IDE timing register: the channel's ports answer. */
  public static final int DECODE_ENABLE = 0x8000;
  private static final int SIDETIM = 0x44;
  private static final int BMIBA = 4;
  private static final int[] COMMAND_BLOCK = {0x1f0, 0x170};
  private static final int[] CONTROL_BLOCK = {0x3f4, 0x374};

  private final AtaChannel[] channels = new AtaChannel[2];

  /**
   * @param primary IRQ 14
   * @param secondary IRQ 15
   */
  public IdeController(Scheduler scheduler, long perSecond, DmaPort memory, IrqLine primary, IrqLine secondary) {
    super("ide", 0x8086, 0x7010, 0x010180, 0);
    channels[0] = channel("ide0", scheduler, perSecond, memory, primary);
    channels[1] = channel("ide1", scheduler, perSecond, memory, secondary);
    set(STATUS, 2, 0x280);
    allow(COMMAND, 2, COMMAND_IO | COMMAND_MASTER);
    allow(IDETIM, 4, 0xffffffff);
    allow(SIDETIM, 1, 0xff);
    ioBar(BMIBA, "bus-master", 16, new BusMasterPorts());
  }

  private AtaChannel channel(String name, Scheduler scheduler, long perSecond, DmaPort memory, IrqLine irq) {
    return new AtaChannel(name, scheduler, perSecond, irq, new BusMaster(memory, this::isMaster));
  }

  private final class BusMasterPorts implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return channels[offset >> 3].busMaster().in(offset & 7, bytes);
    }

    @Override
    public void out(int offset, int bytes, int value) {
      channels[offset >> 3].busMaster().out(offset & 7, bytes, value);
    }
  }

  /** Puts a device on a channel (0 or 1) as device 0 or 1. */
  public void attach(int channel, int device, AtaDisk disk) {
    channels[channel].attach(device, disk);
  }

  /** Puts a CD-ROM drive on a channel (0 or 1) as device 0 or 1. */
  public void attach(int channel, int device, CdRom drive) {
    channels[channel].attach(device, drive);
  }

  /** Connects the channels' ports. */
  public void connect(PortMap ports) {
    for (int i = 0; i < channels.length; i++) {
      int timing = IDETIM + 2 * i;
      channels[i].connect(ports, COMMAND_BLOCK[i], CONTROL_BLOCK[i],
          () -> (config(COMMAND, 2) & COMMAND_IO) != 0 && (config(timing, 2) & DECODE_ENABLE) != 0);
    }
  }

  /** What has state beside configuration space: devices, then channels. */
  public List<Stateful<?>> components() {
    var all = new ArrayList<Stateful<?>>();
    for (AtaChannel c : channels) {
      for (int i = 0; i < 2; i++) {
        if (c.device(i) != null) {
          all.add(c.device(i));
        }
      }
      all.add(c);
    }
    return all;
  }

  @Override
  protected void powerOn() {
    for (AtaChannel c : channels) {
      c.powerOn();
    }
  }
}
