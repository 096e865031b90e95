package dev.trapline.vm.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuTypeTest {
  private static final int START = 0x100000;

  /** How a machine ends that runs these bytes in protected mode, then writes 1 to isa-debug-exit; every exception is a triple fault. */
  private static Outcome run(String type, int... code) {
    byte[] bytes = new byte[code.length + 5];
    for (int i = 0; i < code.length; i++) {
      bytes[i] = (byte) code[i];
    }
    byte[] exit = {(byte) 0xb0, 1, (byte) 0xe6, (byte) 0xf4, (byte) 0xf4};
    System.arraycopy(exit, 0, bytes, code.length, exit.length);
    Machine m = new Machine(MachineConfig.standard().withMemory(4 << 20).withCpu(CpuType.parse(type))
        .withImage(BootImage.flat("code", bytes, START, 32)));
    return m.run(10_000);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "486 | pentium | 0f 31", // RDTSC
    "486 | pentium | 0f c7 0d 00 00 20 00", // CMPXCHG8B
    "pentium | 686 | 0f 44 c1", // CMOVE
    "pentium | 686 | 0f 77", // EMMS
    "pentium | 686 | 31 c9 31 d2 b9 74 01 00 00 0f 32", // RDMSR SYSENTER_CS
    "686 | x86-64 | 0f 20 e0 0d 00 02 00 00 0f 22 e0 0f 57 c0", // CR4.OSFXSR, XORPS
    "686 | x86-64 | b9 80 00 00 c0 0f 32", // RDMSR EFER
    "x86-64 | x86-64-v2 | f3 0f b8 c1", // POPCNT
    "x86-64-v2 | max | 0f 20 e0 0d 00 00 10 00 0f 22 e0", // CR4.SMEP
    "max,-tsc | max | 0f 31",
    "max,-pae | max | 0f 20 e0 0d 20 00 00 00 0f 22 e0",
    "max,-nx | max | b9 80 00 00 c0 31 d2 b8 00 08 00 00 0f 30",
    "max,-pat | max | b9 77 02 00 00 0f 32",
    "486 | 486,+tsc | 0f 31"})
  void whatAProcessorDoesNotHaveFaults(String without, String with, String hex) {
    int[] code = java.util.Arrays.stream(hex.trim().split(" ")).mapToInt(h -> Integer.parseInt(h, 16)).toArray();
    assertTrue(run(without, code) instanceof Outcome.TripleFault, without);
    assertTrue(run(with, code) instanceof Outcome.Exit, with);
  }

  @Test
  void cpuidSaysNoMoreThanThereIs() {
    for (CpuType t : CpuType.all()) {
      Cpuid cpuid = new Cpuid(new CpuModel(0, 1, true, 0, t));
      assertEquals(t.features(), java.util.Set.copyOf(cpuid.bits().stream().map(Cpuid.Bit::name).toList()), t.name());
      Cpu c = new Machine(MachineConfig.standard().withMemory(1 << 20).withCpu(t)).cpu();
      assertEquals(t.signature(), c.cpuid.leaf(c, 1, 0).eax());
      assertEquals(t.signature(), (int) c.r[Cpu.RDX]);
      assertEquals(t.extended(), c.cpuid.leaf(c, 0x80000000, 0).eax() != 0);
    }
    assertEquals(CpuType.MAX.features().size(), Cpuid.features().size());
  }

  @Test
  void whatBuildsOnAFeatureGoesAndComesWithIt() {
    CpuType noSse = CpuType.parse("max,-sse");
    assertFalse(noSse.has("sse4_2"));
    assertFalse(noSse.has("aes"));
    assertTrue(noSse.has("fxsr"));
    CpuType some = CpuType.parse("486,+sse2");
    assertTrue(some.has("fxsr") && some.has("sse"));
    assertFalse(new Cpuid(new CpuModel(0, 1, true, 0, CpuType.parse("max,-lm"))).has(Feature.LM));
    assertEquals(CpuType.parse("max,-sse4_2"), CpuType.parse("max,-SSE4.2"));
    assertEquals(CpuType.parse("max,-sse4_2"), CpuType.parse("max,-sse42"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "i9", "max,", "max,sse", "max,+avx", "max,-fpu", "max,+"})
  void whatThereIsNotIsRefusedWithAList(String text) {
    String message = assertThrows(IllegalArgumentException.class, () -> CpuType.parse(text)).getMessage();
    assertFalse(message.isBlank());
    assertTrue(!text.contains("avx") || message.contains("sse4_2"), message);
  }
}
