package dev.trapline.shell.command.points;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.PointGroups;
import dev.trapline.vm.debug.view.BreakpointView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code group}. */
@Command(name = "group", description = "Switch breakpoints and traces together: group on|off|push NAME, group pop, group",
    footerHeading = "Examples:%n", footer = {
        "  group                     the groups, and how many points each has",
        "  group off boot            those set with --group boot, and those of boot/disk, are off",
        "  group on boot             and on again",
        "  group push probe          from now on only these, and those without a group, are on",
        "  group pop                 as before the last push; fails when nothing was pushed"})
public final class GroupCommand extends Listing {
  @Parameters(arity = "0..2", paramLabel = "WHAT", description = "on, off, push or pop; and a name")
  private List<String> words = List.of();

  @Override
  public Object run(Shell shell) {
    PointGroups groups = shell.session().breakpoints().groups();
    if (words.isEmpty()) {
      return lines(shell, groups);
    }
    String what = words.getFirst();
    if (what.equals("pop") && words.size() == 1) {
      groups.pop();
      return null;
    }
    if (!List.of("on", "off", "push").contains(what) || words.size() != 2) {
      throw new BadInput("group " + String.join(" ", words) + ": on, off or push and a name is expected, or pop");
    }
    if (what.equals("push")) {
      groups.push(words.get(1));
    } else {
      groups.turn(words.get(1), what.equals("on"));
    }
    return null;
  }

  private static List<String> lines(Shell shell, PointGroups groups) {
    List<BreakpointView> points = shell.session().breakpoints().list();
    var out = new ArrayList<String>();
    points.stream().map(BreakpointView::group).filter(Objects::nonNull).distinct().sorted().forEach(name -> {
      long all = points.stream().filter(b -> name.equals(b.group())).count();
      long active = points.stream().filter(b -> name.equals(b.group()) && b.active()).count();
      out.add("%s: %d points, %s".formatted(name, all, active == 0 ? "off" : "on"));
    });
    if (groups.front() != null) {
      out.add("in front: %s, %d deep".formatted(groups.front(), groups.depth()));
    }
    return out;
  }
}
