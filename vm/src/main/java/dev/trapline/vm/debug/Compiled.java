package dev.trapline.vm.debug;

import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** A breakpoint's condition and log template, compiled for one processor. */
final class Compiled {
  /** Names of the event that is looked at come before registers and symbols. */
  private record WithEvent(Names names, EventValues values) implements Names {
    @Override
    public OptionalLong value(String name) {
      LongSupplier own = values.getter(name);
      return own == null ? names.value(name) : OptionalLong.of(own.getAsLong());
    }

    @Override
    public LongSupplier getter(String name) {
      LongSupplier own = values.getter(name);
      return own == null ? names.getter(name) : own;
    }

    @Override
    public long read(long linear, int bytes) {
      return names.read(linear, bytes);
    }

    @Override
    public int pointerBytes() {
      return names.pointerBytes();
    }

    @Override
    public int radix() {
      return names.radix();
    }

    @Override
    public String nearest(String name) {
      return names.nearest(name);
    }
  }

  private final LongSupplier condition;
  private final Template log;

  /**
   * @param values of the event, or null if an event's names mean nothing here
   * @throws BadInput if the condition or a template cannot be
   */
  Compiled(Breakpoints.Options options, Names names, EventValues values) {
    Names all = values == null ? names : new WithEvent(names, values);
    condition = options.condition() == null ? null : Expr.compile(options.condition(), all);
    log = options.reaction().log() == null ? null : new Template(options.reaction().log(), all);
  }

  /** A condition that cannot be evaluated any more (unmapped memory) holds, so that nobody waits for nothing. */
  boolean holds() {
    try {
      return condition == null || condition.getAsLong() != 0;
    } catch (BadInput cannotTell) {
      return true;
    }
  }

  /** The line to print; null if there is no template. */
  String log() {
    return log == null ? null : log.text();
  }
}
