package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.CodeSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Assembles statements in passes until nothing moves any more. Each pass uses the addresses of the one before for what lies
 * ahead; branches start short and grow as needed, so sizes settle after a few passes.
 */
final class Program implements Expr.Scope {
  private static final int MOST_PASSES = 100;
  private static final long MOST_BYTES = 1L << 26;

  /** A statement with its place in the source. */
  record Entry(Statement statement, Line line) {}

  /** The bytes of an instruction that names no symbol and is no branch: they are the same in every pass. */
  private record Encoded(byte[] bytes, CodeSize size) {}

  private record Symbol(Value value, int pass, SourceLine at, boolean label) {}

  private final List<Entry> entries;
  private final Matcher matcher;
  private final Source source;
  private final Map<String, Symbol> symbols = new LinkedHashMap<>();
  private final Map<String, Section> sections = new LinkedHashMap<>();
  private final CodeSize initialSize;
  private final List<String> errors = new ArrayList<>();
  private final TreeMap<Long, SourceLine> lines = new TreeMap<>();
  private int pass;
  private boolean changed;
  private long origin;
  private Section section;
  /** The section to return to after {@code absolute} or a structure. */
  private Section lastReal;
  private Value here;
  private CodeSize size;
  private boolean defaultRelative;
  private long instanceStart;
  private Line line;
  private final Map<Statement, Encoded> encoded = new java.util.IdentityHashMap<>();
  /** Whether the scope has been asked for anything since it was cleared. */
  private boolean asked;

  Program(List<Entry> entries, Matcher matcher, Source source, CodeSize size) {
    this.entries = entries;
    this.matcher = matcher;
    this.source = source;
    this.initialSize = size;
  }

  /** Assembles; an empty error list means success. */
  List<String> run() {
    do {
      pass++;
      changed = false;
      errors.clear();
      lines.clear();
      onePass();
      changed |= place();
    } while (pass < 2 || changed && pass < MOST_PASSES);
    if (changed && errors.isEmpty()) {
      errors.add(line.message("the program does not settle: sizes and labels depend on each other in a circle"));
    }
    return errors;
  }

  private void onePass() {
    size = initialSize;
    defaultRelative = false;
    sections.values().forEach(Section::rewind);
    section = section(".text");
    lastReal = section;
    for (Entry e : entries) {
      line = e.line;
      here = position();
      long before = section.size();
      try {
        execute(e.statement);
      } catch (SourceError | Encoder.Impossible problem) {
        errors.add(line.message(problem.getMessage()));
      }
      if (section.size() != before && !section.isAbsolute()) {
        lines.put(section.address() + before, line.at());
      }
    }
  }

  private Section section(String name) {
    return sections.computeIfAbsent(name, n -> new Section(n, n.equals(".bss")));
  }

  private Value position() {
    return section.isAbsolute() ? Value.of(section.address() + section.size()) : Value.of(section.size(), section);
  }

  @Override
  public Value here() {
    asked = true;
    return here;
  }

  @Override
  public Value sectionStart() {
    asked = true;
    return section.isAbsolute() ? Value.of(section.address()) : Value.of(0, section);
  }

  @Override
  public Value symbol(String name) {
    asked = true;
    Symbol s = symbols.get(name);
    if (s != null) {
      return s.value;
    }
    if (pass == 1) {
      return Value.UNKNOWN;
    }
    Long start = sectionStart(name);
    if (start != null) {
      return Value.of(start);
    }
    String near = Suggest.nearest(name, symbols.keySet());
    throw new SourceError("symbol '" + name + "' is not defined" + (near == null ? "" : ": did you mean '" + near + "'?"));
  }

  /** {@code section.NAME.start} and {@code section.NAME.vstart}: where a section is loaded and where it runs; else null. */
  private Long sectionStart(String name) {
    int dot = name.lastIndexOf('.');
    Section s = name.startsWith("section.") && dot > 8 ? sections.get(name.substring(8, dot)) : null;
    if (s == null) {
      return null;
    }
    return switch (name.substring(dot + 1)) {
      case "start" -> s.fileAddress();
      case "vstart" -> s.address();
      default -> null;
    };
  }

  private void define(String name, Value value, boolean label) {
    Symbol old = symbols.get(name);
    if (old != null && old.pass == pass) {
      throw new SourceError("symbol '" + name + "' is already defined at " + old.at);
    }
    changed |= old == null || !old.value.equals(value);
    symbols.put(name, new Symbol(value, pass, line.at(), label));
  }

