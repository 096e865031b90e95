package dev.trapline.vm.cpu;

import dev.trapline.vm.isa.Feature;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What CPUID says (SDM 2A CPUID, APM3 appendix E): an AMD family 0Fh processor with the features implemented here and no
 * others.
 */
public final class Cpuid {
  /**
   * Parts of SVM (CPUID 8000_000A EDX).
   *
   * @param nested nested paging
   * @param branches LBR virtualization
   * @param nextRip NRIP is saved
   * @param assists decode assists
   * @param pauses PAUSE filter
   * @param threshold PAUSE filter threshold
   */
  public record SvmFeatures(boolean nested, boolean branches, boolean nextRip, boolean assists, boolean pauses, boolean threshold) {
    private static SvmFeatures of(CpuModel m) {
      return new SvmFeatures(m.has("npt"), m.has("lbrv"), m.has("nrip_save"), m.has("decodeassists"), m.has("pausefilter"), m.has("pfthreshold"));
    }
  }

  /** One answer. */
  public record Leaf(int eax, int ebx, int ecx, int edx) {
    static final Leaf ZERO = new Leaf(0, 0, 0, 0);
  }

  /** The registers that carry feature bits. */
  public enum Word { L1_EDX, L1_ECX, L7_EBX, L7_ECX, LD1_EAX, X1_EDX, X1_ECX, X7_EDX, XA_EDX }

  /**
   * One advertised bit.
   *
   * @param name as the manuals and Linux's {@code /proc/cpuinfo} call it
   * @param feature rows it stands for, or null if it stands for registers or modes
   * @param cr4 bits of CR4 that come with it
   * @param efer bits of EFER that come with it
   */
  public record Bit(Word word, int number, String name, Feature feature, int cr4, int efer) {
    private Bit cr4(int mask) {
      return new Bit(word, number, name, feature, mask, efer);
    }

    private Bit efer(int mask) {
      return new Bit(word, number, name, feature, cr4, mask);
    }
  }

  private static final int STRUCTURED = 7;
  private static final int MAX_BASIC = 0xd;
  private static final int MAX_EXTENDED = 0x80000008;
  private static final int SVM_LEAF = 0x8000000a;
  private static final int SVM_REVISION = 1;
  private static final String BRAND = "Trapline Virtual Processor";
  private static final int OSXSAVE = 1 << 27;
  private static final int EXTENDED = 0x80000000;

