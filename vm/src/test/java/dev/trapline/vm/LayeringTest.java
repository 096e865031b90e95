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
      "cpu: mmu mem bus event isa softfloat state util",
      "cpu.insn: cpu mmu mem bus event isa softfloat state util",
      "interp: cpu cpu.insn mmu mem bus event isa softfloat state util",
      "device: bus state util",
      "device.apic: bus state util",
      "device.pci: mem bus state util",
      "device.disk: device device.pci mem bus state util",
      "device.virtio: device device.pci device.disk mem bus state util",
      "device.display: device device.pci mem bus state util",
      "device.input: device bus state util",