  private void execute(Statement s) {
    switch (s) {
      case Statement.Instruction in -> section.emit(encode(in));
      case Statement.Label l -> define(l.name(), position(), true);
      case Statement.Equ e -> define(e.name(), constant(e.value().eval(this)), false);
      case Statement.Data d -> data(d.unit(), d.items());
      case Statement.Reserve r -> reserve(count(r.count(), "the count") * r.unit());
      case Statement.Times t -> times(t);
      case Statement.Align a -> align(a);
      case Statement.Include i -> include(i);
      case Statement.Org o -> origin(o);
      case Statement.Bits b -> size = bits(b.bits());
      case Statement.Default d -> defaultRelative = d.relative();
      case Statement.SwitchSection w -> switchSection(w);
      case Statement.Absolute a -> section = Section.absolute(a.address().eval(this).absolute());
      case Statement.Instance i -> instanceStart = section.size();
      case Statement.PadTo p -> padTo(p);
    }
  }

  private byte[] encode(Statement.Instruction in) {
    Encoded known = encoded.get(in);
    if (known != null && known.size == size) {
      return known.bytes;
    }
    asked = false;
    byte[] bytes = matcher.encode(in, new Matcher.Site(this, position(), size, defaultRelative));
    boolean branches = in.args().size() > 0 && in.args().getFirst() instanceof Arg.Number;
    if (!asked && !branches) {
      encoded.put(in, new Encoded(bytes, size));
    }
    return bytes;
  }

  private static Value constant(Value v) {
    if (!v.regs().isEmpty()) {
      throw new SourceError("equ of a register: use %define");
    }
    return v;
  }

  private static CodeSize bits(int bits) {
    if (bits != 16 && bits != 32 && bits != 64) {
      throw new SourceError("bits " + bits + ": 16, 32 or 64 expected");
    }
    return CodeSize.of(bits);
  }

  private long count(Expr e, String what) {
    long n = e.eval(this).scalar(what);
    if (n < 0) {
      throw new SourceError(what + " is negative (" + n + ")");
    }
    if (n > MOST_BYTES) {
      throw new SourceError(what + " " + n + " is larger than " + MOST_BYTES);
    }
    return n;
  }

  private void reserve(long n) {
    if (section.size() + n > MOST_BYTES) {
      throw new SourceError("more than " + MOST_BYTES + " bytes in one section");
    }
    section.reserve(n);
  }

  private void times(Statement.Times t) {
    long n = count(t.count(), "the count of times");
    for (long i = 0; i < n; i++) {
      execute(t.body());
    }
  }

  private void align(Statement.Align a) {
    long to = a.to().eval(this).scalar("alignment");
    if (to <= 0 || Long.bitCount(to) != 1 || to > MOST_BYTES) {
      throw new SourceError("alignment " + to + " is not a power of two up to " + MOST_BYTES);
    }
    section.align = Math.max(section.align, to);
    long target = section.size() + Math.floorMod(-section.size(), to);
    if (section.nobits || section.isAbsolute()) {
      reserve(target - section.size());
    }
    while (section.size() < target) {
      execute(a.fill());
    }
  }

  private void padTo(Statement.PadTo p) {
    long n = instanceStart + p.offset().eval(this).scalar("a member's offset") - section.size();
    if (n < 0) {
      throw new SourceError("the structure's members are out of order or too long by " + -n + " bytes");
    }
    section.emit(new byte[Math.toIntExact(n)]);
  }

  private void origin(Statement.Org o) {
    long value = o.origin().eval(this).scalar("org");
    changed |= value != origin;
    origin = value;
  }

  private void include(Statement.Include i) {
    byte[] all;
    try {
      all = source.read(i.file(), line.at().file());
    } catch (IOException e) {
      throw new SourceError("file '" + i.file() + "' cannot be read");
    }
    long skip = i.skip() == null ? 0 : Math.min(count(i.skip(), "the start"), all.length);
    long length = i.length() == null ? all.length - skip : Math.min(count(i.length(), "the length"), all.length - skip);
    section.emit(java.util.Arrays.copyOfRange(all, (int) skip, (int) (skip + length)));
  }

  private void switchSection(Statement.SwitchSection w) {
    if (w.name() == null) {
      section = lastReal;
      return;
    }
    section = section(w.name());
    lastReal = section;
    for (var a : w.attributes()) {
      attribute(section, a);
    }
  }

  private void attribute(Section s, Statement.SwitchSection.Attribute a) {
    switch (a.key()) {
      case "align" -> s.align = Math.max(s.align, a.value().eval(this).scalar("align"));
      case "start" -> s.start = a.value().eval(this).absolute();
      case "vstart" -> s.vstart = a.value().eval(this).absolute();
      case "follows" -> s.follows = a.word();
      case "vfollows" -> s.vfollows = a.word();
      case "nobits" -> s.nobits = true;
      case "progbits" -> s.nobits = false;
      case "exec", "noexec", "write", "nowrite", "alloc", "noalloc" -> { } // other formats' attributes
      default -> throw new SourceError("unknown section attribute '" + a.key() + "': align=, start=, vstart=, follows=, vfollows=, "
          + "progbits or nobits expected");
    }
  }

  // ---- data

