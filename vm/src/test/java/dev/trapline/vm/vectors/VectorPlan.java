package dev.trapline.vm.vectors;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.Row;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Enumerates what the silicon is asked: every row that user mode may execute, in its operand sizes, register and memory forms and
 * prefixes, as {@link VectorForm}s. The main program writes the plan that {@code vectors.sh} runs:
 * {@code java -cp ... dev.trapline.vm.vectors.VectorPlan plan.bin}. A second argument multiplies the number of cases, for a deeper search
 * that is not checked in.
 */
final class VectorPlan {
  /** Rows that have no vectors, by mnemonic, with the reason. */
  static final Map<String, String> LEFT_OUT = leftOut();
  private static final int CASES = 320;
  private static final int CASES_X87 = 256;
  private static final int CASES_32 = 48;

  private VectorPlan() {}

  private static Map<String, String> leftOut() {
    var map = new TreeMap<String, String>();
    reason(map, "its result is the clock or the machine, not its operands", "rdtsc", "rdtscp", "rdpmc", "cpuid", "rdrand", "rdseed",
        "rdpid", "xgetbv", "rdfsbase", "rdgsbase");
    reason(map, "enters the host's kernel", "syscall", "sysenter");
    reason(map, "emulated by Linux on processors with UMIP", "sgdt", "sidt", "sldt", "smsw", "str");
    reason(map, "traps into the host's debugger interface", "int1", "icebp");
    reason(map, "what it stores depends on what the host's kernel restored last", "xsaveopt", "xsaveopt64");
    reason(map, "undefined for user mode, or intercepted by the host's hypervisor", "monitor", "mwait", "vmmcall", "vmcall", "vmrun",
        "vmload", "vmsave", "stgi", "clgi", "skinit", "invlpga", "rsm", "salc", "getsec");
    return map;
  }

  private static void reason(Map<String, String> map, String why, String... mnemonics) {
    for (String m : mnemonics) {
      map.put(m, why);
    }
  }

  /** Why a row has no vectors, or null if it has. */
  static String leftOut(Row row) {
    if (row.feature() == Feature.INVPCID) {
      return "not advertised by our processor";
    }
    if (row.feature() == Feature.SVM) {
      return "intercepted by the host's hypervisor";
    }
    return LEFT_OUT.get(row.mnemonic());
  }

  /** The forms of every row; a row that cannot be formed maps to an empty list. */
  static Map<Row, List<VectorForm>> forms(int factor) {
    var all = new LinkedHashMap<Row, List<VectorForm>>();
    for (Row row : X86.set().rows()) {
      var forms = new ArrayList<VectorForm>();
      if (leftOut(row) == null) {
        if (!row.is(Attr.NO64)) {
          forms.addAll(spread(new RowForms(row, 64).all(), factor * (row.feature() == Feature.X87 ? CASES_X87 : CASES)));
        }
        if (!row.is(Attr.ONLY64)) {
          int few = row.is(Attr.NO64) || row.enc().addrBits() == 16 ? CASES : CASES_32;
          forms.addAll(spread(new RowForms(row, 32).all(), factor * few));
        }
      }
      all.put(row, forms);
    }
    return all;
  }

  /** Shares out the cases among forms that left their count open. */
  private static List<VectorForm> spread(List<VectorForm> forms, int cases) {
    long open = Math.max(1, forms.stream().filter(f -> f.count() == 0).count());
    int each = (int) Math.max(4, (cases + open - 1) / open);
    return forms.stream().map(f -> f.count() != 0 ? f : new VectorForm(f.mode(), f.bytes(), f.uses(), f.vectorKind(), f.memoryKind(), each,
        f.window(), f.windowBytes(), f.fixes())).toList();
  }

  public static void main(String[] args) throws IOException {
    int forms = 0;
    long cases = 0;
    var without = new ArrayList<String>();
    try (OutputStream out = Files.newOutputStream(Path.of(args[0]))) {
      for (var e : forms(args.length > 1 ? Integer.parseInt(args[1]) : 1).entrySet()) {
        for (VectorForm f : e.getValue()) {
          out.write(f.header());
          forms++;
          cases += f.count();
        }
        if (e.getValue().isEmpty()) {
          without.add(e.getKey() + ": " + leftOut(e.getKey()));
        }
      }
    }
    System.out.println(forms + " forms, " + cases + " cases; rows without: " + without.size());
    without.forEach(System.out::println);
  }

  /** Mnemonics whose stack pointer must point into the window. */
  static final Set<String> STACK = Set.of("push", "pop", "call", "ret", "retn", "retf", "enter", "leave", "pusha", "popa", "pushad",
      "popad", "pushaw", "popaw", "pushf", "popf", "pushfd", "popfd", "pushfq", "popfq", "pushfw", "popfw", "iret", "iretd", "iretq",
      "iretw", "retfq", "retfw", "retfd");

  /** Whether an operand's width follows the operand size. */
  static boolean followsSize(OperandSpec o) {
    return switch (o.size()) {
      case "v", "z", "y", "bs", "p", "a", "e14", "e94" -> !o.text().equals("Jbs");
      default -> false;
    };
  }
}
