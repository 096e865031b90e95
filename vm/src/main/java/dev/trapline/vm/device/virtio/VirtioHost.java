package dev.trapline.vm.device.virtio;

import dev.trapline.vm.bus.MessageSink;
import dev.trapline.vm.bus.Scheduler;

/**
 * What a virtio device stands on.
 *
 * @param perSecond instructions in a second of virtual time
 * @param messages takes message-signalled interrupts
 */
public record VirtioHost(Scheduler scheduler, long perSecond, GuestMemory memory, MessageSink messages) {}
