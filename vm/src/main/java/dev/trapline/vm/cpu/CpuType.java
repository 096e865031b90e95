package dev.trapline.vm.cpu;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A kind of processor: what CPUID calls it, and which of the implemented features it has. Without a feature its CPUID bit is clear, its
 * instructions raise #UD, its control register bits are reserved and its MSRs do not exist.
 *
 * @param name one of {@link #names}
 * @param about what it stands for, in a few words
 * @param signature family, model and stepping as CPUID leaf 1 gives them
 * @param extended whether there are CPUID leaves from 8000_0000h on
 * @param features by the names of CPUID's bits, see {@link Cpuid#features}
 */
public record CpuType(String name, String about, int signature, boolean extended, Set<String> features) {
  private static final int FAMILY_15 = 0x00060fb1;
  /** What a feature builds on: it cannot be there without. */
  private static final Map<String, String> NEEDS = Map.ofEntries(Map.entry("sse", "fxsr"), Map.entry("sse2", "sse"),
      Map.entry("sse3", "sse2"), Map.entry("ssse3", "sse3"), Map.entry("sse4_1", "ssse3"), Map.entry("sse4_2", "sse4_1"),
      Map.entry("aes", "sse2"), Map.entry("pclmulqdq", "sse2"), Map.entry("xsaveopt", "xsave"), Map.entry("xsave", "fxsr"),
      Map.entry("lm", "pae"), Map.entry("nx", "pae"), Map.entry("pdpe1gb", "lm"), Map.entry("lahf_lm", "lm"), Map.entry("cx16", "lm"),
      Map.entry("fsgsbase", "lm"), Map.entry("fxsr", "fpu"), Map.entry("mmx", "fpu"), Map.entry("mmxext", "mmx"),
      Map.entry("rdtscp", "tsc"), Map.entry("constant_tsc", "tsc"), Map.entry("tsc_deadline_timer", "apic"),
      Map.entry("apic", "msr"), Map.entry("mtrr", "msr"), Map.entry("pat", "msr"), Map.entry("sep", "msr"), Map.entry("syscall", "msr"),
      Map.entry("pse36", "pse"), Map.entry("svm", "msr"), Map.entry("npt", "svm"), Map.entry("lbrv", "svm"), Map.entry("svm_lock", "svm"), Map.entry("nrip_save", "svm"),
      Map.entry("tsc_scale", "svm"), Map.entry("vmcb_clean", "svm"), Map.entry("flushbyasid", "svm"), Map.entry("decodeassists", "svm"),
      Map.entry("pausefilter", "svm"), Map.entry("pfthreshold", "pausefilter"), Map.entry("mce", "msr"),
      Map.entry("mca", "mce"));

  private static final List<String> P5 = List.of("fpu", "de", "pse", "tsc", "msr", "mce", "cx8", "apic");
  private static final List<String> P6 = joined(P5, "pae", "mtrr", "pge", "mca", "cmov", "pat", "pse36", "sep", "mmx", "fxsr");
  private static final List<String> V1 = joined(P6, "clflush", "sse", "sse2", "syscall", "nx", "mmxext", "lm");
  private static final List<String> V2 = joined(V1, "sse3", "ssse3", "cx16", "sse4_1", "sse4_2", "popcnt", "lahf_lm", "rdtscp",
      "constant_tsc");

  /** Everything there is. */
  public static final CpuType MAX = new CpuType("max", "every feature Trapline has (the default)", FAMILY_15, true,
      Set.copyOf(Cpuid.features()));

  private static final List<CpuType> ALL = List.of(
      of("486", "family 4: an FPU and nothing newer", 0x4f4, false, List.of("fpu")),
      of("pentium", "family 5: time stamp, MSRs, CMPXCHG8B, large pages, APIC", 0x52c, false, P5),
      of("686", "family 6: CMOV, PAE, MMX, SYSENTER, no SSE", 0x662, true, P6),
      of("x86-64", "the first 64-bit processors: SSE2, SYSCALL, NX", FAMILY_15, true, V1),
      of("x86-64-v2", "and SSE up to 4.2, POPCNT, CMPXCHG16B", FAMILY_15, true, V2),
      MAX);

  public CpuType {
    features = Set.copyOf(features);
  }

  private static CpuType of(String name, String about, int signature, boolean extended, List<String> features) {
    return new CpuType(name, about, signature, extended, Set.copyOf(features));
  }

  private static List<String> joined(List<String> base, String... more) {
    var all = new ArrayList<>(base);
    all.addAll(List.of(more));
    return List.copyOf(all);
  }

  /** All named ones, the oldest first. */
  public static List<CpuType> all() {
    return ALL;
  }

  /**
   * Reads {@code NAME[,+FEATURE,-FEATURE]}. A feature brings what it builds on; without it, what builds on it goes too.
   *
   * @throws IllegalArgumentException if there is no such type or feature; the message lists what there is
   */
  public static CpuType parse(String text) {
    String[] parts = text.toLowerCase(Locale.ROOT).split(",", -1);
    CpuType type = ALL.stream().filter(t -> t.name.equals(parts[0])).findFirst().orElseThrow(() -> new IllegalArgumentException(
        "no processor '" + parts[0] + "': there is " + String.join(", ", ALL.stream().map(CpuType::name).toList())));
    for (String part : List.of(parts).subList(1, parts.length)) {
      if (!part.startsWith("+") && !part.startsWith("-")) {
        throw new IllegalArgumentException("'" + part + "': +feature or -feature is expected");
      }
      String feature = known(part.substring(1));
      type = part.startsWith("+") ? type.with(feature) : type.without(feature);
    }
    return type;
  }

  private static String known(String feature) {
    String plain = feature.replace(".", "_");
    return Cpuid.features().stream().filter(f -> f.equals(plain) || f.replace("_", "").equals(plain)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no feature '" + feature + "': Trapline has " + String.join(" ", Cpuid.features())));
  }

  private CpuType with(String feature) {
    Set<String> more = new LinkedHashSet<>(features);
    for (String f = feature; f != null; f = NEEDS.get(f)) {
      more.add(f);
    }
    return new CpuType(name, about, signature, extended, more);
  }

  private CpuType without(String feature) {
    if (feature.equals("fpu")) {
      throw new IllegalArgumentException("-fpu: a machine without an FPU is not there");
    }
    Set<String> fewer = new LinkedHashSet<>(features);
    fewer.removeIf(f -> builtOn(f, feature));
    return new CpuType(name, about, signature, extended, fewer);
  }

  private static boolean builtOn(String feature, String base) {
    for (String f = feature; f != null; f = NEEDS.get(f)) {
      if (f.equals(base)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it has a feature, by the name of CPUID's bit. */
  public boolean has(String feature) {
    return features.contains(feature);
  }
}
