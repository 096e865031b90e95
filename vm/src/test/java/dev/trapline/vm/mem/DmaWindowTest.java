package dev.trapline.vm.mem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bus masters that reach for what is no memory. */
class DmaWindowTest {
  @Test
  void whatIsNoMemoryIsRefusedAndCountedByPages() {
    var memory = new PhysicalMemory(1 << 20);
    memory.addRam("ram", 0, 0x4000);
    memory.addRom("rom", 0x8000, new byte[] {1, 2, 3, 4});
    var window = new DmaWindow("disk", memory);
    byte[] data = new byte[0x2000];
    Arrays.fill(data, (byte) 7);
    window.write(0x1000, data, 0, data.length);
    window.read(0x8000, data, 0, 4);
    assertArrayEquals(new byte[] {1, 2, 3, 4}, Arrays.copyOf(data, 4));
    assertEquals(Optional.empty(), window.refused());
    window.write(0x3800, data, 0, 0x1800);
    window.write(0x8000, data, 0, 4);
    window.read(0x7ff8, data, 0, 16);
    assertEquals(new DmaWindow.Refused("disk", 0x4000, 1, 2), window.refused().orElseThrow());
    assertEquals(-1, data[0], "nobody answers");
    assertEquals(1, memory.read(0x8000, 1), "a ROM stays as it is");
    assertEquals(7, memory.read(0x3fff, 1), "what is memory was written");
  }

  /** The IDE controller's bus master is given a descriptor table that is nowhere. */
  @Test
  void theMachineSaysWhichDeviceItWas() {
    Machine m = new Machine(MachineConfig.standard().withMemory(16 << 20).withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.flat("loop", new byte[] {(byte) 0xeb, (byte) 0xfe}, 0x100000, 32))
        .withDrive(Drive.of(Drive.Attachment.IDE, "disk", new byte[1 << 20])));
    m.ports().out(0xcf8, 4, 0x80000904 & ~0xff | 0x20);
    int master = m.ports().in(0xcfc, 4) & ~3;
    m.ports().out(0xcf8, 4, 0x80000904);
    m.ports().out(0xcfc, 2, 5);
    m.ports().out(master + 4, 4, 0x0800_0000);
    for (int[] register : new int[][] {{0x1f6, 0xe0}, {0x1f2, 1}, {0x1f3, 0}, {0x1f4, 0}, {0x1f5, 0}, {0x1f7, 0xc8}}) {
      m.ports().out(register[0], 1, register[1]);
    }
    m.ports().out(master, 1, 9);
    m.run(2_000_000);
    assertEquals(List.of("ide"), m.refusedDma().stream().map(DmaWindow.Refused::device).toList());
    assertEquals(0x0800_0000, m.refusedDma().getFirst().first());
  }
}