  private void data(int unit, List<Statement.Data.Item> items) {
    for (var item : items) {
      if (item.group() != null) {
        long n = count(item.count(), "the count of dup");
        for (long i = 0; i < n; i++) {
          data(unit, item.group());
        }
      } else {
        section.emit(value(unit, item.value()));
      }
    }
  }

  private byte[] value(int unit, Expr e) {
    switch (e) {
      case Expr.Str s:
        byte[] raw = Lexer.bytes(s.text());
        return java.util.Arrays.copyOf(raw, (raw.length + unit - 1) / unit * unit);
      case Expr.Real r:
        return Real.bytes(r.text(), false, unit);
      case Expr.Unary u when u.op().equals("-") && u.a() instanceof Expr.Real r:
        return Real.bytes(r.text(), true, unit);
      default:
        return integer(unit, e.eval(this));
    }
  }

  private static byte[] integer(int unit, Value v) {
    if (!v.regs().isEmpty()) {
      throw new SourceError("a register cannot stand in data");
    }
    long n = v.absolute();
    if (unit < 8 && v.known() && (n < -(1L << 8 * unit) || n >= 1L << 8 * unit)) {
      throw new SourceError("value " + n + " does not fit in " + Names.sizeName(8 * unit));
    }
    byte[] out = new byte[unit];
    for (int i = 0; i < unit; i++) {
      out[i] = (byte) (i < 8 ? n >>> 8 * i : n >> 63);
    }
    return out;
  }

  // ---- placing sections (NASM manual 8.1.3)

  private boolean place() {
    boolean moved = false;
    long end = origin;
    long runEnd = origin;
    Map<String, Section> placed = new LinkedHashMap<>();
    for (Section s : inOrder()) {
      long align = s.align == 0 ? 4 : s.align;
      Section before = s.follows == null ? null : placed.get(s.follows);
      long from = before == null ? s.nobits ? runEnd : end : before.fileAddress() + before.size();
      long file = s.start != null ? s.start : placed.isEmpty() ? from : from + Math.floorMod(-from, align);
      Section runsAfter = s.vfollows == null ? null : placed.get(s.vfollows);
      long afterRun = runsAfter == null ? 0 : runsAfter.address() + runsAfter.size();
      long run = s.vstart != null ? s.vstart : runsAfter != null ? afterRun + Math.floorMod(-afterRun, align) : file;
      moved |= s.place(file, run);
      placed.put(s.name, s);
      runEnd = run + s.size();
      end = s.nobits ? end : Math.max(end, file + s.size());
    }
    return moved;
  }

  /** Sections with contents in the order they appear, then those without; one that follows another after it. */
  private List<Section> inOrder() {
    var order = new ArrayList<Section>();
    for (boolean nobits : new boolean[] {false, true}) {
      for (Section s : sections.values()) {
        if (s.nobits == nobits) {
          order.add(s);
        }
      }
    }
    for (Section s : List.copyOf(order)) {
      Section before = s.follows == null ? null : sections.get(s.follows);
      if (s.follows != null && before == null) {
        throw new SourceError("section " + s.name + " follows " + s.follows + ", which does not exist");
      }
      if (before != null && order.indexOf(before) > order.indexOf(s)) {
        order.remove(s);
        order.add(order.indexOf(before) + 1, s);
      }
    }
    return order;
  }

  /** The result; call after {@link #run} found no errors. */
  Assembly result(List<String> warnings) {
    var out = new ByteArrayOutputStream();
    var placed = new ArrayList<Assembly.Placed>();
    long end = origin;
    var order = new ArrayList<>(inOrder());
    order.sort(java.util.Comparator.comparingLong(Section::fileAddress));
    for (Section s : order) {
      long offset = s.fileAddress() - origin;
      if (!s.nobits && s.size() > 0) {
        if (offset < out.size()) {
          throw new SourceError("section " + s.name + " overlaps the one before it, or stands before the origin");
        }
        if (offset > MOST_BYTES) {
          throw new SourceError("section " + s.name + " starts " + offset + " bytes into the file: at most " + MOST_BYTES);
        }
        out.writeBytes(new byte[Math.toIntExact(offset - out.size())]);
        out.writeBytes(s.contents());
      }
      end = Math.max(end, s.fileAddress() + s.size());
      placed.add(new Assembly.Placed(s.name, s.address(), s.nobits ? -1 : offset, s.size()));
    }
    var values = new LinkedHashMap<String, Long>();
    var labels = new LinkedHashSet<String>();
    symbols.forEach((name, s) -> {
      values.put(name, s.value.absolute());
      if (s.label) {
        labels.add(name);
      }
    });
    return new Assembly(out.toByteArray(), origin, end, Collections.unmodifiableMap(values), Collections.unmodifiableSet(labels),
        Collections.unmodifiableNavigableMap(lines), List.copyOf(placed), List.copyOf(warnings));
  }
}
