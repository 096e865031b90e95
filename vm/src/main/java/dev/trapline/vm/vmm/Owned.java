package dev.trapline.vm.vmm;

import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.svm.VmcbField;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of a VMCB is the monitor's own: what the hardware has to find there at every entry, whatever the guest does. With another value in
 * one of these fields the guest might reach what is not its, or not be left when it must be.
 *
 * @param fields with the values they have to have
 * @param intercepts exit codes whose intercepts have to be on; others may be
 */
record Owned(List<Field> fields, Set<Integer> intercepts) {
  /** The bits of a mask in a field. */
  record Field(VmcbField field, long mask, long value) {
    static Field of(VmcbField field, long value) {
      return new Field(field, -1, value);
    }
  }

  Owned and(Owned more) {
    List<Field> all = new ArrayList<>(fields);
    all.addAll(more.fields);
    Set<Integer> codes = new TreeSet<>(intercepts);
    codes.addAll(more.intercepts);
    return new Owned(all, codes);
  }

  void write(byte[] vmcb) {
    for (Field f : fields) {
      f.field.set(vmcb, f.field.get(vmcb) & ~f.mask | f.value);
    }
    intercepts.forEach(code -> Vmcb.intercept(vmcb, code, true));
  }

  /** What a VMCB has otherwise, one line. */
  Optional<String> difference(byte[] vmcb) {
    for (Field f : fields) {
      long found = f.field.get(vmcb) & f.mask;
      if (found != f.value) {
        return Optional.of(String.format("%s is %x, the monitor's %x", f.field.name(), found, f.value));
      }
    }
    return intercepts.stream().filter(code -> !Vmcb.intercepts(vmcb, code)).findFirst()
        .map(code -> "the intercept of " + ExitCode.name(code) + " is off");
  }
}
