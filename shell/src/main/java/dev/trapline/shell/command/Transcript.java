package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A session as a script that checks itself: each line, what it printed, and how far the machine was and the hash over its state afterwards.
 * As text it is a file of commands whose comments carry the rest, so {@code source} runs it too.
 */
public final class Transcript {
  private static final String HEAD = "# Trapline session 1";
  private static final String PRINTED = "#> ";
  private static final String STANDS = "#@ ";
  private static final String COLOUR = "\u001b\\[[0-9;]*m";

  /**
   * Where the machine stands.
   *
   * @param executed instructions of all guests
   * @param hash over the state of all guests
   */
  public record Mark(long executed, long hash) {
    /** Where the machine of a shell stands now. */
    public static Mark of(Shell shell) {
      var guests = shell.session().guests();
      long hash = 0;
      for (Session s : guests.sessions()) {
        hash = hash * 31 + s.stateHash();
      }
      return new Mark(guests.executed(), hash);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%d 0x%016x", executed, hash);
    }

    private static Mark parse(String text, String where) {
      String[] parts = text.strip().split(" ");
      if (parts.length != 2 || !parts[0].matches("[0-9]{1,18}") || !parts[1].matches("0x[0-9a-f]{16}")) {
        throw new BadInput(where + "'" + text + "': an instruction count and a hash are expected");
      }
      return new Mark(Long.parseLong(parts[0]), Long.parseUnsignedLong(parts[1].substring(2), 16));
    }
  }

  /** A line and what came of it. */
  public record Step(String line, List<String> printed, Mark mark) {
    public Step {
      printed = List.copyOf(printed);
    }
  }

  private final Mark start;
  private final List<Step> steps = new ArrayList<>();
  private String gap;

  /** @param start where the machine stands before the first line */
  public Transcript(Mark start) {
    this.start = start;
  }

  public Mark start() {
    return start;
  }

  public List<Step> steps() {
    return List.copyOf(steps);
  }

  void add(String line, String printed, Mark mark) {
    steps.add(new Step(line, lines(printed), mark));
  }

  /** What was printed, line by line and without colours. */
  public static List<String> lines(String printed) {
    return printed.replaceAll(COLOUR, "").lines().map(String::stripTrailing).toList();
  }

  /** Something happened that no script can repeat. */
  void gap(String what) {
    gap = gap == null ? what + " after line " + steps.size() : gap;
  }

  /** Writes it; {@link BadInput} if it cannot be repeated or written. */
  public void save(Path file) {
    if (gap != null) {
      throw new BadInput("this session cannot be repeated: " + gap + "; 'journal FILE' keeps what is typed");
    }
    var out = new StringBuilder(HEAD).append('\n').append(STANDS).append(start).append('\n');
    for (Step s : steps) {
      out.append(s.line()).append('\n');
      s.printed().forEach(p -> out.append(PRINTED).append(p).append('\n'));
      out.append(STANDS).append(s.mark()).append('\n');
    }
    try {
      Files.writeString(file, out);
    } catch (IOException refused) {
      throw new BadInput("cannot write " + file + ": " + refused.getMessage());
    }
  }

  /** Reads one; {@link BadInput} names the line that is wrong. */
  public static Transcript read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException absent) {
      throw new BadInput("no file " + file);
    } catch (IOException unreadable) {
      throw new BadInput("cannot read " + file + ": it is no text, or " + unreadable.getMessage());
    }
    if (lines.size() < 2 || !lines.getFirst().equals(HEAD)) {
      throw new BadInput(file + " is no saved session: its first line is not '" + HEAD + "'");
    }
    var read = new Transcript(Mark.parse(lines.get(1).replace(STANDS, ""), file + ":2: "));
    read.take(lines.subList(2, lines.size()), file);
    return read;
  }

  private void take(List<String> lines, Path file) {
    String line = null;
    var printed = new ArrayList<String>();
    int number = 2;
    for (String text : lines) {
      number++;
      if (text.startsWith(PRINTED) || text.equals(PRINTED.strip())) {
        printed.add(text.substring(Math.min(text.length(), PRINTED.length())));
      } else if (text.startsWith(STANDS)) {
        steps.add(new Step(line == null ? "" : line, printed, Mark.parse(text.substring(STANDS.length()), file + ":" + number + ": ")));
        line = null;
        printed.clear();
      } else if (!text.isBlank() && !text.startsWith("#")) {
        line = text;
      }
    }
    if (line != null) {
      throw new BadInput(file + ": it ends in the middle: nothing says what came of '" + line + "'");
    }
  }
}
