package dev.trapline.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AccessFlag;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Imports go down only. The edges below are the architecture: a change to this list is a change of design. */
class LayeringTest {
  /** Package: the packages it may use, both under {@code dev.trapline.vm}. */
  private static final List<String> ALLOWED = List.of(
      "util:",
      "state: util",
      "event:",
      "bus: event state util",
      "softfloat: util",
      "isa: util",
      "isa.disasm: isa util",
      "isa.asm: isa util",
      "mem: bus event state util",
      "mmu: mem bus event state util",
      "svm: mem isa util",
      "cpu: svm mmu mem bus event isa softfloat state util",
      "cpu.svm: cpu svm mmu mem bus event isa softfloat state util",
      "cpu.insn: cpu cpu.svm svm mmu mem bus event isa softfloat state util",
      "interp: cpu cpu.svm cpu.insn svm mmu mem bus event isa softfloat state util",
      "device: bus state util",
      "device.apic: bus state util",
      "device.pci: mem bus state util",
      "device.disk: device device.pci mem bus state util",
      "device.virtio: device device.pci device.disk mem bus state util",
      "device.net: state util",
      "device.display: device device.pci mem bus state util",
      "device.input: device bus state util",
      "machine.tables: util",
      "machine: machine.tables interp device device.apic device.pci device.disk device.virtio device.net device.display device.input cpu cpu.insn mmu mem "
          + "bus event isa state util",
      "vmm.sched:",
      "hostile: vmm vmm.sched svm machine cpu cpu.insn isa.asm isa mem util",
      "vmm: vmm.sched svm cpu.svm machine interp device device.apic device.pci device.disk device.net device.virtio cpu cpu.insn mmu mem bus event isa isa.asm state util",
      "theory: vmm machine cpu cpu.insn mem bus event isa isa.asm isa.disasm",
      "machine.save: machine cpu state util",
      "debug.view: util",
      "debug.board: debug.view machine device device.apic device.pci device.disk device.virtio device.display device.input cpu mem bus state",
      "debug.paging: mmu mem util",
      "debug: debug.view debug.board debug.paging vmm vmm.sched svm machine machine.save interp device device.apic device.pci device.disk device.virtio device.net device.display "
          + "device.input cpu cpu.insn mmu mem bus event isa isa.disasm isa.asm state util");

  private static final String ROOT = "dev/trapline/vm/";
  private static final Pattern REFERENCE = Pattern.compile(ROOT + "((?:[a-z0-9]+/)+)[A-Z]");
  /** What the library may use besides itself. */
  private static final Pattern JDK = Pattern.compile("\\[*L?java/.*|\\[+[A-Z].*");

  @Test
  void everyPackageUsesOnlyWhatStandsBelowIt() throws IOException, URISyntaxException {
    Map<String, Set<String>> allowed = allowed();
    Set<String> wrong = new TreeSet<>();
    for (ClassModel c : classes()) {
      String from = packageOf(c.thisClass().asInternalName());
      Set<String> may = allowed.get(from);
      if (may == null) {
        wrong.add(from + " is not in the list");
        continue;
      }
      for (String to : references(c)) {
        if (!to.equals(from) && !may.contains(to)) {
          wrong.add(from + " uses " + to + " (" + c.thisClass().asInternalName() + ")");
        }
      }
    }
    assertEquals(Set.of(), wrong);
  }

  @Test
  void theListHasNoCycleAndNoStranger() {
    Map<String, Set<String>> allowed = allowed();
    Set<String> seen = new HashSet<>();
    while (seen.size() < allowed.size()) {
      List<String> next = allowed.keySet().stream().filter(p -> !seen.contains(p) && seen.containsAll(allowed.get(p))).toList();
      assertTrue(!next.isEmpty(), "a cycle or an unknown package among " + allowed);
      seen.addAll(next);
    }
  }

  @Test
  void theLibraryNeedsTheJdkAlone() throws IOException, URISyntaxException {
    Set<String> strangers = new TreeSet<>();
    for (ClassModel c : classes()) {
      for (PoolEntry e : c.constantPool()) {
        if (e instanceof ClassEntry k && !JDK.matcher(k.asInternalName()).matches() && !k.asInternalName().contains(ROOT)) {
          strangers.add(k.asInternalName());
        }
      }
    }
    assertEquals(Set.of(), strangers);
  }

  /** Two machines in one JVM share nothing that changes. */
  @Test
  void noStaticFieldIsVariable() throws IOException, URISyntaxException {
    Set<String> variable = new TreeSet<>();
    for (ClassModel c : classes()) {
      c.fields().stream().filter(f -> f.flags().has(AccessFlag.STATIC) && !f.flags().has(AccessFlag.FINAL))
          .forEach(f -> variable.add(c.thisClass().asInternalName() + "." + f.fieldName().stringValue()));
    }
    assertEquals(Set.of(), variable);
  }

  @Test
  void everyPackageSaysWhatItIs() throws IOException {
    List<String> silent = new ArrayList<>();
    for (String module : List.of("vm", "shell")) {
      Path sources = root().resolve(module + "/src/main/java");
      if (Files.isDirectory(sources)) {
        silent.addAll(packagesWithoutInfo(sources));
      }
    }
    assertEquals(List.of(), silent);
  }

  private static List<String> packagesWithoutInfo(Path sources) throws IOException {
    try (Stream<Path> files = Files.walk(sources)) {
      return files.filter(f -> f.toString().endsWith(".java")).map(Path::getParent).distinct()
          .filter(d -> !Files.exists(d.resolve("package-info.java"))).map(d -> sources.relativize(d).toString()).toList();
    }
  }

  /** The repository: where LICENSE stands. */
  private static Path root() {
    String given = System.getProperty("trapline.root");
    Path p = Path.of(given != null ? given : System.getProperty("user.dir")).toAbsolutePath();
    while (p != null && !Files.exists(p.resolve("LICENSE"))) {
      p = p.getParent();
    }
    return p;
  }

  private static Map<String, Set<String>> allowed() {
    Map<String, Set<String>> map = new HashMap<>();
    for (String line : ALLOWED) {
      String[] sides = line.split(":");
      map.put(sides[0], sides.length == 1 ? Set.of() : Set.of(sides[1].trim().split(" ")));
    }
    return map;
  }

  private static List<ClassModel> classes() throws IOException, URISyntaxException {
    Path classes = Path.of(dev.trapline.vm.isa.Row.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      List<ClassModel> all = files.filter(f -> f.toString().endsWith(".class")).map(LayeringTest::parse).toList();
      assertTrue(all.size() > 100, "only " + all.size() + " classes under " + classes);
      return all;
    }
  }

  private static ClassModel parse(Path file) {
    try {
      return ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String packageOf(String internalName) {
    return internalName.substring(ROOT.length(), internalName.lastIndexOf('/')).replace('/', '.');
  }

  /** Packages named anywhere in a class: in class entries, descriptors and signatures. */
  private static Set<String> references(ClassModel c) {
    Set<String> out = new HashSet<>();
    for (PoolEntry e : c.constantPool()) {
      if (e instanceof Utf8Entry text) {
        Matcher m = REFERENCE.matcher(text.stringValue());
        while (m.find()) {
          out.add(m.group(1).substring(0, m.group(1).length() - 1).replace('/', '.'));
        }
      }
    }
    return out;
  }
}
