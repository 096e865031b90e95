package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.GateView;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of a Linux guest, from its memory or a file, where the kernel really is: it moves itself by a random distance (KASLR) that
 * neither a System.map nor an ELF file knows.
 */
final class LinuxSymbols {
  private static final long KERNEL_MAP_64 = 0xffffffff80000000L;
  private static final long KERNEL_MAP_32 = 0xc0000000L;
  /** Where a kernel wants to be, in the header of a bzImage of protocol 2.10 (Documentation/arch/x86/boot.rst). */
  private static final int PREF_ADDRESS = 0x258;
  private static final long USUAL_ADDRESS = 0x1000000;
  private static final int PAGE_FAULT = 14;
  private static final List<String> PAGE_FAULT_NAMES = List.of("asm_exc_page_fault", "page_fault");
  private static final byte[] BANNER = "Linux version ".getBytes(StandardCharsets.ISO_8859_1);
  private static final int LONGEST_BANNER = 400;
  private static final int CHUNK = 1 << 20;

  private LinuxSymbols() {}

  /**
   * The guest's own names; {@link BadInput} says why there are none.
   *
   * @param idt the interrupt table now
   */
  static Symbols ofGuest(PhysicalMemory memory, BootImage image, List<GateView> idt) {
    Kallsyms.Found found = Kallsyms.find(memory, names -> runs(names, idt));
    if (found == null) {
      throw new BadInput("no Linux symbol table in the guest's memory (has the kernel unpacked itself yet?)");
    }
    String kernel = banner(memory);
    String from = "kallsyms at p:0x" + Long.toHexString(found.at());
    if (found.names().isEmpty()) {
      throw new BadInput(from + " are laid out in a way this does not know"
          + (kernel.isEmpty() ? "" : " (" + version(kernel) + ")") + ": it knows Linux 4.6 to 6.3; 'symbols FILE' takes a System.map");
    }
    Long text = found.names().get("_text");
    Long slide = text == null || !runs(found.names(), idt) ? null : Long.valueOf(text - linked(image, text < 0));
    return Symbols.ofKernel(found.names(), found.perCpu(), new Symbols.Origin(from, kernel, slide), SourceLines.NONE);
  }

  private static boolean runs(Map<String, Long> names, List<GateView> idt) {
    return Long.valueOf(0).equals(slide(names, idt));
  }

  /** Where {@code _text} was linked. */
  private static long linked(BootImage image, boolean wide) {
    byte[] b = image.bytes();
    boolean header = image.resolvedKind() == BootImage.Kind.LINUX && b.length > PREF_ADDRESS + 8;
    long wanted = header ? PhysicalMemory.get(b, PREF_ADDRESS, 8) : USUAL_ADDRESS;
    return (wide ? KERNEL_MAP_64 : KERNEL_MAP_32) + wanted;
  }

  private static String version(String banner) {
    String[] words = banner.split(" ");
    return words.length > 2 ? "Linux " + words[2] : banner;
  }

  /** {@code Linux version 6.1.0-50-amd64 (...) ...}, or empty. */
  private static String banner(PhysicalMemory memory) {
    for (PhysicalMemory.Region r : memory.regions()) {
      for (long at = r.start(); r.device() == null && r.writable() && at < r.end(); at += CHUNK) {
        byte[] b = new byte[(int) Math.min(CHUNK + LONGEST_BANNER, r.end() - at)];
        memory.peek(at, b, 0, b.length);
        String found = banner(b);
        if (found != null) {
          return found;
        }
      }
    }
    return "";
  }

  private static String banner(byte[] b) {
    for (int i = 0; i < b.length - LONGEST_BANNER; i++) {
      if (b[i] == 'L' && Arrays.equals(b, i, i + BANNER.length, BANNER, 0, BANNER.length)
          && Character.isDigit(b[i + BANNER.length])) {
        int end = i;
        while (end < i + LONGEST_BANNER && b[end] >= ' ' && b[end] < 127) {
          end++;
        }
        String line = new String(b, i, end - i, StandardCharsets.ISO_8859_1);
        // Others are pieces of the compressed kernel.
        if (line.contains(" #")) {
          return line;
        }
      }
    }
    return null;
  }

  /**
   * A file's names where the kernel in memory is: its interrupt table tells how far from where it was linked.
   *
   * @param idt the interrupt table now
   */
  static Symbols ofFile(String file, Map<String, Long> names, SourceLines lines, List<GateView> idt) {
    if (names.keySet().stream().noneMatch(n -> n.equals("_text") || n.equals("startup_64") || n.equals("startup_32"))) {
      return new Symbols(names, lines);
    }
    Long slide = slide(names, idt);
    var addresses = new HashMap<String, Long>();
    var perCpu = new HashMap<String, Long>();
    boolean wide = names.values().stream().anyMatch(a -> a < 0);
    // Per-CPU variables are linked at 0 and above (arch/x86/kernel/vmlinux.lds.S), where programs are.
    names.forEach((n, a) -> (wide && a >= 0 ? perCpu : addresses).put(n, wide && a >= 0 ? a : a + (slide == null ? 0 : slide)));
    return Symbols.ofKernel(addresses, perCpu, new Symbols.Origin(file, "", slide), lines.moved(slide == null ? 0 : slide));
  }

  private static Long slide(Map<String, Long> names, List<GateView> idt) {
    for (String name : PAGE_FAULT_NAMES) {
      Long linked = names.get(name);
      for (GateView g : idt) {
        // A kernel moves by whole pages; another handler is not there yet or another kernel's.
        if (linked != null && g.vector() == PAGE_FAULT && g.present() && (g.offset() - linked & 0xfff) == 0) {
          return g.offset() - linked;
        }
      }
    }
    return null;
  }

  /** The lines of {@code symbols}. */
  static FieldsView view(Symbols s) {
    var fields = new ArrayList<Field>();
    Symbols.Origin o = s.origin();
    fields.add(new Field("from", o.from().isEmpty() ? "the image" : o.from()));
    if (!o.kernel().isEmpty()) {
      fields.add(new Field("kernel", o.kernel()));
    }
    fields.add(new Field("names", Integer.toString(s.size()),
        s.perCpuCount() == 0 ? "" : "and " + s.perCpuCount() + " per-CPU variables"));
    s.address("_text").ifPresent(a -> fields.add(Field.hex("_text", a, "")));
    if (s.address("_text").isPresent()) {
      fields.add(o.slide() == null ? new Field("slide", "unknown", "the interrupt table is not this kernel's (yet)")
          : Field.hex("slide", o.slide(), o.slide() == 0 ? "where it was linked" : "KASLR"));
    }
    return new FieldsView("symbols", fields);
  }
}
