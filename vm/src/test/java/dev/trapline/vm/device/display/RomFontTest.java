package dev.trapline.vm.device.display;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The font in ROM: complete, no two characters alike, frames that join. */
class RomFontTest {
  private static final String UP = "│┤╡╣║╝╛└┴├┼╞╚╩╠╬╧╘╪┘╢╜╟╨╙╫";
  private static final String DOWN = "│┤╡╣║╗┐┬├┼╞╔╦╠╬╤╒╪┌╢╖╕╟╥╓╫";
  private static final String LEFT = "┤╢╖┐┴┬─┼╨╥╫┘╜╡╕╣╗╝╛╩╦═╬╧╤╪";
  private static final String RIGHT = "└┴┬├─┼╟╨╥╙╓╫┌╞╚╔╩╦╠═╬╧╤╘╒╪";
  private static final String DOUBLE_UPRIGHT = "╢╖╣║╗╝╜╟╚╔╩╦╠╬╨╥╙╓╫";
  private static final String DOUBLE_LEVEL = "╡╕╣╗╝╛╞╚╔╩╦╠═╬╧╤╘╒╪";

  private static List<Integer> lines(int character) {
    return IntStream.range(0, RomFont.HEIGHT).mapToObj(y -> RomFont.line(character, y)).toList();
  }

  private static int code(char c) {
    return IntStream.range(0, 256).filter(i -> CodePage.of(i) == c).findFirst().orElseThrow();
  }

  private static int column(int character, int bit) {
    return IntStream.range(0, RomFont.HEIGHT).map(y -> (RomFont.line(character, y) >> bit & 1) << y).sum();
  }

  @Test
  void everyCharacterLooksUnlikeEveryOther() {
    Map<List<Integer>, String> seen = new HashMap<>();
    for (int c = 0; c < 256; c++) {
      seen.merge(lines(c), String.valueOf(CodePage.of(c)), String::concat);
    }
    assertEquals(List.of("   "), seen.values().stream().filter(s -> s.length() > 1).toList(), "only the blanks are alike");
  }

  @Test
  void framesJoin() {
    for (int c = 0xb3; c <= 0xda; c++) {
      char f = CodePage.of(c);
      int upright = DOUBLE_UPRIGHT.indexOf(f) >= 0 ? 0x66 : 0x18;
      int level = DOUBLE_LEVEL.indexOf(f) >= 0 ? 1 << 6 | 1 << 8 : 1 << 7;
      assertEquals(UP.indexOf(f) >= 0 ? upright : 0, RomFont.line(c, 0), f + " above");
      assertEquals(DOWN.indexOf(f) >= 0 ? upright : 0, RomFont.line(c, RomFont.HEIGHT - 1), f + " below");
      assertEquals(LEFT.indexOf(f) >= 0 ? level : 0, column(c, 7), f + " left");
      assertEquals(RIGHT.indexOf(f) >= 0 ? level : 0, column(c, 0), f + " right");
    }
  }

  @Test
  void lettersAreWhatTheyAre() {
    String drawn = IntStream.rangeClosed(2, 11)
        .mapToObj(y -> String.format("%8s", Integer.toBinaryString(RomFont.line(code('F'), y))).replace('1', '#').replace('0', ' ').strip())
        .collect(Collectors.joining("/"));
    assertEquals("#######/##/##/##/######/##/##/##/##/##", drawn);
  }

  @Test
  void shadesHaveAsManyDotsAsTheySay() {
    int[] expected = {32, 64, 96, 128};
    String shades = "░▒▓█";
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], lines(code(shades.charAt(i))).stream().mapToInt(Integer::bitCount).sum());
    }
  }
}
