package dev.trapline.vm.device.virtio;

import dev.trapline.vm.bus.MmioDevice;

/** The common configuration structure (Virtio 1.2, 4.1.4.3). Accesses of any width reach the fields they touch. */
final class CommonConfig implements MmioDevice {
  static final int LENGTH = 56;

  /** A field: where it is and how wide. Addresses of queues are two fields each. */
  private enum Field {
    FEATURE_SELECT(0, 4), FEATURE(4, 4), DRIVER_FEATURE_SELECT(8, 4), DRIVER_FEATURE(12, 4), CONFIG_VECTOR(16, 2), QUEUES(18, 2),
    STATUS(20, 1), GENERATION(21, 1), QUEUE_SELECT(22, 2), QUEUE_SIZE(24, 2), QUEUE_VECTOR(26, 2), QUEUE_ENABLE(28, 2),
    NOTIFY_OFFSET(30, 2), DESCRIPTORS(32, 8), DRIVER_RING(40, 8), DEVICE_RING(48, 8);

    final int offset;
    final int bytes;

    Field(int offset, int bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }

    boolean touches(long from, int length) {
      return from < offset + bytes && offset < from + length;
    }
  }

  private final VirtioDevice<?> device;

  CommonConfig(VirtioDevice<?> device) {
    this.device = device;
  }

  private byte[] image() {
    byte[] image = new byte[LENGTH + 8];
    for (Field f : Field.values()) {
      Bytes.put(image, f.offset, f.bytes, get(f));
    }
    return image;
  }

  @Override
  public long load(long offset, int bytes) {
    return offset >= LENGTH ? 0 : Bytes.get(image(), (int) offset, bytes);
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (offset >= LENGTH) {
      return;
    }
    byte[] image = image();
    Bytes.put(image, (int) offset, bytes, value);
    for (Field f : Field.values()) {
      if (f.touches(offset, bytes)) {
        set(f, Bytes.get(image, f.offset, f.bytes));
      }
    }
  }

  private long get(Field f) {
    Virtqueue q = device.selected();
    return switch (f) {
      case FEATURE_SELECT -> device.featureSelect;
      case FEATURE -> device.offeredFeatures();
      case DRIVER_FEATURE_SELECT -> device.driverFeatureSelect;
      case DRIVER_FEATURE -> device.driverFeatures();
      case CONFIG_VECTOR -> device.configVector;
      case QUEUE_VECTOR -> q == null ? VirtioDevice.NO_VECTOR : q.vector;
      case QUEUES -> device.queueCount();
      case STATUS -> device.status();
      case GENERATION -> 0;
      case QUEUE_SELECT -> device.queueSelect;
      case QUEUE_SIZE -> q == null ? 0 : q.size;
      case QUEUE_ENABLE -> q != null && q.enabled ? 1 : 0;
      case NOTIFY_OFFSET -> q == null ? 0 : device.queueSelect;
      case DESCRIPTORS -> q == null ? 0 : q.descriptors;
      case DRIVER_RING -> q == null ? 0 : q.driver;
      case DEVICE_RING -> q == null ? 0 : q.device;
    };
  }

  private void set(Field f, long value) {
    switch (f) {
      case FEATURE_SELECT -> device.featureSelect = (int) value;
      case DRIVER_FEATURE_SELECT -> device.driverFeatureSelect = (int) value;
      case DRIVER_FEATURE -> device.driverFeatures((int) value);
      case STATUS -> device.status((int) value);
      case QUEUE_SELECT -> device.queueSelect = (int) value;
      case CONFIG_VECTOR -> device.configVector = device.vector((int) value);
      case FEATURE, QUEUES, GENERATION, NOTIFY_OFFSET -> { /* Read-only. */ }
      default -> {
        if (device.selected() != null) {
          queue(device.selected(), f, value);
        }
      }
    }
  }

  private void queue(Virtqueue q, Field f, long value) {
    if (f == Field.QUEUE_VECTOR) {
      q.vector = device.vector((int) value);
      return;
    }
    if (q.enabled) {
      throw new Malformed("queue changed while enabled");
    }
    switch (f) {
      case QUEUE_SIZE -> q.size((int) value);
      case QUEUE_ENABLE -> q.enable((int) value);
      case DESCRIPTORS -> q.descriptors = value;
      case DRIVER_RING -> q.driver = value;
      default -> q.device = value;
    }
  }
}
