package dev.trapline.shell.script;

import dev.trapline.vm.debug.GuestGroup;
import dev.trapline.vm.debug.MonitorViews;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.view.ExitView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.GuestView;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A guest among several. */
public final class GroupGuest {
  private final String name;
  private final GuestGroup group;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  GroupGuest(String name, GuestGroup group, Scripting scripting) {
    this.name = name;
    this.group = group;
    group.session(name).onConsole(printed::write);
  }

  private MonitorViews views() {
    return group.session(name).monitor();
  }

  /** Its name. */
  public String getName() {
    return name;
  }

  /** How it ended: {@code powered off}, {@code exit 33}; empty while it lives. */
  public String getEnd() {
    return group.end(name);
  }

  /** Whether it ended by its own will. */
  public boolean isEndedWell() {
    Stop last = group.session(name).last();
    return last instanceof Stop.Off || last instanceof Stop.Exit;
  }

  /** What it printed on its first serial port. */
  public String getText() {
    return printed.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  /** The same in lines. */
  public List<String> getLines() {
    return getText().lines().toList();
  }

  /** What the monitor knows of it: {@code technique paging memory weight cap state ran waited exits}. */
  public GuestView getView() {
    return views().guests().stream().filter(g -> g.name().equals(name)).findFirst().orElseThrow();
  }

  /** Exits by reason, the most frequent first. */
  public List<ExitView> getExits() {
    return views().exits();
  }

  /** Modelled cycles that are not its progress, by kind. */
  public Map<String, Long> getOverheads() {
    return views().overheadCycles();
  }

  /** What shadow paging had to do. */
  public FieldsView getShadow() {
    return views().shadow();
  }

  @Override
  public String toString() {
    return "guest " + name + (getEnd().isEmpty() ? "" : ": " + getEnd());
  }
}
