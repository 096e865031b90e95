package dev.trapline.vm.debug.view;

import java.util.List;

/**
 * A guest's balloon.
 *
 * @param memory bytes of RAM the guest began with
 * @param wanted bytes it was asked to give up
 * @param given bytes it has given up
 * @param hostFree bytes that are nobody's
 * @param statistics what its driver said of its memory last
 */
public record BalloonView(String guest, long memory, long wanted, long given, long hostFree, List<String> statistics) {}
