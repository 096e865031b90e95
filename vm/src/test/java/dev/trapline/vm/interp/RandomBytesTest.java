package dev.trapline.vm.interp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.CpuState;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random byte strings in each mode: the machine executes something, raises a defined exception or shuts down; nothing
 * escapes into Java and nothing hangs. A sample here, ten million for each mode with {@code -Dtrapline.full=true}.
 */
class RandomBytesTest {
  private static final int CASES = Boolean.getBoolean("trapline.full") ? 10_000_000 : 25_000;
  private static final int STEPS = 6;
  private static final long MEMORY = 4 << 20;
  private static final int GDT = 0x2000;
  private static final int IDT = 0x3000;
  private static final int TSS = 0x5000;
  private static final int HANDLER = 0x8000;
  private static final int TABLES = 0x10000;
  private static final int CODE = 0x20000;
  private static final int STACK = 0x30000;
  private static final int IMAGE = TABLES + 0x4000;
  private static final int REFRESH = 64;

  private enum Mode { REAL, V86, PROTECTED16, PROTECTED32, COMPATIBILITY, LONG }

  private final PhysicalMemory memory = new PhysicalMemory(MEMORY);
  private final Cpu cpu = new Cpu(memory, new Ports(), new Quiet());
  private final Interpreter interpreter = new Interpreter(cpu);
  private final CpuState reset = cpu.state();
  private final Map<Mode, byte[]> images = new EnumMap<>(Mode.class);

  RandomBytesTest() {
    memory.addRam("ram", 0, MEMORY);
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.HOURS)
  void randomBytesGiveAResultOrADefinedException() {
    var random = new SplittableRandom(20230915);
    for (Mode mode : Mode.values()) {
      images.put(mode, image(mode));
    }
    for (int i = 0; i < CASES; i++) {
      for (Mode mode : Mode.values()) {
        if (i % REFRESH == 0) {
          memory.poke(0, images.get(mode), 0, IMAGE);
        }
        tryOne(mode, i, random.split());
      }
    }
    assertTrue(interpreter.shapes() > 0);
  }

  private void tryOne(Mode mode, int number, SplittableRandom random) {
    byte[] bytes = bytes(random);
    prepare(mode, random);
    memory.poke(CODE, bytes, 0, bytes.length);
    long before = cpu.count;
    try {
      interpreter.run(STEPS);
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError(mode + " case " + number + ": " + HexFormat.of().formatHex(bytes), e);
    }
    assertTrue(cpu.count - before <= STEPS, () -> mode + " case " + number + " ran too far: " + HexFormat.of().formatHex(bytes));
  }

  /** Half of the strings start with escapes and prefixes, so that the large maps are reached as often as the first. */
  private static byte[] bytes(SplittableRandom random) {
    byte[] b = new byte[32];
    for (int i = 0; i < b.length; i += 8) {
      long v = random.nextLong();
      for (int j = 0; j < 8; j++) {
        b[i + j] = (byte) (v >>> 8 * j);
      }
    }
    int[] prefixes = {0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x64, 0x48, 0x4c};
    int n = 0;
    if (random.nextBoolean()) {
      while (random.nextInt(3) == 0) {
        b[n++] = (byte) prefixes[random.nextInt(prefixes.length)];
      }
      b[n++] = 0x0f;
      if (random.nextInt(4) == 0) {
        b[n] = (byte) (random.nextBoolean() ? 0x38 : 0x3a);
      }
    }
    return b;
  }

  // ---- the machine before each case

  private void prepare(Mode mode, SplittableRandom random) {
    cpu.state(reset);
    boolean user = mode == Mode.V86 || mode != Mode.REAL && random.nextBoolean();
    boolean paged = mode == Mode.LONG || mode == Mode.COMPATIBILITY;
    if (mode != Mode.REAL) {
      cpu.cr0 |= 1;
    }
    cpu.cr4 = 0x600 | (paged ? 0x20 : 0);
    cpu.cr3 = TABLES;
    cpu.efer = paged ? 0xd01 : 1;
    cpu.gdtBase = GDT;
    cpu.gdtLimit = 0x7f;
    cpu.idtBase = mode == Mode.REAL ? 0 : IDT;
    cpu.idtLimit = 0xfff;
    cpu.tr.set(0x28, TSS, 0x2067, 0x8b);
    cpu.ldtr.unusable = true;
    cpu.cpl = user ? 3 : 0;
    segments(mode, user);
    cpu.cr0 |= paged ? 0x80000000L : 0;
    cpu.state(cpu.state()); // the translation regime follows from the registers
    for (int i = 0; i < 16; i++) {
      cpu.r[i] = value(random, mode);
    }
    cpu.r[Cpu.RSP] = mode == Mode.REAL || mode == Mode.V86 ? 0xf000 : STACK + 0x800;
    cpu.rflags(random.nextInt() & 0x0cd5 | (mode == Mode.V86 ? Cpu.VM : 0) | random.nextInt() & Cpu.IOPL);
    cpu.rip = mode == Mode.REAL || mode == Mode.V86 ? 0 : CODE;
    cpu.modeChanged();
  }

