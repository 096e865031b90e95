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
  boolean enabled = true;
  long hits;
  long ignore;

  Breakpoint(int id, Address where, long address, Breakpoints.Options options) {
    this.id = id;
    this.where = where;
    this.address = address;
    this.physical = where instanceof Address.Physical;
    this.options = options;
    this.ignore = options.ignore();
  }

  boolean watch() {
    return options.kind() != Breakpoints.Kind.EXEC;
  }

  /** Whether an access to {@code bytes} bytes touches the watched range. */
  boolean touches(long linear, long pa, int bytes) {
    long from = physical ? pa : linear;
    return from < address + options.bytes() && from + bytes > address;
  }

  BreakpointView view(Symbols symbols) {
    Symbols.Near near = physical ? null : symbols.near(address);
    return new BreakpointView(id, options.kind().name().toLowerCase(java.util.Locale.ROOT), where.toString(),
        watch() ? options.bytes() : 0, near == null ? null : near.toString(), enabled, options.once(), ignore, hits,
        options.condition(), options.name());
  }
}
