package dev.trapline.vm.debug;

import java.util.List;

/**
 * How a monitor runs a guest.
 *
 * @param technique how its code runs, one of {@link #TECHNIQUES}
 * @param paging how its memory is mapped, one of {@link #PAGING}
 */
public record Virtual(String technique, String paging) {
  public static final List<String> TECHNIQUES = List.of("hvm", "trap");
  public static final List<String> PAGING = List.of("shadow", "nested");

  /** @throws BadInput if there is no such technique or paging */
  public Virtual {
    if (!TECHNIQUES.contains(technique)) {
      throw new BadInput("--technique " + technique + ": one of " + String.join(", ", TECHNIQUES) + " expected");
    }
    if (!PAGING.contains(paging)) {
      throw new BadInput("--paging " + paging + ": one of " + String.join(", ", PAGING) + " expected");
    }
  }
}
