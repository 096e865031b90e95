package dev.trapline.vm.bus;

/** Takes message-signalled interrupts: a write of {@code data} to an address FEExxxxxh, which memory never sees. */
@FunctionalInterface
public interface MessageSink {
  void message(long address, int data);
}
