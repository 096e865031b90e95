package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The guest one line is about, if it names one: {@code r -g trap}, {@code x/4xw trap:0x1000}, {@code u g2.cpu1:rip}. A number after
 * {@code g} is that of a guest, from 1.
 *
 * @param guest its name, or null for the current one
 * @param cpu number of its processor, or -1 for the one that is selected there
 * @param words what is left for the command
 */
record GuestChoice(String guest, int cpu, List<String> words) {
  private static final Pattern PREFIX = Pattern.compile("([A-Za-z][\\w-]*)(?:\\.cpu(\\d{1,3}))?:(.+)");

  /** @param takesGuest whether the command has an option {@code --guest} of its own */
  static GuestChoice of(List<String> words, Guests guests, boolean takesGuest) {
    String guest = null;
    int cpu = -1;
    var rest = new ArrayList<String>();
    for (int i = 0; i < words.size(); i++) {
      String w = words.get(i);
      Matcher m = PREFIX.matcher(w);
      boolean own = w.equals("--guest") && takesGuest;
      if (w.equals("-g") || w.equals("--guest") && !(own && guests.names().isEmpty())) {
        if (++i == words.size()) {
          throw new BadInput(w + " needs a guest: " + String.join(", ", guests.names()));
        }
        guest = same(guest, guests.session(words.get(i)).guest());
        rest.addAll(own ? List.of(w, guest) : List.of());
      } else if (m.matches() && named(guests, m.group(1)) != null) {
        guest = same(guest, named(guests, m.group(1)));
        cpu = m.group(2) == null ? cpu : Integer.parseInt(m.group(2));
        rest.add(m.group(3));
      } else {
        rest.add(w);
      }
    }
    return new GuestChoice(guest, cpu, List.copyOf(rest));
  }

  private static String same(String before, String now) {
    if (before != null && !before.equals(now)) {
      throw new BadInput("a line is about one guest, this one about " + before + " and " + now);
    }
    return now;
  }

  private static String named(Guests guests, String word) {
    if (guests.names().contains(word)) {
      return word;
    }
    return word.matches("g\\d{1,4}") && !guests.names().isEmpty() ? guests.session(word.substring(1)).guest() : null;
  }

  /** Makes it the one that commands are about; what puts back the one that was. */
  Runnable select(Session before) {
    if (guest == null) {
      return () -> { };
    }
    Guests guests = before.guests();
    String old = before.guest();
    guests.select(guest);
    int processor = guests.current().selected();
    if (cpu >= 0) {
      guests.current().select(cpu);
    }
    return () -> {
      guests.current().select(processor);
      guests.select(old);
    };
  }
}
