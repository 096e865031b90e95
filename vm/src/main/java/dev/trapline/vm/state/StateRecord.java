package dev.trapline.vm.state;

/**
 * The state of one component, as a Java record. Components may be {@code boolean}, {@code byte}, {@code short}, {@code int},
 * {@code long}, {@code String}, enums, arrays of {@code boolean}, {@code byte}, {@code int} and {@code long}, state records and lists
 * of state records. Their names and order are the saved form, so changing them means a new {@link #version}.
 */
public interface StateRecord {
  /** Version of the record's layout, counted from 1. */
  default int version() {
    return 1;
  }
}
