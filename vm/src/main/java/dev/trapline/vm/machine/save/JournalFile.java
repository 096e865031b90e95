package dev.trapline.vm.machine.save;

import dev.trapline.vm.machine.Input;
import dev.trapline.vm.machine.Journal;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.ReplayException;
import dev.trapline.vm.state.StateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A journal as lines of text, each written when its input comes, so that what a killed program has journalled is not lost:
 *
 * <pre>
 * trapline journal 1  35c1f0aa
 * machine memory 134217728  0d2a9b1c
 * #5123998 type uart0 "ls\n" 0x60cf4a8c0b6f1c2e  8f5e0c31
 * #9000000 end "1122334455667788" 0x60cf4a8c0b6f1c2e  a1b2c3d4
 * </pre>
 *
 * Behind the count stands {@code +n} after n interrupts; the number behind an input is the hash of the processors' states before it. The
 * end is where the recording was ended, with the hash of the whole machine; it is missing if the program was killed. The last word of a
 * line is the CRC-32C of everything before it, earlier lines included.
 *
 * @param machine the configuration field by field, see {@link ConfigForm#fields}
 * @param entries inputs, and the end
 */
public record JournalFile(SequencedMap<String, String> machine, List<Journal.Entry> entries) {
  static final String FIRST = "trapline journal 1";
  private static final Pattern TITLE = Pattern.compile("trapline journal ([0-9]{1,9})");
  private static final Pattern INPUT = Pattern.compile(
      "#([0-9]{1,18})(?:\\+([0-9]{1,3}))? ([a-z]+)(?: ([a-z][^ \"]*))?(?: 0x([0-9a-f]{1,16}))? \"(.*)\" 0x([0-9a-f]{16})");
  private static final Pattern MACHINE = Pattern.compile("machine (\\S+) \"(.*)\"");
  private static final int CHECK = 10;

  /** The journal for a machine that repeats the run. */
  public Journal journal() {
    return new Journal(entries, 0);
  }

  /** Whether the recording was ended, and not broken off. */
  public boolean complete() {
    return !entries.isEmpty() && entries.getLast().input().kind() == Input.Kind.END;
  }

  /** Date and time the machine's clock was started with. */
  public Optional<LocalDateTime> start() {
    try {
      return Optional.ofNullable(machine.get("start")).map(LocalDateTime::parse);
    } catch (DateTimeException wrong) {
      return Optional.empty();
    }
  }

  /**
   * @throws ReplayException if a configuration is not that of the recording: the run would be another one
   */
  public void require(MachineConfig config) {
    String difference = ConfigForm.difference(machine, fields(config));
    if (difference != null) {
      throw new ReplayException("the journal is of another machine: " + difference);
    }
  }

  /** A configuration's fields and the content of its disks. */
  static SequencedMap<String, String> fields(MachineConfig config) {
    SequencedMap<String, String> out = ConfigForm.fields(config);
    for (int i = 0; i < config.drives().size(); i++) {
      Optional<Path> file = config.drives().get(i).file();
      if (file.isPresent()) {
        FileMark mark = FileMark.of(file.get());
        out.put("drives[" + i + "].content", String.format("%d bytes #%016x", mark.size(), mark.digest()));
      }
    }
    return out;
  }

  // ---- lines

  /** An input as a line, without its checksum. */
  static String line(Journal.Entry e) {
    Input in = e.input();
    boolean text = in.kind() == Input.Kind.TYPE;
    return String.format("#%d%s %s%s%s \"%s\" 0x%016x", e.at(), e.interrupts() == 0 ? "" : "+" + e.interrupts(),
        in.kind().name().toLowerCase(Locale.ROOT), in.target().isEmpty() ? "" : " " + in.target(),
        in.value() == 0 ? "" : String.format(" 0x%x", in.value()),
        text ? escaped(new String(in.data(), StandardCharsets.ISO_8859_1)) : HexFormat.of().formatHex(in.data()), e.processors());
  }

  /** Text with everything but printable ASCII as escapes. */
  static String escaped(String text) {
    var out = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c >= ' ' && c < 0x7f ? Character.toString(c) : String.format("\\u%04x", (int) c));
      }
    }
    return out.toString();
  }

  private static String unescaped(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      i++;
      char code = i < text.length() ? text.charAt(i) : ' ';
      switch (code) {
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'u' -> {
          if (i + 5 > text.length()) {
            throw new StateException("an escape is cut short");
          }
          out.append((char) number(text.substring(i + 1, i + 5)));
          i += 4;
        }
        default -> out.append(code);
      }
    }
    return out.toString();
  }

  private static long number(String hexadecimal) {
    try {
      return Long.parseUnsignedLong(hexadecimal, 16);
    } catch (NumberFormatException e) {
      throw new StateException("'" + hexadecimal + "' is no hexadecimal number");
    }
  }

  // ---- reading

  /**
   * Reads a file.
   *
   * @throws StateException in one line that names file and line: what is damaged
   */
  public static JournalFile read(Path file) {
    String text;
    try {
      text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException absent) {
      throw new StateException(file + ": no such file");
    } catch (IOException e) {
      throw new StateException(file + ": cannot be read: " + e.getMessage());
    }
    Reading r = new Reading();
    try {
      r.all(text);
    } catch (StateException wrong) {
      throw new StateException("journal " + file + ", line " + r.number + ": " + wrong.getMessage());
    }
    return new JournalFile(r.machine, List.copyOf(r.entries));
  }

  /** One pass. */
  private static final class Reading {
    private final Check check = new Check();
    private final SequencedMap<String, String> machine = new LinkedHashMap<>();
    private final List<Journal.Entry> entries = new ArrayList<>();
    private int number = 1;

    void all(String text) {
      if (!text.startsWith("trapline journal ")) {
        throw new StateException("no journal of Trapline (it begins otherwise)");
      }
      for (int at = 0; at < text.length(); number++) {
        int to = text.indexOf('\n', at);
        if (to < 0) {
          throw new StateException("cut short in the middle of the line");
        }
        line(text.substring(at, to));
        at = to + 1;
      }
    }

    private void line(String whole) {
      int length = whole.length() - CHECK;
      if (length < 0 || !whole.startsWith("  ", length) || !check.of(whole.substring(0, length)).equals(whole.substring(length + 2))) {
        throw new StateException("damaged (its checksum is wrong)");
      }
      String line = whole.substring(0, length);
      Matcher title = TITLE.matcher(line);
      if (number == 1 && title.matches()) {
        if (!line.equals(FIRST)) {
          throw new StateException("of version " + title.group(1) + "; this Trapline reads version 1");
        }
        return;
      }
      if (!entries.isEmpty() && entries.getLast().input().kind() == Input.Kind.END) {
        throw new StateException("a line after the end");
      }
      content(line);
    }

    private void content(String line) {
      Matcher m = MACHINE.matcher(line);
      Matcher in = INPUT.matcher(line);
      if (number > 1 && m.matches()) {
        machine.put(m.group(1), unescaped(m.group(2)));
      } else if (number > 1 && in.matches()) {
        add(in);
      } else {
        throw new StateException("not a line of a journal");
      }
    }

    private void add(Matcher m) {
      Input.Kind kind = kind(m.group(3));
      byte[] data = kind == Input.Kind.TYPE ? unescaped(m.group(6)).getBytes(StandardCharsets.ISO_8859_1) : bytes(m.group(6));
      Input input = new Input(kind, m.group(4) == null ? "" : m.group(4), m.group(5) == null ? 0 : number(m.group(5)), data);
      long at = Long.parseLong(m.group(1));
      if (!entries.isEmpty() && at < entries.getLast().at()) {
        throw new StateException("an input before an earlier one");
      }
      entries.add(new Journal.Entry(at, m.group(2) == null ? 0 : Integer.parseInt(m.group(2)), number(m.group(7)), input));
    }

    private static Input.Kind kind(String word) {
      for (Input.Kind k : Input.Kind.values()) {
        if (k.name().toLowerCase(Locale.ROOT).equals(word)) {
          return k;
        }
      }
      throw new StateException("no input '" + word + "'");
    }

    private static byte[] bytes(String hex) {
      try {
        return HexFormat.of().parseHex(hex);
      } catch (IllegalArgumentException wrong) {
        throw new StateException("'" + hex + "' are no bytes");
      }
    }
  }
}
