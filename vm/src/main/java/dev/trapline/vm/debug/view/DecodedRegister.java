package dev.trapline.vm.debug.view;

import java.util.List;

/** A register of bits with the names of those that are set ({@code PG}, {@code IOPL=3}), in falling order of position. */
public record DecodedRegister(String name, long value, List<String> fields) {
  public DecodedRegister {
    fields = List.copyOf(fields);
  }
}
