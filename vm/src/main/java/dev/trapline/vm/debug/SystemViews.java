package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.cpu.Msr;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import java.util.List;
import java.util.stream.Collectors;

/** CPUID and MSRs. */
final class SystemViews {
  private final Cpu cpu;

  SystemViews(Cpu cpu) {
    this.cpu = cpu;
  }

  FieldsView cpuid() {
    List<Field> fields = cpu.cpuid.leaves().stream().map(this::leaf).collect(Collectors.toList());
    fields.add(new Field("features", cpu.cpuid.bits().stream().map(Cpuid.Bit::name).collect(Collectors.joining(" "))));
    return new FieldsView("cpuid: eax ebx ecx edx", fields);
  }

  private Field leaf(int eax) {
    Cpuid.Leaf l = cpu.cpuid.leaf(cpu, eax, 0);
    return new Field("%08x".formatted(eax), "%08x %08x %08x %08x".formatted(l.eax(), l.ebx(), l.ecx(), l.edx()));
  }

  FieldsView msrs() {
    return new FieldsView("msr", Msrs.table().stream().map(this::msr).toList());
  }

  private Field msr(Msr m) {
    return new Field("%08x %s".formatted(m.number(), m.name()), "0x%016x".formatted(m.read().get(cpu)));
  }
}
