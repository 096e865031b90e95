package dev.trapline.vm.isa.asm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.CodeSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The language: what nasm made of the same source, and what is said about wrong source. */
class AssemblerTest {
  private static final Assembler ASSEMBLER = new Assembler(X86.set());

  private static byte[] resource(String name) throws IOException {
    try (var in = AssemblerTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String assemble(String text) {
    return hex(ASSEMBLER.assemble(text).bytes());
  }

  private static List<String> errors(String text) {
    return assertThrows(AsmException.class, () -> ASSEMBLER.assemble(text)).errors();
  }

  @Test
  void theLanguageCorpusGivesTheBytesNasmGave() throws IOException {
    String source = new String(resource("features.asm"), StandardCharsets.UTF_8);
    Assembly ours = ASSEMBLER.assemble(source);
    byte[] theirs = resource("features.bin");
    int at = java.util.Arrays.mismatch(ours.bytes(), theirs);
    assertEquals(-1, at, () -> "differs at byte " + at + ", line " + ours.lineAt(ours.origin() + at));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "32 | mov eax, [ebx+4] | 8b4304",
    "32 | jmp 0x1000 | ebfe",
    "32 | jmp 0x2000 | e9fb0f0000",
    "16 | jmp 8:0x1234 | ea34120800",
    "64 | mov rax, [rel 0x1010] | 488b0509000000",
    "64 | lea rax, [rip+0x10] | 488d0510000000",
    "64 | mov eax, dword ptr [rbx] | 8b03",
    "32 | mov eax, dword ptr fs:[eax] | 648b00",
    "32 | rep movs byte ptr es:[edi], byte ptr ds:[esi] | f3a4",
    "32 | fadd st(0), st(3) | d8c3",
    "64 | jmp $ | ebfe",
    "32 | call target | e8fb0f0000",
    "32 | mov eax, target + 4 | b804200000",
    "32 | lock | f0",
    "16 | int3 | cc"})
  void oneLine(int bits, String text, String expected) {
    assertEquals(expected, hex(ASSEMBLER.line(text, 0x1000, CodeSize.of(bits), Map.of("target", 0x2000L)::get)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "mov eax, | an operand is missing after the comma",
    "mov [eax], 5 | operation size not specified: write one of byte, word, dword before the address",
    "mvo eax, 5 | unknown instruction 'mvo': did you mean 'mov'?",
    "mov al, 300 | mov: value 0x12c does not fit in 8 bits",
    "mov eax, nowhere | symbol 'nowhere' is not defined",
    "mov eax, [eax+ebx+ecx] | an address has at most a base and an index register",
    "mov eax, [ax] | 16-bit addresses are made of bx or bp plus si or di",
    "mov eax, [eax*7] | a register in an address can be scaled by 1, 2, 4 or 8, not 7",
    "mov eax, [eax*ebx] | two registers cannot be multiplied",
    "mov eax, [esp*2] | the stack pointer cannot be an index",
    "mov rax, 5 | mov: this register exists in 64-bit code only (bits 64)",
    "jmp short 0x2000 | jmp: the target is 4094 bytes away, too far for a short jump (-128 to 127)",
    "mov eax, 5 5 | ',' expected between operands, found '5'",
    "mov eax, (5 | ')' expected to close a parenthesis, found the end of the line",
    "mov eax, 5 / 0 | division by zero",
    "mov eax, [ebx | ']' expected to close an address, found the end of the line",
    "mov eax, 'it | string without closing '"})
  void whatIsWrongWithALine(String text, String message) {
    var e = assertThrows(AsmException.class, () -> ASSEMBLER.line(text, 0x1000, CodeSize.BITS32));
    assertEquals(message, e.errors().getFirst());
  }

  @Test
  void allErrorsAreReportedWithTheirLines() {
    assertEquals(List.of("text:2: unknown instruction 'foo'", "text:4: symbol 'y' is not defined: did you mean 'x'?"),
        errors("x:\nfoo eax\nnop\ndd y\n"));
  }

  @Test
  void anErrorInsideAMacroNamesTheCallAndTheMacro() {
    assertEquals(List.of("text:4: unknown instruction 'bar': did you mean 'bsr'? (in macro m, text:2)"),
        errors("%macro m 0\nbar eax\n%endmacro\nm\n"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "a: a: | text:1: an expression is expected, found ':'",
    "'a:;a:' | text:2: symbol 'a' is already defined at text:1",
    "'%if 1' | text:1: %if without %endif",
    "'%endif' | text:1: %endif without %if",
    "'%macro m 1' | text:1: %macro without %endmacro",
    "'%error too bad' | text:1: too bad",
    "'%include \"none.inc\"' | text:1: file 'none.inc' not found",
    "'%foo' | text:1: unknown preprocessor directive %foo",
    "'%macro m 2;nop;%endmacro;m 1' | text:4: macro 'm' takes 2 parameters, given 1",
    "'times -1 nop' | text:1: the count of times is negative (-1)",
    "'align 3' | text:1: alignment 3 is not a power of two up to 67108864",
    "'bits 24' | text:1: bits 24: 16, 32 or 64 expected",
    "'db 256' | text:1: value 256 does not fit in byte",
    "'nop;times $$ db 0' | text:2: the count of times must be a constant: subtract a label of the same section, such as $-$$",
    "'section .bss;db 1' | text:2: section .bss holds no data: use resb, or another section",
    "'section .d color=3' | text:1: unknown section attribute 'color': align=, start=, vstart=, follows=, vfollows=, "
        + "progbits or nobits expected",
    "'%rep 3;nop' | text:1: %rep without %endrep",
    "'%assign x $' | text:1: $ is not known to the preprocessor",
    "'dd 1.5.5' | text:1: '1.5.5' is not a number"})
  void whatIsWrongWithAProgram(String text, String message) {
    assertEquals(message, errors(text.replace(';', '\n')).getFirst());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 126, 127, 128, 129, 300})
  void jumpsAreAsShortAsTheyCanBe(int distance) {
    String code = assemble("jmp x\ntimes " + distance + " nop\nx:");
    assertEquals(distance + (distance <= 127 ? 2 : 3), code.length() / 2);
  }

  @Test
  void aChainOfJumpsSettles() {
    var text = new StringBuilder("bits 32\n");
    for (int i = 0; i < 60; i++) {
      text.append("jmp l").append(59 - i).append("\nl").append(i).append(": nop\n");
    }
    Assembly a = ASSEMBLER.assemble(text.toString());
    assertEquals(a.symbol("l59"), a.origin() + a.bytes().length - 1);
  }

  @Test
  void symbolsAndLinesOfAProgram() {
    Assembly a = ASSEMBLER.assemble("org 0x7c00\nbits 16\nstart:\n  nop\n.loop: jmp .loop\n"
        + "size equ $ - start\nsection .bss\nbuffer: resb 4\n");
    assertEquals(0x7c00, a.origin());
    assertEquals(Map.of("start", 0x7c00L, "start.loop", 0x7c01L, "size", 3L, "buffer", 0x7c04L), a.symbols());
    assertEquals(java.util.Set.of("start", "start.loop", "buffer"), a.labels());
    assertEquals("text:5", a.lineAt(0x7c02).toString());
    assertEquals("text:8", a.lineAt(0x7c06).toString());
    assertNull(a.lineAt(0x7c08));
    assertEquals(0x7c08, a.end());
    assertArrayEquals(new byte[] {(byte) 0x90, (byte) 0xeb, (byte) 0xfe}, a.bytes());
  }

  @Test
  void includedFilesAndPredefinedNames() {
    Source files = Source.of(Map.of("main.asm", "%include \"sub.inc\"\ndb N\n", "sub.inc",
        "%define TWICE(x) (2*(x))\ndb TWICE(N)\nbad bad\n"));
    var options = new Assembler.Options(Map.of("N", "4"), CodeSize.BITS16);
    var e = assertThrows(AsmException.class, () -> ASSEMBLER.assemble("main.asm", files, options));
    assertEquals("sub.inc:3: unknown instruction 'bad': did you mean 'aad'?", e.getMessage());
  }

  @Test
  void whatIsOddIsAWarning() {
    Assembly a = ASSEMBLER.assemble("%warning careful\nhltt\nnop\n");
    assertEquals(List.of("text:1: careful", "text:2: label 'hltt' alone on a line without a colon: an instruction mistyped?"),
        a.warnings());
    assertEquals("90", hex(a.bytes()));
  }
}
