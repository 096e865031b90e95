package dev.trapline.vm.debug;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Groups of breakpoints that are switched together. A group of the name {@code boot/disk} is part of {@code boot}. {@link #push} puts a
 * group in front of all others until {@link #pop}; points without a group are always on.
 */
public final class PointGroups {
  private record State(Set<String> off, String only) {}

  private final Deque<State> stack = new ArrayDeque<>();
  private final Runnable changed;
  private Set<String> off = new HashSet<>();
  private String only;

  PointGroups(Runnable changed) {
    this.changed = changed;
  }

  /** Whether points of a group are on; null for those without one. */
  boolean active(String group) {
    boolean among = only == null || group == null || within(group, only);
    return among && (group == null || off.stream().noneMatch(o -> within(group, o)));
  }

  private static boolean within(String group, String outer) {
    return group.equals(outer) || group.startsWith(outer + "/");
  }

  /** Switches a group. */
  public void turn(String group, boolean on) {
    if (on) {
      off.remove(group);
    } else {
      off.add(group);
    }
    changed.run();
  }

  /** From now on only this group's points, and those without one, are on. */
  public void push(String group) {
    stack.push(new State(new HashSet<>(off), only));
    only = group;
    off.remove(group);
    changed.run();
  }

  /** As before the last {@link #push}. @throws BadInput if there was none */
  public void pop() {
    if (stack.isEmpty()) {
      throw new BadInput("group pop: nothing was pushed");
    }
    State s = stack.pop();
    off = s.off();
    only = s.only();
    changed.run();
  }

  /** How many pushes are not popped. */
  public int depth() {
    return stack.size();
  }

  /** The group in front; null for all. */
  public String front() {
    return only;
  }

  /** Those switched off. */
  public List<String> off() {
    return List.copyOf(new TreeSet<>(off));
  }
}
