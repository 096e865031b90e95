package dev.trapline.vm.debug.view;

/** A named value with a remark (empty if there is nothing to say). */
public record Field(String name, String value, String note) {
  public Field(String name, String value) {
    this(name, value, "");
  }

  /** A value in hexadecimal. */
  public static Field hex(String name, long value, String note) {
    return new Field(name, "0x" + Long.toHexString(value), note);
  }
}
