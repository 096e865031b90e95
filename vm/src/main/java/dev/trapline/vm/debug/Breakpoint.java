package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.BreakpointView;

/** A breakpoint or watchpoint in the table. */
final class Breakpoint {
  final int id;
  final Address where;
  final Breakpoints.Options options;
  /** Linear address, or physical if {@link #physical}; fixed when it was set. */
  final long address;
  final boolean physical;
  /** The events waited for; null for addresses. */
  final EventFilter event;
  boolean enabled = true;
  long hits;
  long ignore;

  Breakpoint(int id, Address where, long address, Breakpoints.Options options) {
    this.id = id;
    this.where = where;
    this.address = address;
    this.physical = where instanceof Address.Physical;
    this.event = null;
    this.options = options;
    this.ignore = options.ignore();
  }

  Breakpoint(int id, EventFilter event, Breakpoints.Options options) {
    this.id = id;
    this.where = null;
    this.address = 0;
    this.physical = false;
    this.event = event;
    this.options = options;
    this.ignore = options.ignore();
  }

  boolean exec() {
    return options.kind() == Breakpoints.Kind.EXEC;
  }

  boolean watch() {
    return !exec() && event == null;
  }

  /** Whether an access to {@code bytes} bytes touches the watched range. */
  boolean touches(long linear, long pa, int bytes) {
    long from = physical ? pa : linear;
    return from < address + options.bytes() && from + bytes > address;
  }

  BreakpointView view(Symbols symbols) {
    if (event != null) {
      return new BreakpointView(id, event.kind().word(), event.where(), 0, null, enabled, options.once(), ignore, hits,
          options.condition(), options.name(), options.cpu());
    }
    Symbols.Near near = physical ? null : symbols.near(address);
    return new BreakpointView(id, options.kind().name().toLowerCase(java.util.Locale.ROOT), where.toString(),
        watch() ? options.bytes() : 0, near == null ? null : near.toString(), enabled, options.once(), ignore, hits,
        options.condition(), options.name(), options.cpu());
  }
}
