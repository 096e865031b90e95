package dev.trapline.vm.cpu;

/** Who takes over when the processor leaves guest mode: the engine returns from its run right after the exit. */
public interface VmexitSink {
  /** #VMEXIT is complete: the processor stands at the host's next instruction with GIF clear. */
  void exited(long code);
}
