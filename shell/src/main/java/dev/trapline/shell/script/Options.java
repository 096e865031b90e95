package dev.trapline.shell.script;

import dev.trapline.vm.debug.BadInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The options of a script. */
final class Options {
  private Options() {}

  /** @throws BadInput if there is one the script does not have, or a number is expected */
  static Map<String, Object> read(Map<String, ?> defaults, List<String> arguments) {
    Map<String, Object> found = new LinkedHashMap<>(defaults);
    var rest = new ArrayList<String>();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (!word.startsWith("--")) {
        rest.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      String name = word.substring(2, equals < 0 ? word.length() : equals);
      if (!defaults.containsKey(name)) {
        throw new BadInput("no option --" + name + ": there is --" + String.join(" --", defaults.keySet()));
      }
      if (defaults.get(name) instanceof Boolean) {
        found.put(name, true);
      } else if (equals < 0 && i + 1 == arguments.size()) {
        throw new BadInput("--" + name + " wants a value");
      } else {
        String text = equals < 0 ? arguments.get(++i) : word.substring(equals + 1);
        found.put(name, value(name, text, defaults.get(name)));
      }
    }
    found.put("rest", rest);
    return found;
  }

  private static Object value(String name, String text, Object like) {
    try {
      return switch (like) {
        case Integer i -> Integer.decode(text);
        case Long l -> Long.decode(text);
        case Number n -> Double.valueOf(text);
        case null, default -> text;
      };
    } catch (NumberFormatException wrong) {
      throw new BadInput("--" + name + " " + text + ": a number is expected");
    }
  }
}
