package dev.trapline.shell;

import dev.trapline.shell.render.Style;

/** {@code --color}. */
enum ColorMode {
  AUTO, ALWAYS, NEVER;

  /**
   * The style to use.
   *
   * @param terminal whether output goes to a terminal
   * @param noColor the environment variable NO_COLOR, or null
   */
  Style style(boolean terminal, String noColor) {
    boolean colour = switch (this) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> terminal && (noColor == null || noColor.isEmpty());
    };
    return colour ? Style.COLOUR : Style.PLAIN;
  }
}
