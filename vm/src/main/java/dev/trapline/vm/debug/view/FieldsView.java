package dev.trapline.vm.debug.view;

import java.util.List;

/** Named values under a title: a TSS, a device's state, MSRs, CPUID leaves. */
public record FieldsView(String title, List<Field> fields) {
  public FieldsView {
    fields = List.copyOf(fields);
  }
}