  private void segments(Mode mode, boolean user) {
    int privilege = user ? 0x60 : 0;
    for (int i = 0; i < 6; i++) {
      boolean code = i == Cpu.CS;
      switch (mode) {
        case REAL, V86 -> cpu.seg[i].set(code ? CODE >> 4 : STACK >> 4, code ? CODE : STACK, 0xffff, mode == Mode.V86 ? 0xf3 : code ? 0x9b : 0x93);
        case PROTECTED16 -> cpu.seg[i].set(code ? 8 : 0x10, 0, 0xfffff, (code ? 0x9b : 0x93) | privilege);
        case PROTECTED32, COMPATIBILITY -> cpu.seg[i].set((code ? 8 : 0x10) | (user ? 3 : 0), 0, 0xffffffffL, (code ? 0xc09b : 0xc093) | privilege);
        case LONG -> cpu.seg[i].set((code ? 0x18 : 0x10) | (user ? 3 : 0), 0, 0xffffffffL, (code ? 0xa09b : 0xc093) | privilege);
      }
    }
  }

  private static long value(SplittableRandom random, Mode mode) {
    long v = switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt(256) - 128;
      case 2 -> STACK + random.nextInt(0x1000);
      default -> random.nextInt(0x10000);
    };
    return mode == Mode.LONG ? v : v & 0xffffffffL;
  }

  // ---- tables

  /** Low memory: interrupt tables whose every entry leads to a HLT, descriptors, a task, identity page tables. */
  private static byte[] image(Mode mode) {
    ByteBuffer b = ByteBuffer.allocate(IMAGE).order(ByteOrder.LITTLE_ENDIAN);
    boolean long64 = mode == Mode.LONG || mode == Mode.COMPATIBILITY;
    for (int v = 0; v < 256; v++) {
      if (mode == Mode.REAL) {
        b.putInt(4 * v, HANDLER);
      } else if (long64) {
        b.putLong(IDT + 16 * v, gate(0x18, v)).putLong(IDT + 16 * v + 8, 0);
      } else {
        b.putLong(IDT + 8 * v, gate(8, v));
      }
    }
    long[] descriptors = {0, 0x00cf9b000000ffffL, 0x00cf93000000ffffL, 0x00af9b000000ffffL, 0, 0x00008b0050002067L, 0,
        0x00cffb000000ffffL, 0x00cff3000000ffffL, 0x00affb000000ffffL, 0x0000ec0800088000L, 0x00009b000000ffffL};
    for (int i = 0; i < descriptors.length; i++) {
      b.putLong(GDT + 8 * i, descriptors[i]);
    }
    b.putInt(TSS + 4, STACK - 0x100).putInt(TSS + 8, long64 ? 0 : 0x10).putShort(TSS + 102, (short) 104);
    b.put(HANDLER, (byte) 0xf4);
    b.putLong(TABLES, TABLES + 0x1007).putLong(TABLES + 0x1000, TABLES + 0x2007);
    for (int i = 0; i < 2; i++) {
      b.putLong(TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x87);
    }
    return b.array();
  }

  private static long gate(int selector, int vector) {
    long type = vector == 3 || vector == 4 ? 0xee00 : 0x8e00;
    return (long) selector << 16 | HANDLER & 0xffff | (type | (long) HANDLER & 0xffff0000L) << 32;
  }

  // ---- the decoder alone

  @Test
  void theDecoderStaysWithinFifteenBytes() {
    var random = new SplittableRandom(7);
    Decoder decoder = new Decoder(X86.set());
    int tooLong = 0;
    for (int i = 0; i < CASES * 4; i++) {
      byte[] bytes = bytes(random);
      try {
        Insn in = decoder.decode(ByteSource.of(bytes, 0), CodeSize.values()[i % 3]);
        assertTrue(in == null || in.length >= 1 && in.length <= Decoder.MAX_LENGTH, () -> HexFormat.of().formatHex(bytes));
      } catch (Decoder.TooLong e) {
        tooLong++;
      }
    }
    assertEquals(0, tooLong / (CASES / 10), "prefixes alone rarely fill fifteen bytes");
  }

  // ---- surroundings

  private static final class Ports implements PortBus {
    @Override
    public int in(int port, int bytes) {
      return port * 0x01010101;
    }

    @Override
    public void out(int port, int bytes, int value) {
      // Nothing is connected.
    }
  }

  private static final class Quiet implements InterruptSource {
    @Override
    public boolean pending() {
      return false;
    }

    @Override
    public int acknowledge() {
      throw new IllegalStateException("no interrupt to acknowledge");
    }
  }
}
