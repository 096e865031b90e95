package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Multiboot 1 and 2 and PVH: what a kernel finds at its entry, field by field as the specifications number them. */
class BootProtocolsTest {
  private static final long LOAD = 0x200000;
  private static final byte[] FIRST = {1, 2, 3};
  private static final byte[] SECOND = new byte[5000];

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Machine machine(BootImage image, MachineConfig.Platform board) {
    return new Machine(MachineConfig.standard().withMemory(16 << 20).withPlatform(board).withImage(image));
  }

  private static ByteBuffer memory(Machine m, long at, int n) {
    byte[] b = new byte[n];
    m.memory().peek(at, b, 0, n);
    return ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(Machine m, long at) {
    StringBuilder s = new StringBuilder();
    for (long p = at; m.memory().read(p, 1) != 0; p++) {
      s.append((char) m.memory().read(p, 1));
    }
    return s.toString();
  }

  private static void flat32(Machine m, long entry) {
    Cpu c = m.cpu();
    assertEquals(entry, c.rip);
    assertEquals(1, c.cr0 & 0x80000001L, "protected mode, paging off");
    assertEquals(0, c.seg[Cpu.DS].base);
  }

  private static BootImage withModules(byte[] file) {
    return BootImage.auto("kernel", file, "a b").withModule("one x", FIRST).withModule("two", SECOND);
  }

  // ---- multiboot 1

  private static byte[] multiboot1() {
    return little(4096).putInt(0x1badb002).putInt(0x10003).putInt(-(0x1badb002 + 0x10003)).putInt((int) LOAD).putInt((int) LOAD).putInt(0)
        .putInt((int) LOAD + 0x3000).putInt((int) LOAD + 64).array();
  }

  @Test
  void multibootOneGivesModulesBehindTheKernel() {
    Machine m = machine(withModules(multiboot1()), MachineConfig.Platform.MINIMAL);
    flat32(m, LOAD + 64);
    assertEquals(0x2badb002L, m.cpu().r[Cpu.RAX] & 0xffffffffL);
    ByteBuffer info = memory(m, m.cpu().r[Cpu.RBX], 120);
    assertEquals(8, info.getInt(0) & 8);
    assertEquals(2, info.getInt(20));
    ByteBuffer mods = memory(m, info.getInt(24), 32);
    assertEquals(LOAD + 0x3000, mods.getInt(0), "behind the zeroed part, on a page");
    assertEquals(LOAD + 0x3003, mods.getInt(4));
    assertEquals("one x", text(m, mods.getInt(8)));
    assertEquals(LOAD + 0x4000, mods.getInt(16));
    assertEquals(LOAD + 0x4000 + SECOND.length, mods.getInt(20));
    assertEquals("two", text(m, mods.getInt(24)));
    assertArrayEquals(FIRST, memory(m, LOAD + 0x3000, 3).array());
  }

  @Test
  void modulesThatDoNotFitAreRefused() {
    BootImage big = BootImage.auto("kernel", multiboot1(), "").withModule("big", new byte[15 << 20]);
    BootException e = assertThrows(BootException.class, () -> machine(big, MachineConfig.Platform.MINIMAL));
    assertTrue(e.getMessage().contains("'big'"), e.getMessage());
  }

  // ---- multiboot 2

  private static byte[] multiboot2(int extraTag, int extraFlags) {
    int length = 16 + 24 + 16 + 16 + 8;
    ByteBuffer b = little(4096).putInt(0xe85250d6).putInt(0).putInt(length).putInt(-(0xe85250d6 + length));
    b.putShort((short) 2).putShort((short) 0).putInt(24).putInt((int) LOAD).putInt((int) LOAD).putInt(0).putInt((int) LOAD + 0x2000);
    b.putShort((short) 3).putShort((short) 0).putInt(12).putInt((int) LOAD + 128).putInt(0);
    b.putShort((short) extraTag).putShort((short) extraFlags).putInt(16).putLong(6);
    b.putShort((short) 0).putShort((short) 0).putInt(8);
    return b.array();
  }

  private static TreeMap<Integer, ByteBuffer> tags(Machine m) {
    long at = m.cpu().r[Cpu.RBX];
    assertEquals(0, at & 7);
    int total = (int) m.memory().read(at, 4);
    ByteBuffer all = memory(m, at, total);
    var out = new TreeMap<Integer, ByteBuffer>();
    for (int p = 8; p < total; p = p + all.getInt(p + 4) + 7 & ~7) {
      out.putIfAbsent(all.getInt(p), all.slice(p + 8, all.getInt(p + 4) - 8).order(ByteOrder.LITTLE_ENDIAN));
    }
    return out;
  }

  private static String string(ByteBuffer b, int at) {
    byte[] rest = new byte[b.limit() - at - 1];
    b.get(at, rest);
    return new String(rest, StandardCharsets.US_ASCII);
  }

  @Test
  void multibootTwoGivesTags() {
    Machine m = machine(withModules(multiboot2(1, 0)), MachineConfig.Platform.PC);
    flat32(m, LOAD + 128);
    assertEquals(0x36d76289L, m.cpu().r[Cpu.RAX] & 0xffffffffL);
    TreeMap<Integer, ByteBuffer> tags = tags(m);
    assertEquals("a b", string(tags.get(1), 0));
    assertEquals("Trapline", string(tags.get(2), 0));
    assertEquals(LOAD + 0x2000, tags.get(3).getInt(0));
    assertEquals("one x", string(tags.get(3), 8));
    assertEquals(640, tags.get(4).getInt(0));
    assertEquals(24, tags.get(6).getInt(0));
    assertEquals("RSD PTR ", string(tags.get(14), 0).substring(0, 8));
    assertEquals(36, tags.get(15).limit());
    assertTrue(tags.containsKey(0), "the end");
  }

  @Test
  void multibootTwoHeadersAreCheckedForWhatTheyAsk() {
    BootException e = assertThrows(BootException.class,
        () -> machine(BootImage.auto("kernel", multiboot2(5, 0), ""), MachineConfig.Platform.MINIMAL));
    assertTrue(e.getMessage().contains("tag 5"), e.getMessage());
    machine(BootImage.auto("kernel", multiboot2(5, 1), ""), MachineConfig.Platform.MINIMAL);
    byte[] cut = java.util.Arrays.copyOf(multiboot2(1, 0), 50);
    assertThrows(BootException.class, () -> machine(BootImage.auto("kernel", cut, ""), MachineConfig.Platform.MINIMAL));
  }

  // ---- PVH

  /** An ELF64 file with a load segment and Xen's note behind another one's. */
  private static byte[] pvh() {
    ByteBuffer b = little(0x300);
    b.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1);
    b.position(16);
    b.putShort((short) 2).putShort((short) 62).putInt(1).putLong(0xffffffff80200000L).putLong(64).putLong(0).putInt(0);
    b.putShort((short) 64).putShort((short) 56).putShort((short) 2);
    b.position(64);
    b.putInt(1).putInt(7).putLong(0x200).putLong(0xffffffff80200000L).putLong(LOAD).putLong(0x100).putLong(0x1000).putLong(0x1000);
    b.putInt(4).putInt(4).putLong(0x100).putLong(0).putLong(0).putLong(0x2c).putLong(0x2c).putLong(4);
    b.position(0x100);
    b.putInt(4).putInt(4).putInt(18).putInt(0x00554e47).putInt(7);
    b.putInt(4).putInt(8).putInt(18).putInt(0x006e6558).putLong(LOAD + 0x40);
    return b.array();
  }

  @Test
  void pvhGivesStartInformation() {
    BootImage image = withModules(pvh()).withInitrd(new byte[] {9, 9});
    assertEquals(BootImage.Kind.PVH, image.resolvedKind());
    Machine m = machine(image, MachineConfig.Platform.PC);
    flat32(m, LOAD + 0x40);
    ByteBuffer info = memory(m, m.cpu().r[Cpu.RBX], 56);
    assertEquals(0x336ec578, info.getInt(0));
    assertEquals(1, info.getInt(4));
    assertEquals(3, info.getInt(12), "the RAM disk comes first");
    ByteBuffer modules = memory(m, info.getLong(16), 96);
    assertEquals(LOAD + 0x1000, modules.getLong(0));
    assertEquals(2, modules.getLong(8));
    assertEquals("two", text(m, modules.getLong(64 + 16)));
    assertEquals("a b", text(m, info.getLong(24)));
    assertEquals("RSD PTR ", text(m, info.getLong(32)).substring(0, 8));
    ByteBuffer map = memory(m, info.getLong(40), 24 * info.getInt(48));
    assertEquals(0xa0000, map.getLong(8));
    assertEquals(1, map.getInt(16));
  }
}
