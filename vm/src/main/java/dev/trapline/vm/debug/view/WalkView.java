package dev.trapline.vm.debug.view;

import java.util.List;

/**
 * A page walk, with every step and the combined rights.
 *
 * @param format {@code off}, {@code 2-level}, {@code PAE}, {@code 4-level}
 * @param mapped whether the walk reached a page
 * @param physical physical address of the byte; meaningless if not mapped
 * @param pageBytes page size
 * @param rights such as {@code rwx user}
 * @param faults one line for each kind of access that faults: {@code user write: #PF error 0x7 (P W U)}
 * @param region name of what stands at the physical address, or null
 */
public record WalkView(long linear, String format, long root, List<WalkStep> steps, boolean mapped, long physical, long pageBytes,
    String rights, List<String> faults, String region) {
  public WalkView {
    steps = List.copyOf(steps);
    faults = List.copyOf(faults);
  }
}
