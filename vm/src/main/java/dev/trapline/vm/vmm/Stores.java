package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;

/**
 * Hears of every store into a guest's real memory that does not come from the guest's own code on the host's processor: DMA of its devices,
 * emulated instructions, loaders. Tells the guest's tables, and the host, whose processor may have decoded what is overwritten.
 */
final class Stores implements PhysicalMemory.CodeListener {
  private final RealMemory real;
  private final Mmu mmu;
  private final PhysicalMemory host;

  Stores(RealMemory real, Mmu mmu, PhysicalMemory host) {
    this.real = real;
    this.mmu = mmu;
    this.host = host;
  }

  @Override
  public void codeMarked(byte[] frame) {
    // Nothing is remembered of frames here.
  }

  @Override
  public void codeWritten(long pa, int length) {
    long at = real.host(pa);
    if (at >= 0) {
      host.changedBehind(at, length);
    }
    mmu.stored(pa, length);
  }

  @Override
  public boolean holdsCode(long page) {
    return true;
  }
}