  private static final List<Bit> BITS = List.of(
      bit(Word.L1_EDX, 0, "fpu", Feature.X87), bit(Word.L1_EDX, 2, "de").cr4(Control.DE), bit(Word.L1_EDX, 3, "pse").cr4(Control.PSE),
      bit(Word.L1_EDX, 4, "tsc", Feature.TSC).cr4(Control.TSD), bit(Word.L1_EDX, 5, "msr", Feature.MSR), bit(Word.L1_EDX, 6, "pae").cr4(Control.PAE),
      bit(Word.L1_EDX, 7, "mce").cr4(Control.MCE), bit(Word.L1_EDX, 8, "cx8", Feature.CX8), bit(Word.L1_EDX, 9, "apic"),
      bit(Word.L1_EDX, 11, "sep", Feature.SYSENTER), bit(Word.L1_EDX, 12, "mtrr"), bit(Word.L1_EDX, 13, "pge").cr4(Control.PGE),
      bit(Word.L1_EDX, 14, "mca"), bit(Word.L1_EDX, 15, "cmov", Feature.CMOV), bit(Word.L1_EDX, 16, "pat"),
      bit(Word.L1_EDX, 17, "pse36"), bit(Word.L1_EDX, 19, "clflush", Feature.CLFLUSH), bit(Word.L1_EDX, 23, "mmx", Feature.MMX),
      bit(Word.L1_EDX, 24, "fxsr", Feature.FXSR).cr4(Control.OSFXSR), bit(Word.L1_EDX, 25, "sse", Feature.SSE).cr4(Control.OSXMMEXCPT),
      bit(Word.L1_EDX, 26, "sse2", Feature.SSE2),
      bit(Word.L1_ECX, 0, "sse3", Feature.SSE3), bit(Word.L1_ECX, 1, "pclmulqdq", Feature.PCLMUL),
      bit(Word.L1_ECX, 9, "ssse3", Feature.SSSE3), bit(Word.L1_ECX, 13, "cx16", Feature.CX16),
      bit(Word.L1_ECX, 19, "sse4_1", Feature.SSE41), bit(Word.L1_ECX, 20, "sse4_2", Feature.SSE42),
      bit(Word.L1_ECX, 23, "popcnt", Feature.POPCNT), bit(Word.L1_ECX, 24, "tsc_deadline_timer"),
      bit(Word.L1_ECX, 25, "aes", Feature.AES), bit(Word.L1_ECX, 26, "xsave", Feature.XSAVE).cr4(Control.OSXSAVE),
      bit(Word.L7_EBX, 0, "fsgsbase", Feature.FSGSBASE).cr4(Control.FSGSBASE), bit(Word.L7_EBX, 7, "smep").cr4(Control.SMEP), bit(Word.L7_EBX, 20, "smap", Feature.SMAP).cr4(Control.SMAP),
      bit(Word.L7_ECX, 2, "umip").cr4(Control.UMIP), bit(Word.LD1_EAX, 0, "xsaveopt"),
      bit(Word.X1_EDX, 11, "syscall", Feature.SYSCALL).efer(Control.SCE), bit(Word.X1_EDX, 20, "nx").efer(Control.NXE), bit(Word.X1_EDX, 22, "mmxext"),
      bit(Word.X1_EDX, 26, "pdpe1gb"), bit(Word.X1_EDX, 27, "rdtscp", Feature.RDTSCP), bit(Word.X1_EDX, 29, "lm", Feature.LM).efer(Control.LME | Control.LMA),
      bit(Word.X1_ECX, 0, "lahf_lm"), bit(Word.X1_ECX, 2, "svm", Feature.SVM).efer(Control.SVME), bit(Word.X1_ECX, 8, "3dnowprefetch"),
      bit(Word.X7_EDX, 8, "constant_tsc"),
      bit(Word.XA_EDX, 0, "npt"), bit(Word.XA_EDX, 1, "lbrv"), bit(Word.XA_EDX, 2, "svm_lock"), bit(Word.XA_EDX, 3, "nrip_save"), bit(Word.XA_EDX, 4, "tsc_scale"),
      bit(Word.XA_EDX, 5, "vmcb_clean"), bit(Word.XA_EDX, 6, "flushbyasid"), bit(Word.XA_EDX, 7, "decodeassists"),
      bit(Word.XA_EDX, 10, "pausefilter"), bit(Word.XA_EDX, 12, "pfthreshold"));
  /** Bits of leaf 1 EDX that leaf 8000_0001 repeats on AMD processors. */
  private static final int REPEATED = 0x0183f3ff;
  private static final int BASIC_BRAND = 0x80000002;

  private final CpuModel model;
  private final List<Bit> bits;
  private final Set<Feature> features;
  private final SvmFeatures svm;
  private final int cr4;
  private final int efer;

  /** The answers of a processor of a model. */
  public Cpuid(CpuModel model) {
    this.model = model;
    this.bits = BITS.stream().filter(b -> model.has(b.name)).toList();
    this.features = features(bits);
    this.svm = SvmFeatures.of(model);
    this.cr4 = Control.PCE | bits.stream().mapToInt(Bit::cr4).reduce(0, (a, b) -> a | b);
    this.efer = bits.stream().mapToInt(Bit::efer).reduce(0, (a, b) -> a | b);
  }

  /** Names of all features there are, in table order. */
  public static List<String> features() {
    return BITS.stream().map(Bit::name).toList();
  }

  /** Bits of CR4 that can be set. */
  int cr4() {
    return cr4;
  }

  /** Bits of EFER that can be set; none if there is no EFER. */
  int efer() {
    return efer;
  }

  /** Family, model and stepping; EDX after reset. */
  int signature() {
    return model.type().signature();
  }

  /** Whether there is an MSR, by the feature it belongs to; null stands for those that always exist. */
  boolean hasMsr(String feature) {
    return feature == null || model.has(feature);
  }

  /** What SVM comes with; asked for at every world switch. */
  public SvmFeatures svm() {
    return svm;
  }

  private static Bit bit(Word word, int number, String name) {
    return new Bit(word, number, name, null, 0, 0);
  }

  private static Bit bit(Word word, int number, String name, Feature feature) {
    return new Bit(word, number, name, feature, 0, 0);
  }

