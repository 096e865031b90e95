package dev.trapline.shell.script;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.EventHandler;
import dev.trapline.vm.debug.Verdict;
import groovy.lang.Closure;

/** Makes closures handlers of events: the answer is what {@code stop()}, {@code skip()} and the like said last, wherever they stand. */
final class Answers {
  private Verdict said;
  private boolean asked;

  /** A handler that asks a closure. */
  EventHandler handler(Closure<?> closure) {
    return event -> {
      asked = true;
      said = null;
      try {
        closure.call(event);
        return said == null ? Verdict.goOn() : said;
      } finally {
        asked = false;
      }
    };
  }

  /** A handler that stops where a closure holds. */
  EventHandler condition(Closure<?> closure) {
    return event -> {
      asked = true;
      try {
        Object holds = closure.call(event);
        return holds != null && !Boolean.FALSE.equals(holds) ? Verdict.stop() : Verdict.goOn();
      } finally {
        asked = false;
      }
    };
  }

  /** Whether a handler is being asked: the machine is in the middle of something. */
  boolean asked() {
    return asked;
  }

  Verdict say(Verdict v) {
    if (!asked) {
      throw new BadInput("stop(), skip(), emulate(), inject() and cont() are answers of a handler: on('exit npf') { e -> stop() }");
    }
    said = v;
    return v;
  }
}
