package dev.trapline.vm.device.virtio;

import dev.trapline.vm.state.StateRecord;

/**
 * A source of random bytes (Virtio 1.2, 5.4) that gives the same ones in every run of the same configuration: SplitMix64 (Steele, Lea
 * and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). Nothing a guest makes of them is secret.
 */
public final class VirtioEntropy extends VirtioDevice<VirtioEntropy.State> {
  /** The generator's state, 64 bits. */
  public record State(Core core, long generator) implements StateRecord {}

  private static final int ID = 4;
  private static final int CLASS = 0x00ff00;
  private static final long GAMMA = 0x9e3779b97f4a7c15L;
  /** The most bytes given for one request. */
  private static final int MOST = 1 << 16;

  private final long seed;
  private long generator;

  /**
   * @param seed decides all bytes
   */
  public VirtioEntropy(String name, VirtioHost host, long seed) {
    super(name, host, ID, CLASS, 0, 1);
    this.seed = seed;
    this.generator = seed;
  }

  @Override
  protected byte[] deviceConfig() {
    return new byte[0];
  }

  @Override
  long handle(int queue, Chain chain) {
    if (chain.readableBytes() > 0) {
      throw new Malformed("entropy request");
    }
    byte[] bytes = new byte[(int) Math.min(MOST, chain.writableBytes())];
    for (int at = 0; at < bytes.length; at += 8) {
      Bytes.put(bytes, at, Math.min(8, bytes.length - at), next());
    }
    return chain.write(0, bytes, 0, bytes.length);
  }

  private long next() {
    generator += GAMMA;
    long z = (generator ^ generator >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  @Override
  protected void powerOn() {
    super.powerOn();
    generator = seed;
  }

  @Override
  public State state() {
    return new State(core(), generator);
  }

  @Override
  public void state(State s) {
    core(s.core);
    generator = s.generator;
  }
}
