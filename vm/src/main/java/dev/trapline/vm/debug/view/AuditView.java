package dev.trapline.vm.debug.view;

/**
 * One invariant of a guest's tables, looked at just now.
 *
 * @param claim what must hold, in words
 * @param violations how often it does not, counted up to a bound
 * @param first the first of them: place and values; empty if there is none
 */
public record AuditView(String invariant, String claim, int violations, String first) {}