  private static Set<Feature> features(List<Bit> bits) {
    EnumSet<Feature> set = EnumSet.of(Feature.BASE);
    bits.stream().filter(b -> b.feature != null).forEach(b -> set.add(b.feature));
    return set;
  }

  /** The advertised bits in table order. */
  public List<Bit> bits() {
    return bits;
  }

  /** Whether rows of a feature exist on this processor; others raise #UD. */
  public boolean has(Feature feature) {
    return features.contains(feature);
  }

  private int word(Word word) {
    int v = 0;
    for (Bit b : bits) {
      if (b.word == word) {
        v |= 1 << b.number;
      }
    }
    return v;
  }

  /** The leaves that are not zero, for {@code info cpuid}. */
  public List<Integer> leaves() {
    List<Integer> list = new ArrayList<>(List.of(0, 1, 7, 0xd));
    for (int i = EXTENDED; i <= maxExtended(); i++) {
      list.add(i);
    }
    return list;
  }

  /** The answer for EAX and ECX; leaves beyond the last basic one answer zero, as on AMD processors. */
  public Leaf leaf(Cpu c, int eax, int ecx) {
    boolean there = eax >= 0 ? eax <= maxBasic() : model.type().extended();
    return there ? present(c, eax, ecx) : Leaf.ZERO;
  }

  /** The highest leaf that says something. */
  private int maxBasic() {
    return model.has("xsave") ? MAX_BASIC : word(Word.L7_EBX) != 0 || word(Word.L7_ECX) != 0 ? STRUCTURED : 1;
  }

  private Leaf present(Cpu c, int eax, int ecx) {
    return switch (eax) {
      case 0 -> vendor(maxBasic());
      case 1 -> new Leaf(signature(), 8 << 8 | 1 << 16 | model.index() << 24, word(Word.L1_ECX) | ((c.cr4 & Control.OSXSAVE) != 0 ? OSXSAVE : 0),
          word(Word.L1_EDX));
      case STRUCTURED -> ecx == 0 ? new Leaf(0, word(Word.L7_EBX), word(Word.L7_ECX), 0) : Leaf.ZERO;
      case 0xd -> extendedState(c, ecx);
      case 0x80000000 -> vendor(maxExtended());
      case 0x80000001 -> new Leaf(signature(), 0, word(Word.X1_ECX), word(Word.X1_EDX) | word(Word.L1_EDX) & REPEATED);
      case 0x80000002, 0x80000003, 0x80000004 -> brand(eax - BASIC_BRAND);
      // Two 64 KiB first-level caches and 512 KiB behind them, as the K8 had.
      case 0x80000005 -> new Leaf(0xff08ff08, 0xff20ff20, 0x40020140, 0x40020140);
      case 0x80000006 -> new Leaf(0, 0x42004200, 0x02008140, 0);
      case 0x80000007 -> new Leaf(0, 0, 0, word(Word.X7_EDX));
      case 0x80000008 -> new Leaf(Control.PHYSICAL_BITS | 48 << 8, 0, 0, 0);
      case SVM_LEAF -> model.has("svm") ? new Leaf(SVM_REVISION, Svm.ASIDS, 0, word(Word.XA_EDX)) : Leaf.ZERO;
      default -> Leaf.ZERO;
    };
  }

  private int maxExtended() {
    return model.has("svm") ? SVM_LEAF : MAX_EXTENDED;
  }

  private static Leaf vendor(int max) {
    return new Leaf(max, text("Auth"), text("cAMD"), text("enti"));
  }

  private static int text(String four) {
    byte[] b = four.getBytes(StandardCharsets.US_ASCII);
    return b[0] & 0xff | (b[1] & 0xff) << 8 | (b[2] & 0xff) << 16 | (b[3] & 0xff) << 24;
  }

  private static Leaf brand(int third) {
    String s = BRAND + "\0".repeat(48 - BRAND.length());
    int at = third * 16;
    return new Leaf(text(s.substring(at, at + 4)), text(s.substring(at + 4, at + 8)), text(s.substring(at + 8, at + 12)),
        text(s.substring(at + 12, at + 16)));
  }

  private Leaf extendedState(Cpu c, int sub) {
    return switch (sub) {
      case 0 -> new Leaf(3, XSaveArea.SIZE, XSaveArea.SIZE, 0);
      case 1 -> new Leaf(word(Word.LD1_EAX), 0, 0, 0);
      default -> Leaf.ZERO;
    };
  }
}
