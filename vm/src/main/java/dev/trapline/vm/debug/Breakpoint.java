package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.event.EventKind;
import java.util.Locale;

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
  /** A one-shot point that has had its hit. */
  boolean spent;
  long ignore;
  /** The condition and the log template, made for each processor when they are first needed. */
  Compiled[] compiled = {};

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

  /** Whether it stands before instructions of a name. */
  boolean named() {
    return event != null && event.kind() == EventKind.INSN;
  }

  boolean watch() {
    return !exec() && event == null;
  }

  /** Whether an access to {@code bytes} bytes touches the watched range. */
  boolean touches(long linear, long pa, int bytes) {
    long from = physical ? pa : linear;
    return from < address + options.bytes() && from + bytes > address;
  }

  BreakpointView view(Symbols symbols, boolean active) {
    Symbols.Near near = physical || event != null ? null : symbols.near(address);
    String kind = event != null ? event.kind().word() : options.kind().name().toLowerCase(Locale.ROOT);
    Reaction r = options.reaction();
    return new BreakpointView(id, kind, event != null ? event.where() : where.toString(), watch() ? options.bytes() : 0,
        near == null ? null : near.toString(), enabled, options.once(), ignore, hits, options.condition(), options.name(), options.cpu(),
        r.handler() != null ? "handler" : r.stops() ? "break" : "trace", options.scope().toString(), r.hits() == null ? null : r.hits().toString(),
        r.log(), r.command(), r.silent(), r.before(), r.group(), active);
  }
}
