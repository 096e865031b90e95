package dev.trapline.vm.debug.view;

import java.util.List;

/**
 * Every register a person asks for first.
 *
 * @param mode {@code real16}, {@code v86}, {@code prot16}, {@code prot32}, {@code compat16}, {@code compat32}, {@code long64}
 * @param bits width of the general registers shown: 16-bit modes show 32
 * @param count instructions retired
 */
public record RegistersView(String mode, int cpl, int bits, long count, List<Register> general, Register ip, DecodedRegister flags,
    List<SegmentView> segments, List<TableRegister> tables, List<DecodedRegister> control, List<Register> debug,
    List<Vector128> vectors) {
  public RegistersView {
    general = List.copyOf(general);
    segments = List.copyOf(segments);
    tables = List.copyOf(tables);
    control = List.copyOf(control);
    debug = List.copyOf(debug);
    vectors = List.copyOf(vectors);
  }
}
