package dev.trapline.vm.isa.asm;

import java.util.List;

/**
 * A source line as tokens.
 *
 * @param at the line the user wrote: the call, for lines out of a macro
 * @param context what to add to messages: the macro and its line, or empty
 */
record Line(List<Token> tokens, SourceLine at, String context) {
  String message(String what) {
    return at + ": " + what + (context.isEmpty() ? "" : " (" + context + ")");
  }

  Line with(List<Token> other) {
    return new Line(other, at, context);
  }
}
