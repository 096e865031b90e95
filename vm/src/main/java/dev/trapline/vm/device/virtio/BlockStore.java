package dev.trapline.vm.device.virtio;

/** What a virtio disk keeps its bytes in. */
public interface BlockStore {
  int SECTOR = 512;

  /** Whole sectors of 512 bytes. */
  long sectors();

  boolean readOnly();

  /** Copies bytes out; false if the host cannot. */
  boolean read(long at, byte[] to, int from, int n);

  /** Writes bytes; false if the host cannot. */
  boolean write(long at, byte[] bytes, int from, int n);
}
