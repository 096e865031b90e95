package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What scripts can say, with its documentation: read from the Javadoc of the classes scripts see, whose sources the build puts beside the
 * program. So there is one text, and {@code help script} cannot be out of date.
 */
public final class ApiDocs {
  /**
   * Something a script can say.
   *
   * @param name as scripts write it: {@code cpu}, {@code expect}
   * @param usage with its arguments: {@code expect(String text)}; a property is its name alone
   * @param text all of its documentation, in one paragraph
   */
  public record Member(String name, String usage, String text) {
    /** The first sentence. */
    public String brief() {
      Matcher m = Pattern.compile("^(.*?)\\.(\\s+[A-Z]|$)").matcher(text);
      return m.find() ? m.group(1) : text;
    }
  }

  /**
   * A class scripts see.
   *
   * @param word what help calls it
   * @param from how scripts get one
   */
  public record Section(String word, String from, String text, List<Member> members) {}

  private record Source(String word, String file, String from) {}

  private static final List<Source> SOURCES = List.of(
      new Source("script", "ScriptBase", ""),
      new Source("machine", "Pc", "machine, boot(...), group.NAME"),
      new Source("group", "Group", "group(...)"),
      new Source("cpu", "Processor", "cpu, machine.cpu, cpus[0]"),
      new Source("mem", "Memory", "mem, machine.mem"),
      new Source("tables", "Tables", "tables, machine.tables"),
      new Source("console", "ScriptConsole", "machine.console('uart0')"),
      new Source("event", "Happening", "the argument of on('exit') { e -> ... }"));

  private static final Pattern DOCUMENTED = Pattern.compile(
      "/\\*\\*((?:[^*]|\\*(?!/))*)\\*/\\s*(?:@[A-Z]\\w*(?:\\([^)]*\\))?\\s*)*"
          + "public (?!static)(?:abstract |final )*([\\w<>?,.\\[\\] ]+?) (\\w+)\\(([^)]*)\\)");
  private static final Pattern CLASS = Pattern.compile("/\\*\\*((?:[^*]|\\*(?!/))*)\\*/\\s*public (?:abstract |final )*class");

  private final List<Section> sections;

  private ApiDocs(List<Section> sections) {
    this.sections = sections;
  }

  /** Reads the documentation. @throws BadInput if the program was built without it */
  public static ApiDocs read() {
    return new ApiDocs(SOURCES.stream().map(ApiDocs::section).toList());
  }

  /** All of it, the verbs of scripts first. */
  public List<Section> sections() {
    return sections;
  }

  /** A section by its word, or null. */
  public Section section(String word) {
    return sections.stream().filter(s -> s.word.equals(word)).findFirst().orElse(null);
  }

  /** Everything of this name, whatever it belongs to. */
  public List<Member> named(String name) {
    return sections.stream().flatMap(s -> s.members.stream()).filter(m -> m.name.equals(name)).toList();
  }

  private static Section section(Source of) {
    String java = text(of.file);
    Matcher type = CLASS.matcher(java);
    String about = type.find() ? plain(type.group(1)) : "";
    var members = new ArrayList<Member>();
    for (Matcher m = DOCUMENTED.matcher(java); m.find();) {
      String name = m.group(3);
      if (!name.endsWith("Missing") && !name.startsWith("set")) {
        members.add(member(m.group(2), name, m.group(4).replaceAll("\\s+", " "), plain(m.group(1))));
      }
    }
    return new Section(of.word, of.from, about, List.copyOf(members));
  }

  private static Member member(String type, String name, String arguments, String text) {
    boolean property = arguments.isEmpty() && name.matches("(get|is)[A-Z].*");
    if (property) {
      String rest = name.replaceFirst("^(get|is)", "");
      String word = Character.toLowerCase(rest.charAt(0)) + rest.substring(1);
      return new Member(word, word, text);
    }
    String shown = arguments.replaceAll("<[^<>]*(<[^<>]*>)?[^<>]*>", "").replaceAll("\\b[a-z]+\\.", "");
    return name.equals("getAt") ? new Member("[]", "[" + shown + "]", text) : new Member(name, name + "(" + shown + ")", text);
  }

  /** A comment without its stars and tags. */
  private static String plain(String comment) {
    return comment.replaceAll("(?m)^\\s*\\*", " ")
        .replaceAll("\\{@(?:code|link) #?([^{}]*(?:\\{[^{}]*(?:\\{[^{}]*}[^{}]*)*}[^{}]*)*)}", "$1")
        .replaceAll("\\.?\\s*@param\\s+(\\w+)", "; $1:").replaceAll("\\.?\\s*@return", "; gives")
        .replaceAll("\\.?\\s*@throws \\w+", "; refused")
        .replaceAll("</?p>", " ").replaceAll("\\s+", " ").replace("&amp;", "&").strip();
  }

  private static String text(String file) {
    try (InputStream in = ApiDocs.class.getResourceAsStream("/help/" + file + ".java")) {
      if (in == null) {
        throw new BadInput("this build has no help on scripts: no resource help/" + file + ".java");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
