package dev.trapline.shell.script;

/**
 * What became of a {@code check} of a script.
 *
 * @param error null if it held
 * @param milliseconds of the host's clock that it took
 */
public record Claim(String name, String error, int milliseconds) {
  public boolean held() {
    return error == null;
  }
}
