package dev.trapline.vm.isa.disasm;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From the disassembler's Intel syntax (objdump's) to NASM's. Prefixes without effect are dropped. */
final class NasmSyntax {
  private static final Pattern NULL_PREFIXES =
      Pattern.compile("^(?:(?:data16|data32|addr32|addr16|[cdefgs]s|rex(?:\\.[WRXB]+)?|bnd|notrack) )+");
  private static final Pattern STRING = Pattern.compile("^(rep|repz|repnz)? ?(movs|cmps|stos|lods|scas|ins|outs)( .*)$");
  private static final Pattern SEGMENT_AT = Pattern.compile("\\b([cdefgs]s):\\[");
  private static final Pattern SEGMENT_NUMBER = Pattern.compile("\\b([cdefgs]s):(0x[0-9a-f]+)");
  private static final Pattern RIP = Pattern.compile("\\[(?:([cdefgs]s):)?[re]ip[+-]0x[0-9a-f]+\\]");
  private static final Pattern STACK = Pattern.compile("\\bst(?:\\((\\d)\\))?(?=,|$)");
  private static final Map<String, String> SIZES = Map.of("XMMWORD PTR ", "oword ", "OWORD PTR ", "oword ", "QWORD PTR ", "qword ",
      "DWORD PTR ", "dword ", "WORD PTR ", "word ", "BYTE PTR ", "byte ", "TBYTE PTR ", "tword ", "FWORD PTR ", "far ");
  private static final List<String> BY_LENGTH = List.of("XMMWORD PTR ", "OWORD PTR ", "QWORD PTR ", "DWORD PTR ", "FWORD PTR ",
      "TBYTE PTR ", "BYTE PTR ", "WORD PTR ");
  private static final Map<String, String> RENAMED = Map.of("movabs", "mov", "xlat", "xlatb", "fwait", "wait");

  private NasmSyntax() {}

  /** The line in NASM's language, or null if there is none. */
  static String of(String line) {
    String text = NULL_PREFIXES.matcher(line).replaceFirst("");
    String target = null;
    int comment = text.indexOf("        # ");
    if (comment >= 0) {
      target = text.substring(comment + 10);
      text = text.substring(0, comment);
    }
    Matcher string = STRING.matcher(text);
    if (string.matches()) {
      return string(string);
    }
    if (text.startsWith("xlat ")) {
      return text.contains("fs:") ? "fs xlatb" : text.contains("gs:") ? "gs xlatb" : "xlatb";
    }
    int space = text.indexOf(' ');
    String word = space < 0 ? text : text.substring(0, space);
    text = RENAMED.getOrDefault(word, word) + (space < 0 ? "" : text.substring(space));
    for (String size : BY_LENGTH) {
      text = text.replace(size, SIZES.get(size));
    }
    text = SEGMENT_AT.matcher(text).replaceAll("[$1:");
    text = SEGMENT_NUMBER.matcher(text).replaceAll(m -> m.group(1).equals("ds")
        ? "[" + m.group(2) + "]" : "[" + m.group(1) + ":" + m.group(2) + "]");
    if (target != null) {
      text = RIP.matcher(text).replaceFirst(m -> "[rel " + (m.group(1) == null ? "" : m.group(1) + ":") + TARGET + "]")
          .replace(TARGET, target);
    }
    if (word.equals("mov") || word.equals("movabs")) {
      text = WIDE_IMMEDIATE.matcher(text).replaceFirst("$1,strict " + (word.equals("mov") ? "dword" : "qword") + " $2");
    }
    return word.startsWith("f") ? STACK.matcher(text).replaceAll(m -> "st" + (m.group(1) == null ? "0" : m.group(1))) : text;
  }

  /** A 64-bit register and a number: NASM shortens the immediate, even to a 32-bit MOV, unless told not to. */
  private static final Pattern WIDE_IMMEDIATE = Pattern.compile("^(mov r(?:[a-d]x|[sd]i|[sb]p|\\d+)),(0x[0-9a-f]+)$");
  private static final Pattern EXCHANGE = Pattern.compile("^xchg ([a-z0-9]+),([a-z0-9]+)$");
  private static final String TARGET = "@";

  private static String string(Matcher m) {
    String operands = m.group(3);
    String size = operands.contains("BYTE") ? "b" : operands.contains("QWORD") ? "q" : operands.contains("DWORD") ? "d" : "w";
    String repeat = m.group(1) == null ? "" : m.group(1) + " ";
    String segment = operands.contains("fs:") ? "fs " : operands.contains("gs:") ? "gs " : "";
    String address = operands.contains("[e") ? "a32 " : operands.contains("[r") ? "a64 " : "a16 ";
    return repeat + address + segment + m.group(2) + size;
  }

  /**
   * What assembling may change without changing the instruction: a zero displacement, prefixes without effect, the order of XCHG's
   * registers, which of the two encodings of {@code fadd st,st(0)} is taken.
   */
  static String essence(String line) {
    Matcher m = EXCHANGE.matcher(line);
    if (m.matches() && m.group(1).compareTo(m.group(2)) > 0) {
      return "xchg " + m.group(2) + "," + m.group(1);
    }
    if (line.startsWith("f")) {
      return line.replace("st(0)", "st").replace("+0x0]", "]");
    }
    return NULL_PREFIXES.matcher(line).replaceFirst("").replace("+0x0]", "]").replace("+riz*1", "")
        .replaceFirst("\\[[re]ip[+-]0x[0-9a-f]+\\]", "[rip]").replace("movabs", "mov");
  }
}
