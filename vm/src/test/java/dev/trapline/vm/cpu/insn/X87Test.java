package dev.trapline.vm.cpu.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.interp.Kernels;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.softfloat.FpEnv;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the silicon recordings leave out: environment images, pending exceptions, FERR#, faults of stores. */
class X87Test {
  private static final int DATA = 0x2000;
  private final Cpu c = Kernels.flat32(1 << 20);
  private final Decoder decoder = new Decoder(X86.set());
  private long ip = 0x1000;

  @BeforeEach
  void initialise() {
    c.x87.initialise();
  }

  /** Executes one instruction, its bytes in hexadecimal; memory operands are [edi]. */
  private void run(String hex) {
    run(hex, CodeSize.BITS32);
  }

  private void run(String hex, CodeSize size) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    Insn in = decoder.decode(i -> code[i] & 0xff, size);
    assertEquals(code.length, in.length, hex);
    c.r[Cpu.RDI] = DATA;
    c.nextRip = ip + in.length;
    switch (in.row.sem()) {
      case Shape.Wide f -> f.f(c, in);
      case Shape.VC f -> f.f(c);
      case Shape.VCL f -> f.f(c, c.mem.read16(DATA));
      default -> throw new IllegalStateException(in.row.toString());
    }
    ip += in.length;
  }

  private void control(int word) {
    c.mem.write16(DATA, word);
    run("d9 2f");
  }

  private String words(int count) {
    var s = new StringBuilder();
    for (int i = 0; i < count; i++) {
      s.append("%04x ".formatted(c.mem.read16(DATA + 2 * i)));
    }
    return s.toString().trim();
  }

  private String doublewords(int count) {
    var s = new StringBuilder();
    for (int i = 0; i < count; i++) {
      s.append("%08x ".formatted(c.mem.read32(DATA + 4 * i)));
    }
    return s.toString().trim();
  }

  @Test
  void environmentOf32BitProtectedMode() {
    c.cr0 |= 0x20;
    run("dd 07"); // fld qword [edi] at 0x1000
    run("d9 e8"); // fld1 at 0x1002
    run("d9 37");
    assertEquals("ffff037f ffff3000 ffff4fff 00001002 01e80008 00002000 ffff0010", doublewords(7));
    assertEquals(0x37f, c.x87.controlWord());
  }

  @Test
  void environmentOf16BitProtectedMode() {
    run("dd 07");
    run("d9 e8");
    run("66 d9 37");
    assertEquals("037f 3000 4fff 1002 0008 2000 0010", words(7));
  }

  @Test
  void environmentOfRealModeHoldsLinearPointersAndTheOpcode() {
    realMode();
    c.seg[Cpu.CS].set(0xf000, 0xf0000, 0xffff, 0x9b);
    c.seg[Cpu.DS].set(0x1234, 0, 0xffff, 0x93);
    run("67 dd 07", CodeSize.BITS16); // fld qword [edi], DS 0x1234
    run("d9 e8", CodeSize.BITS16);
    run("67 d9 37", CodeSize.BITS16);
    assertEquals("037f 3000 4fff 1003 f1e8 4340 1000", words(7));
    run("67 66 d9 37", CodeSize.BITS16);
    assertEquals("ffff037f ffff3000 ffff4fff ffff1003 0000f1e8 ffff4340 00001000", doublewords(7));
  }

  private void realMode() {
    c.cr0 &= ~1L;
    c.modeChanged();
  }

  @Test
  void anEnvironmentSurvivesSavingAndLoading() {
    run("d9 eb");
    run("d9 ee");
    run("dc f9"); // fdiv st1,st0: division by zero, masked
    run("dd 37"); // fnsave
    assertEquals(0, c.x87.valid);
    run("dd 27"); // frstor
    assertEquals(0x3004, c.x87.statusWord());
    assertEquals(0x9fff, c.x87.tagWord());
    assertEquals(0x7fff, c.x87.signExp[7]);
  }

  @Test
  void theDataPointerOfFldzFnstenvFindsItsOwnAddress() {
    run("d9 ee");
    run("d9 37");
    assertEquals(0x1000, c.mem.read32(DATA + 12));
  }

  private void divideByZeroUnmasked() {
    control(0x37f & ~FpEnv.ZE);
    run("d9 e8");
    run("d9 ee");
    run("de f9"); // fdivp
  }

  @Test
  void anUnmaskedExceptionKeepsTheOperandsAndWaitsForTheNextWaitingInstruction() {
    c.cr0 |= 0x20;
    divideByZeroUnmasked();
    X87 f = c.x87;
    assertTrue(f.pending());
    assertEquals(X87.ES | X87.B | FpEnv.ZE | 6 << 11, f.statusWord());
    assertEquals(Fault.MF, assertThrows(Fault.class, () -> run("d9 e8")).vector);
    assertEquals(Fault.MF, assertThrows(Fault.class, () -> run("9b")).vector);
    run("d9 37"); // fnstenv does not wait, and masks everything
    assertFalse(f.pending());
    control(0x37f & ~FpEnv.ZE);
    assertTrue(f.pending(), "unmasking a raised flag makes it pending");
    run("db e2");
    assertFalse(f.pending());
  }

  @Test
  void withNumericErrorsOffFerrIsAssertedAtOnceAndNothingFaults() {
    int[] asserted = {0};
    c.ferr = () -> asserted[0]++;
    c.limit = 64;
    divideByZeroUnmasked();
    assertEquals(1, asserted[0]);
    assertEquals(0, c.limit, "the block ends for the interrupt");
    run("9b");
    assertEquals(2, asserted[0]);
  }

  @Test
  void aFaultingStorePopsNothing() {
    run("d9 e8");
    c.seg[Cpu.DS].set(0x10, 0, DATA + 6, 0x4093);
    c.modeChanged();
    int status = c.x87.statusWord();
    for (String store : new String[] {"dd 1f", "db 3f", "df 3f", "df 37"}) {
      assertThrows(Fault.class, () -> run(store), store);
      assertEquals(status, c.x87.statusWord(), store);
      assertEquals(0x1000, c.x87.fip, store);
    }
    run("d9 1f");
    assertEquals(0x3f800000L, c.mem.read32(DATA));
    assertEquals(0, c.x87.valid);
  }

  @Test
  void mmxRegistersAreTheSignificands() {
    run("d9 eb");
    assertEquals(0xc90fdaa22168c235L, c.x87.mmx(7));
    c.x87.mmx(3, 42);
    assertEquals(0, c.x87.top);
    assertEquals(0xff, c.x87.valid);
    assertEquals(0xffff, c.x87.signExp[3]);
    assertEquals(0x7fff, c.x87.signExp[7] | 0x3fff);
  }

  @Test
  void controlInstructionsOfThe8087DoNothing() {
    for (String code : new String[] {"db e0", "db e1", "db e4"}) {
      run(code);
    }
    assertEquals(0, c.x87.statusWord());
  }
}
