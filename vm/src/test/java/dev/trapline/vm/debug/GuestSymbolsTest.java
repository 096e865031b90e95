package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.view.GateView;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Symbol tables in memory images made here after the layout of Linux 6.1's scripts/kallsyms. */
class GuestSymbolsTest {
  private static final int SYMBOLS = 1000;
  private static final long BASE64 = 0xffffffff9a000000L;
  private static final long BASE32 = 0xc7000000L;

  /** Token n is the character n, where it is printable. */
  private static PhysicalMemory memory(int word, long base, int at) {
    ByteBuffer b = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN).position(at);
    for (int i = 0; i < SYMBOLS; i++) {
      b.putInt(word == 4 ? 16 * i : i == 0 ? 0x20 : -1 - 16 * i);
    }
    align(b, word);
    b = word == 8 ? b.putLong(base) : b.putInt((int) base);
    b.putInt(SYMBOLS);
    align(b, word);
    int names = b.position();
    int[] marker = new int[(SYMBOLS + 255) / 256];
    for (int i = 0; i < SYMBOLS; i++) {
      if (i % 256 == 0) {
        marker[i / 256] = b.position() - names;
      }
      byte[] name = name(i).getBytes(StandardCharsets.ISO_8859_1);
      if (name.length + 1 > 127) {
        b.put((byte) (name.length + 1 | 0x80)).put((byte) (name.length + 1 >> 7));
      } else {
        b.put((byte) (name.length + 1));
      }
      b.put((byte) 'T').put(name);
    }
    align(b, word);
    for (int m : marker) {
      b.putInt(m);
    }
    align(b, word);
    short[] index = new short[256];
    int table = b.position();
    for (int t = 0; t < 256; t++) {
      index[t] = (short) (b.position() - table);
      if (t > ' ' && t < 127) {
        b.put((byte) t);
      }
      b.put((byte) 0);
    }
    align(b, word);
    for (short i : index) {
      b.putShort(i);
    }
    var memory = new PhysicalMemory(4 << 20);
    memory.addRam("ram", 0, 4 << 20);
    memory.poke(0x100000, b.array(), 0, b.capacity());
    return memory;
  }

  private static void align(ByteBuffer b, int word) {
    b.position(b.position() + word - 1 & -word);
  }

  private static Symbols symbols(PhysicalMemory memory) {
    return LinuxSymbols.ofGuest(memory, BootImage.flat("none", new byte[1], 0, 32), List.of());
  }

  private static String name(int i) {
    return i == 7 ? "long_".repeat(40) + i : "function_" + i;
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x10008, 0x7ff0})
  void theTableOf64BitKernelsIsFoundWhereverItLies(int at) {
    Symbols s = symbols(memory(8, BASE64, at));
    assertEquals(SYMBOLS - 1, s.size());
    assertTrue(s.address("function_0").isEmpty(), "a per-CPU offset is no address");
    assertEquals(0x20, s.perCpu("function_0").orElseThrow());
    assertEquals(BASE64 + 16 * 999, s.address("function_999").orElseThrow());
    assertEquals(BASE64 + 16 * 7, s.address(name(7)).orElseThrow());
    assertEquals("function_5+0x3", s.near(BASE64 + 16 * 5 + 3).toString());
  }

  @Test
  void theTableOf32BitKernelsHasPlainOffsets() {
    Symbols s = symbols(memory(4, BASE32, 0x44));
    assertEquals(SYMBOLS, s.size());
    assertEquals(BASE32, s.address("function_0").orElseThrow());
    assertEquals(BASE32 + 16 * 999, s.address("function_999").orElseThrow());
  }

  /** Unpacking leaves a copy of the kernel that was never moved. */
  @Test
  void ofTwoTablesTheRunningKernelsCounts() {
    var memory = memory(8, BASE64 - 0x1000000, 0x40);
    memory.poke(0x300000, bytes(BASE64), 0, 1 << 20);
    assertEquals(BASE64 + 16, Kallsyms.find(memory, n -> n.getOrDefault("function_1", 0L) == BASE64 + 16).names().get("function_1"));
    assertEquals(BASE64 - 0x1000000 + 16, Kallsyms.find(memory, n -> false).names().get("function_1"));
  }

  private static byte[] bytes(long base) {
    byte[] b = new byte[1 << 20];
    memory(8, base, 0x40).peek(0x100000, b, 0, b.length);
    return b;
  }

  @Test
  void memoryWithoutATableHasNoSymbols() {
    var memory = memory(8, 0x1000, 0x40);
    assertEquals(Map.of(), Kallsyms.find(memory, n -> true).names());
    BadInput unknown = assertThrows(BadInput.class, () -> symbols(memory));
    assertTrue(unknown.getMessage().contains("laid out in a way"), unknown.getMessage());
    assertNull(Kallsyms.find(new PhysicalMemory(1 << 20), n -> true));
    BadInput none = assertThrows(BadInput.class, () -> symbols(new PhysicalMemory(1 << 20)));
    assertTrue(none.getMessage().startsWith("no Linux symbol table"), none.getMessage());
  }

  @Test
  void systemMapLinesAreRead() {
    assertEquals(Map.of("_text", 0xffffffff81000000L, "small", 0xc1000000L),
        SystemMap.lines("ffffffff81000000 T _text\n0000000000000000 A fixed\nnonsense\nc1000000 t small [mod]\n"));
  }

  @Test
  void aFilesNamesMoveWithTheKernel() {
    Map<String, Long> names = Map.of("_text", 0xffffffff81000000L, "asm_exc_page_fault", 0xffffffff81c00be0L, "current_task", 0x1fb80L);
    var gate = new GateView(14, "#PF", "int64", 0x10, 0xffffffff9b200be0L, 0, true, 0, null);
    Symbols s = LinuxSymbols.ofFile("System.map", names, SourceLines.NONE, List.of(gate));
    assertEquals(0x19600000L, s.origin().slide());
    assertEquals(0xffffffff9a600000L, s.address("_text").orElseThrow());
    assertEquals("_text+0x10", s.near(0xffffffff9a600010L).toString());
    assertNull(s.near(0x1fb80L), "a per-CPU variable is no address: a program may be there");
    assertNull(s.near(0x7fff12345678L));
    assertNull(LinuxSymbols.ofFile("System.map", names, SourceLines.NONE, List.of()).origin().slide());
  }
}
