package dev.trapline.vm.debug.view;

/**
 * A guest of the monitor.
 *
 * @param memory bytes of its RAM
 * @param cap percent of a processor, 0 for none
 * @param state running, ready, waiting, broken, or how it ended
 * @param ran instructions of the host's time its processors had
 * @param waited how long they were ready and had none
 * @param current whether it is the one that was asked, which commands are about
 */
public record GuestView(int id, String name, String technique, String paging, long memory, int processors, int weight, int cap, String state,
    long ran, long waited, long exits, boolean current) {}
