package dev.trapline.shell.console;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a terminal sends, as keys of the guest's keyboard: characters, and the sequences of cursor and function keys (xterm's, VT220's). */
final class Keys {
  private static final Pattern SEQUENCE = Pattern.compile("\\033(?:\\[[0-9;]*[A-Za-z~]|O[A-Za-z]|\\[\\[[A-E])");
  /** Set 1 scan codes, with 100h for those prefixed E0h. */
  private static final Map<String, Integer> CODES = Map.ofEntries(Map.entry("A", 0x148), Map.entry("B", 0x150), Map.entry("C", 0x14d),
      Map.entry("D", 0x14b), Map.entry("H", 0x147), Map.entry("F", 0x14f), Map.entry("1~", 0x147), Map.entry("2~", 0x152),
      Map.entry("3~", 0x153), Map.entry("4~", 0x14f), Map.entry("5~", 0x149), Map.entry("6~", 0x151), Map.entry("P", 0x3b),
      Map.entry("Q", 0x3c), Map.entry("R", 0x3d), Map.entry("S", 0x3e), Map.entry("11~", 0x3b), Map.entry("12~", 0x3c),
      Map.entry("13~", 0x3d), Map.entry("14~", 0x3e), Map.entry("15~", 0x3f), Map.entry("17~", 0x40), Map.entry("18~", 0x41),
      Map.entry("19~", 0x42), Map.entry("20~", 0x43), Map.entry("21~", 0x44), Map.entry("23~", 0x57), Map.entry("24~", 0x58));

  private Keys() {}

  /** Types bytes as they came together; characters the US keyboard does not have are left out. */
  static void type(Session session, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher m = SEQUENCE.matcher(text);
    for (int i = 0; i < text.length(); i++) {
      if (m.find(i) && m.start() == i) {
        Integer code = CODES.get(m.group().replaceFirst("\\033(\\[\\[?|O)", ""));
        if (code != null) {
          session.key(code);
        }
        i = m.end() - 1;
      } else {
        character(session, text.charAt(i));
      }
    }
  }

  private static void character(Session session, char c) {
    try {
      session.typeKeys(Character.toString(c));
    } catch (BadInput noSuchKey) {
      // A person hears nothing when the guest's keyboard has no such key; the others still work.
      session.forgetInterrupt();
    }
  }
}
