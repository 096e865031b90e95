package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Programs for the tests: guestbench from the resources, small ones assembled here, ELF files put together. */
public final class Guests {
  private static final Assembler ASSEMBLER = new Assembler(X86.set());

  private Guests() {}

  public static byte[] resource(String name) {
    try (InputStream in = Guests.class.getResourceAsStream("/guestbench/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] assemble(String source) {
    return ASSEMBLER.assemble(source).bytes();
  }

  /** An executable ELF file with one segment that holds {@code code} and starts there. */
  static byte[] elf(boolean wide, long address, byte[] code) {
    int header = wide ? 64 : 52;
    int program = wide ? 56 : 32;
    ByteBuffer b = ByteBuffer.allocate(header + program + code.length).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0x464c457f).put((byte) (wide ? 2 : 1)).put((byte) 1).put((byte) 1).position(16);
    b.putShort((short) 2).putShort((short) (wide ? 62 : 3)).putInt(1);
    if (wide) {
      b.putLong(address).putLong(header).putLong(0);
    } else {
      b.putInt((int) address).putInt(header).putInt(0);
    }
    b.putInt(0).putShort((short) header).putShort((short) program).putShort((short) 1);
    b.position(header);
    long[] words = {header + program, address, address, code.length, code.length};
    b.putInt(1);
    if (wide) {
      b.putInt(7);
    }
    for (long w : words) {
      if (wide) {
        b.putLong(w);
      } else {
        b.putInt((int) w);
      }
    }
    if (!wide) {
      b.putInt(7).putInt(4);
    }
    b.position(header + program);
    return b.put(code).array();
  }

  /** A machine and everything it prints. */
  static final class Run {
    final StringBuilder text = new StringBuilder();
    final Machine machine;

    Run(MachineConfig config) {
      machine = new Machine(config);
      machine.console(b -> text.append((char) b));
    }

    static Run of(BootImage image) {
      return new Run(MachineConfig.standard().withMemory(32L << 20).withImage(image));
    }

    String text() {
      return text.toString().replace("\r", "");
    }
  }
}
