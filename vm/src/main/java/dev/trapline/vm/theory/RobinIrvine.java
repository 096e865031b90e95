package dev.trapline.vm.theory;

import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sensitive unprivileged instructions of the Pentium as Robin and Irvine list them (Analysis of the Intel Pentium's Ability to Support a
 * Secure Virtual Machine Monitor, USENIX Security 2000), and those the experiment finds beside them.
 *
 * <p>The paper speaks of seventeen instructions; written out by mnemonic, as all who copy the list do, they are eighteen names. How the
 * paper groups them to seventeen no source at hand says, so nothing here counts to seventeen.
 */
public final class RobinIrvine {
  /**
   * One name of the list.
   *
   * @param section requirement it violates: 3B sensitive registers and memory, 3C the protection system
   */
  public record Name(String text, String section) {}

  private static final List<Name> LIST = List.of(
      new Name("sgdt", "3B"), new Name("sidt", "3B"), new Name("sldt", "3B"), new Name("smsw", "3B"),
      new Name("pushf", "3B"), new Name("popf", "3B"), new Name("lar", "3C"), new Name("lsl", "3C"), new Name("verr", "3C"),
      new Name("verw", "3C"), new Name("pop (segment)", "3C"), new Name("push (segment)", "3C"), new Name("call (far)", "3C"),
      new Name("jmp (far)", "3C"), new Name("int n", "3C"), new Name("ret (far)", "3C"), new Name("str", "3C"),
      new Name("mov (segment)", "3C"));

  /** What virtual-8086 mode lets through that real mode shows: all else of the 8086 traps there with IOPL 0. */
  private static final Set<String> IN_16 = Set.of("sgdt", "sidt", "smsw");
  /** In 64-bit mode PUSH of CS and SS does not exist, and FS and GS show nothing. */
  private static final String NOT_IN_64 = "push (segment)";
  /** What of the list does not escape the monitor: the gates of its IDT have DPL 0, so that INT n faults at any lower level. */
  private static final String CAUGHT = "int n";

  private static final Map<String, String> OTHERS = others();

  private RobinIrvine() {}

  private static Map<String, String> others() {
    var all = new LinkedHashMap<String, String>();
    all.put("iret", "restores IF and IOPL as silently as POPF; not on the list");
    for (String load : List.of("lds", "les", "lss", "lfs", "lgs")) {
      all.put(load, "loads a segment register as MOV does; not on the list");
    }
    for (String trap : List.of("int3", "into", "int1")) {
      all.put(trap, "INT n of a fixed vector; not on the list");
    }
    for (String store : List.of("fnstenv", "fnsave")) {
      all.put(store, "stores the selector of CS, with the level, that x87 instructions record; not on the list");
    }
    all.put("cpuid", "shows CR4.OSXSAVE; on the Pentium it showed nothing of the kind");
    for (String call : List.of("syscall", "sysenter")) {
      all.put(call, "changes the level without a gate; later than the Pentium");
    }
    all.put("xgetbv", "shows XCR0; later than the Pentium");
    for (String save : List.of("xsave", "xsave64", "xsaveopt", "xsaveopt64", "xrstor", "xrstor64")) {
      all.put(save, "does as XCR0 says; later than the Pentium");
    }
    for (String base : List.of("wrfsbase", "wrgsbase")) {
      all.put(base, "moves a segment; later than the Pentium");
    }
    return Map.copyOf(all);
  }

  /** The list. */
  public static List<Name> list() {
    return LIST;
  }

  /** The names of the list that mean something in a mode. */
  static List<String> in(int bits) {
    return LIST.stream().map(Name::text).filter(n -> bits == 16 ? IN_16.contains(n) : bits == 32 || !n.equals(NOT_IN_64)).toList();
  }

  /** Whether the monitor's technique {@code trap} catches it though it is not privileged. */
  static boolean caught(String name) {
    return name.equals(CAUGHT);
  }

  /** The place of a name on the list, such as {@code 3B}; else why it is not on it; empty if nobody knows it. */
  static String place(String name) {
    return LIST.stream().filter(n -> n.text().equals(name)).map(Name::section).findFirst().orElse(OTHERS.getOrDefault(name, ""));
  }

  static boolean lists(String name) {
    return LIST.stream().anyMatch(n -> n.text().equals(name));
  }

  /** What a row is called there: the forms that load or show a segment register, and far transfers, apart from the others. */
  static String name(Row row) {
    String m = row.mnemonic();
    boolean segment = row.operands().stream().anyMatch(o -> o.place() == Place.S || o.place() == Place.FIXED_SEG);
    boolean far = row.operands().stream().anyMatch(o -> o.place() == Place.A || o.size().equals("p"));
    return switch (m) {
      case "push", "pop", "mov" -> segment ? m + " (segment)" : special(row, m);
      case "call", "jmp" -> far ? m + " (far)" : m;
      case "retf" -> "ret (far)";
      case "int" -> "int n";
      default -> m;
    };
  }

  private static String special(Row row, String m) {
    boolean control = row.operands().stream().anyMatch(o -> o.place() == Place.C);
    boolean debug = row.operands().stream().anyMatch(o -> o.place() == Place.D);
    return control ? m + " (control)" : debug ? m + " (debug)" : m;
  }
}
