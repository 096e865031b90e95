package dev.trapline.vm.machine;

import dev.trapline.vm.state.StateDiff;
import dev.trapline.vm.state.StateValue;
import dev.trapline.vm.util.Hash;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The whole state of a machine at one moment.
 *
 * @param components the state of each component under its name
 * @param frames contents of every 4 KiB frame that is not all zeros, by page number
 * @param idle how much of each processor's count it was halted
 * @param interrupts taken since the last instruction: with the count it is the place where a next input comes
 */
public record Snapshot(StateValue.Struct components, SortedMap<Integer, byte[]> frames, long[] idle, int interrupts) {
  /** What differs from a later snapshot: registers and device fields by name, memory by frame. */
  public List<StateDiff.Difference> diff(Snapshot later) {
    List<StateDiff.Difference> out = new ArrayList<>(StateDiff.of("", components, later.components));
    TreeSet<Integer> pages = new TreeSet<>(frames.keySet());
    pages.addAll(later.frames.keySet());
    for (int page : pages) {
      String before = digest(frames.get(page));
      String after = digest(later.frames.get(page));
      if (!before.equals(after)) {
        out.add(new StateDiff.Difference(String.format("memory[%#x]", (long) page << 12), before, after));
      }
    }
    return out;
  }

  private static String digest(byte[] frame) {
    return frame == null ? "zeros" : String.format("#%016x", Hash.of(frame));
  }
}
