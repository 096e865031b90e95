package dev.trapline.vm.state;

/**
 * A component with state of its own. Wiring (who it is connected to) is not state; whatever a guest could tell apart is.
 *
 * @param <S> the record that describes it
 */
public interface Stateful<S extends StateRecord> {
  /** Name of this component within its machine: the key in saves, hashes and diffs. */
  String stateName();

  /** The state now. Taking it changes nothing; arrays in it are copies. */
  S state();

  /** Replaces the state. Keeps no reference to arrays of the record. */
  void state(S state);
}
