package dev.trapline.vm.device.virtio;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Names of feature bits (Virtio 1.2: 5.1.3, 5.2.3, 5.3.3, 5.5.3 of the devices, 6 of all), without the prefix VIRTIO_. */
public final class VirtioFeatures {
  private static final Map<Integer, String> ALL = Map.of(28, "INDIRECT_DESC", 29, "EVENT_IDX", 32, "VERSION_1", 33, "ACCESS_PLATFORM",
      34, "RING_PACKED", 35, "IN_ORDER", 36, "ORDER_PLATFORM", 37, "SR_IOV", 38, "NOTIFICATION_DATA", 40, "RING_RESET");
  private static final Map<Integer, Map<Integer, String>> OF_DEVICE = Map.of(
      1, Map.of(0, "CSUM", 1, "GUEST_CSUM", 3, "MTU", 5, "MAC", 15, "MRG_RXBUF", 16, "STATUS", 17, "CTRL_VQ", 22, "MQ"),
      2, Map.of(1, "SIZE_MAX", 2, "SEG_MAX", 4, "GEOMETRY", 5, "RO", 6, "BLK_SIZE", 9, "FLUSH", 10, "TOPOLOGY", 12, "MQ", 13, "DISCARD",
          14, "WRITE_ZEROES"),
      3, Map.of(0, "SIZE", 1, "MULTIPORT", 2, "EMERG_WRITE"),
      5, Map.of(0, "MUST_TELL_HOST", 1, "STATS_VQ", 2, "DEFLATE_ON_OOM"));

  private VirtioFeatures() {}

  /** Names of the bits that are set, ascending; {@code bit N} for one without a name here. */
  public static List<String> names(int device, long bits) {
    var out = new ArrayList<String>();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((bits >>> i & 1) != 0) {
        String name = OF_DEVICE.getOrDefault(device, Map.of()).get(i);
        out.add(name != null ? name : ALL.getOrDefault(i, "bit " + i));
      }
    }
    return out;
  }
}
