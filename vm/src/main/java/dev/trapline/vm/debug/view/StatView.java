package dev.trapline.vm.debug.view;

/**
 * Exits of one reason in a stretch of time, as a profiler of a hypervisor counts them.
 *
 * @param samples how many
 * @param samplesShare of all exits, in percent
 * @param timeShare of all modelled cycles of exits, in percent
 * @param cycles modelled cycles of them all
 * @param least of the cheapest since the start of the guest, likewise the dearest
 */
public record StatView(String reason, long samples, double samplesShare, double timeShare, long cycles, long least, long most, long average,
    String meaning) {}
