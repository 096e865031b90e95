package dev.trapline.vm.state;

/**
 * A component with so much state that taking it apart for every hash would be slow: it keeps a digest up to date instead. A machine's hash
 * takes the digest in place of the state.
 */
public interface Digested {
  /** A 64-bit hash of the state: equal for equal states in every run and JVM. Costs what has changed since it was last taken. */
  long digest();
}
