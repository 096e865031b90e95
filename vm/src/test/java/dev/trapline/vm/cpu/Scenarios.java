package dev.trapline.vm.cpu;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.mem.PhysicalMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Runs a test program on a bare processor in real mode and collects what it prints on COM1. */
final class Scenarios {
  private static final int LOAD = 0x10000;
  private static final int MEMORY = 1 << 20;
  private static final String END = "#end\n";

  private final StringBuilder output = new StringBuilder();
  final Cpu cpu;
  private final Interpreter engine;

  private Scenarios(byte[] image) {
    PhysicalMemory memory = new PhysicalMemory(1L << 32);
    memory.addRam("ram", 0, 8 * MEMORY);
    memory.poke(LOAD, image, 0, image.length);
    this.cpu = new Cpu(memory, new Serial(), new NoInterrupts());
    cpu.reset();
    cpu.seg[Cpu.CS].set(LOAD >> 4, LOAD, 0xffff, 0x9b);
    cpu.rip = 0;
    cpu.modeChanged();
    this.engine = new Interpreter(cpu);
  }

  /** The output of a program, given as the resource of its source, within a number of instructions. */
  static List<String> run(String source, long limit) throws IOException {
    var options = new Assembler.Options(Map.of(), CodeSize.BITS16);
    return runImage(new Assembler(X86.set()).assemble(source, (name, from) -> bytes(name), options).bytes(), limit);
  }

  static List<String> runImage(byte[] image, long limit) {
    Scenarios s = new Scenarios(image);
    while (s.output.indexOf(END, Math.max(0, s.output.length() - 100)) < 0 && s.cpu.count < limit && !s.cpu.shutdown && !s.cpu.halted) {
      s.engine.run(100_000);
    }
    if (s.cpu.shutdown) {
      s.output.append("\n").append(s.cpu.shutdownReason);
    }
    return s.output.toString().lines().toList();
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = Scenarios.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** Lines of a compressed resource. */
  static List<String> expected(String name) throws IOException {
    try (InputStream in = new GZIPInputStream(Scenarios.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  /** Corrections to a record by line number; lines that begin with # are their reasons. */
  static Map<Integer, String> corrections(String name) throws IOException {
    Map<Integer, String> map = new HashMap<>();
    for (String line : new String(bytes(name), StandardCharsets.UTF_8).lines().toList()) {
      if (!line.startsWith("#")) {
        int tab = line.indexOf('\t');
        map.put(Integer.parseInt(line.substring(0, tab)), line.substring(tab + 1));
      }
    }
    return map;
  }

  /** COM1 that is always ready; other ports read 0. */
  private final class Serial implements PortBus {
    @Override
    public int in(int port, int bytes) {
      return port == 0x3fd ? 0x20 : 0;
    }

    @Override
    public void out(int port, int bytes, int value) {
      if (port == 0x3f8 && (output.length() > 0 || value == '#')) {
        output.append((char) (value & 0xff));
      }
    }
  }

  private static final class NoInterrupts implements InterruptSource {
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
